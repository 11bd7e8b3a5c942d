"""Bars of weights as small inline SVG: positions in per cent, so that one drawing fits every width."""

from __future__ import annotations

from markupsafe import Markup

from finexl.report.figures import Scale, clean, number, signed, title, weight_interval
from finexl.types import ConceptScore

_BAR = Markup(
    '<svg class="bar" width="100%" height="26" role="img" aria-label="{text}" focusable="false">'
    "<title>{text}</title>{grid}"
    '<rect class="{sign}" x="{left}" width="{width}" y="6" height="14" rx="2" fill="{colour}"/>'
    '<g class="halo" stroke="none" fill="none">{whisker}</g>'
    '<g class="whisker" stroke="currentColor" stroke-width="1.5">{whisker}</g></svg>'
)
_WHISKER = Markup(
    '<line x1="{low}" x2="{high}" y1="13" y2="13"/>'
    '<line x1="{low}" x2="{low}" y1="9" y2="17"/><line x1="{high}" x2="{high}" y1="9" y2="17"/>'
)
_GRID = Markup(
    '<line class="{kind}" x1="{x}" x2="{x}" y1="-60" y2="86" stroke="currentColor" stroke-opacity="{opacity}"/>'
)
_TICK = Markup('<text x="{x}" y="12" text-anchor="{anchor}">{label}</text>')
_AXIS = Markup(
    '<svg class="axis" width="100%" height="16" aria-hidden="true" focusable="false">{ticks}</svg>'
)

COLOURS = {"more": "#2f7f9e", "less": "#c0632f"}


def bar(score: ConceptScore, scale: Scale) -> Markup:
    """One concept's weight from the zero axis, with the whiskers of its interval and a tooltip."""
    start, end = sorted((scale.at(0.0), scale.at(score.weight)))
    sign = "less" if score.weight < 0 else "more"
    grid = Markup("").join(
        _GRID.format(
            kind="zero" if tick == 0 else "grid",
            x=_part(scale.at(tick)),
            opacity="0.7" if tick == 0 else "0.12",
        )
        for tick in scale.ticks
    )
    whisker = _WHISKER.format(low=_part(scale.at(score.low)), high=_part(scale.at(score.high)))
    text = clean(f"{title(score)}: weight {signed(score.weight)} {weight_interval(score)} concept vectors")
    return _BAR.format(
        text=text,
        grid=grid,
        sign=sign,
        left=_part(start),
        width=_part(end - start),
        colour=COLOURS[sign],
        whisker=whisker,
    )


def axis(scale: Scale) -> Markup:
    """The labels under the bars."""
    ticks = Markup("").join(
        _TICK.format(x=_part(scale.at(tick)), anchor=_anchor(scale.at(tick)), label=_label(tick))
        for tick in scale.ticks
    )
    return _AXIS.format(ticks=ticks)


def _part(fraction: float) -> str:
    return f"{100 * fraction:.2f}%"


def _anchor(fraction: float) -> str:
    return "start" if fraction < 0.06 else "end" if fraction > 0.94 else "middle"


def _label(tick: float) -> str:
    return "0" if tick == 0 else ("+" if tick > 0 else "") + number(tick)

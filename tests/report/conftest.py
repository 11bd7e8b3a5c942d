"""Explanations built by hand: no model, no images but those a test asks for."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from PIL import Image

from finexl.types import (
    Advice,
    ConceptScore,
    Curve,
    Effect,
    Explanation,
    FamilyMember,
    Interval,
    Origin,
    PairRef,
    Proposals,
    Proposed,
    Provenance,
    Rejected,
    Response,
    Trigger,
    Usage,
)

NASTY = '<script>alert("x")</script>\'\n"| `code` [a](http://evil.example) \x1b[31mred\x07 [bold]x[/bold] \u202eflip \x00'


def provenance(**changes):
    values = {
        "base": "images/base",
        "personalized": "images/lora",
        "images_sha256": "5e88" * 16,
        "encoder": "builtin",
        "encoder_sha256": "0a1b" * 16,
        "proposer": "vocabulary",
        "vocabulary": "77ab" * 16,
        "n_candidates": 312,
        "method": "finexl",
        "max_concepts": 8,
        "confidence": 0.95,
        "seed": 0,
        "templates": ("an image, {}", "a {} image"),
        "finexl_version": "0.1.0",
    }
    return Provenance(**(values | changes))


def ref(index, score=0.5, name=None, **paths):
    return PairRef(index=index, name=name or f"probe {index}", score=score, **paths)


def concept(name="watercolour", weight=0.81, low=0.70, high=0.92, share=0.61, **more):
    values = {"aspect": "medium", "definition": "Looks painted with water paint."}
    return ConceptScore(concept=name, weight=weight, low=low, high=high, share=share, **(values | more))


def explanation(**changes):
    values = {
        "summary": "The personalized images show strongly more “watercolour” (+0.81) and less “sharp” (-0.62).",
        "concepts": [
            concept(family=(FamilyMember(concept="ink wash", overlap=0.71),), examples=(ref(0), ref(1))),
            concept(
                "sharp",
                -0.62,
                -0.80,
                -0.44,
                0.25,
                aspect="focus",
                opposite="soft focus",
                examples=(ref(1, -0.9),),
            ),
            concept("high contrast black and white", 0.31, -0.04, 0.56, 0.14, aspect="composition"),
        ],
        "residual": Interval(value=0.31, low=0.22, high=0.40),
        "length": Interval(value=0.2143, low=0.19, high=0.2412),
        "p_value": 0.0005,
        "n_pairs": 48,
        "paired": True,
        "residual_pairs": (ref(0, 0.3), ref(2, 0.2)),
        "advice": Advice(
            half_width=0.3, target=0.1, pairs=156, text="About 156 pairs would bring it to ±0.10."
        ),
        "notes": ("An animated file was read as its first frame.",),
        "provenance": provenance(),
        "timings": {"embedding": 1.25},
    }
    return Explanation(**(values | changes))


def effect(cause, *concepts, summary="No difference was found.", p_value=0.002):
    span = Interval(value=0.12, low=0.1, high=0.14)
    return Effect(cause=cause, summary=summary, concepts=concepts, length=span, p_value=p_value)


def response(name="watercolour"):
    def at(*values):
        return tuple(Interval(value=v, low=v - 0.01, high=v + 0.01) for v in values)

    return Response(
        strengths=(0.0, 0.5, 1.0),
        curves=(Curve(concept=name, weights=at(0.0, 0.41, 0.81)),),
        lengths=at(0.0, 0.1, 0.2),
        residuals=at(1.0, 0.3, 0.31),
        recommended=(0.5, 1.0),
        text=f"“{name}” shows from strength 0.5.",
    )


def triggered():
    return explanation(
        trigger=Trigger(text="zyx style", source="modelspec.trigger_phrase"),
        effects=(effect("weights", p_value=0.4), effect("both", concept())),
        response=response(),
    )


def rejected(name="dreamlike", proposer="openai:gpt-4o", reason="nothing new"):
    return Rejected(
        concept=name,
        aspect="mood",
        origin=Origin(proposer=proposer, asked=6, named=2, direction=-1),
        effect=Interval(value=0.21, low=-0.05, high=0.47),
        gain=Interval(value=0.013, low=-0.02, high=0.046),
        p_value=0.31,
        reason=reason,
    )


def usage(**changes):
    values = {"calls": 5, "cached": 1, "failed": 1, "tokens_in": 41230, "tokens_out": 987, "cost": 0.1129}
    return Usage(**(values | {"failures": ("openai:gpt-4o: quota exhausted.",)} | changes))


def proposed():
    """An explanation to which a vision-language model had something to say."""
    origin = Origin(proposer="openai:gpt-4o", asked=6, named=5, direction=1)
    return explanation(
        concepts=[concept(origin=origin), concept("sharp", -0.62, -0.80, -0.44, 0.25)],
        rejected=(rejected(), rejected("foggy", reason="too few pairs").model_copy(update={"gain": None})),
        usage=usage(),
        provenance=provenance(proposer="openai:gpt-4o+vocabulary", rounds=2),
        timings={"embedding": 1.25, "proposals": 12.34},
    )


def everything():
    """An explanation with every table there is."""
    with_trigger = triggered()
    fields = ("trigger", "effects", "response")
    return proposed().model_copy(update={name: getattr(with_trigger, name) for name in fields})


def proposals(word="dreamlike", text="None of 1 proposed word is in the explanation.", **changes):
    found = rejected(word, text)
    fields = found.model_dump(include={"concept", "aspect", "origin", "effect", "gain", "p_value"})
    values = {"summary": text, "proposer": text, "words": (Proposed(**fields, verdict="nothing new"),)}
    figures = {
        "n_pairs": 20,
        "n_held": 10,
        "confidence": 0.95,
        "usage": usage(failures=(text,)),
        "notes": (text,),
    }
    return Proposals(**(values | figures | {"timings": {"proposals": 12.34}} | changes))


def nasty():
    """Every field that holds text from outside holds something that HTML, Markdown or a terminal would obey."""
    refs = (ref(0, name=NASTY, base=NASTY, personalized=NASTY),)
    family = (FamilyMember(concept=NASTY, overlap=0.5),)
    word = {"aspect": NASTY, "definition": NASTY, "opposite": NASTY, "family": family, "examples": refs}
    word["origin"] = Origin(proposer=NASTY)
    texts = (
        "base",
        "personalized",
        "images_sha256",
        "encoder",
        "encoder_sha256",
        "proposer",
        "vocabulary",
        "method",
    )
    return explanation(
        summary=NASTY,
        trigger=Trigger(text=NASTY, source=NASTY),
        effects=(effect("weights", concept(NASTY, **word)), effect("trigger", summary=NASTY)),
        response=response(NASTY),
        concepts=[concept(NASTY, **word), concept(NASTY, -0.5, -0.6, -0.4, 0.3, **word)],
        rejected=(rejected(NASTY, NASTY), rejected(NASTY, NASTY)),
        usage=usage(failures=(NASTY,)),
        residual_pairs=refs,
        notes=(NASTY,),
        advice=Advice(half_width=0.1, target=0.1, pairs=10, text=NASTY),
        provenance=provenance(**dict.fromkeys((*texts, "finexl_version"), NASTY), templates=(NASTY,)),
    )


def no_difference():
    return explanation(
        summary="No difference was found between the two sets of images.",
        concepts=[],
        residual=None,
        residual_pairs=(),
        p_value=0.4,
    )


def undescribed():
    return no_difference().model_copy(update={"p_value": 0.01, "summary": "The two sets of images differ."})


@pytest.fixture
def build():
    """The builders above, as one namespace: build.explanation(...), build.nasty(), ..."""

    class Build:
        pass

    functions = (concept, everything, explanation, nasty, no_difference, proposals, proposed, provenance, ref)
    for function in (*functions, triggered, undescribed):
        setattr(Build, function.__name__, staticmethod(function))
    Build.NASTY = NASTY
    return Build


@pytest.fixture
def picture_files(tmp_path):
    """picture_files(n): PairRef paths of n pairs of real pictures with detail of their own."""

    def make(n, size=(300, 200)):
        places = []
        for i in range(n):
            paths = {}
            for side in ("base", "personalized"):
                path = tmp_path / f"{side}-{i}.png"
                Image.effect_noise(size, 40 + i).convert("RGB").save(path)
                paths[side] = str(path)
            places.append(paths)
        return places

    return make


VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """A page taken apart: tags with their attributes, the text, and whether every element is closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(html)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in <{tag}>"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture
def parse():
    return Page

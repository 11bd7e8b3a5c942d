"""How many pairs to go on to: as many as the intervals need, approached in steps that can be trusted."""

from __future__ import annotations

import math

from finexl.errors import InputError


def next_total(n: int, half_width: float, precision: float, maximum: int) -> int:
    """Number of pairs to have next, so that intervals of this half-width shrink to `precision`.

    Half-widths shrink as 1 / sqrt(n), so n (half_width / precision)^2 pairs are needed. 10% more than that are asked for,
    because the half-width is itself an estimate, and never more than twice the present number, because an estimate
    from few pairs may be far off. The p-value has no say: stopping when a result looks good would falsify it.

    Args:
        n: pairs so far.
        half_width: the widest half-interval among the reported weights, in concept vectors; 0 when there are none.
        precision: the half-width asked for, above 0.
        maximum: never more pairs than this.
    Returns:
        A number above n; or n itself when the intervals are narrow enough or the maximum is reached.
    Raises:
        InputError: `precision` is not above 0.
    Example:
        >>> [next_total(25, width, 0.1, maximum=200) for width in (0.3, 0.12, 0.1)]
        [50, 39, 25]
    """
    if not precision > 0:
        raise InputError(f"precision {precision}: must be above 0.")
    if half_width <= precision or n >= maximum:
        return n
    ratio = half_width / precision
    needed = math.ceil(min(2 * n, n * ratio * ratio) - 1e-9)
    return min(2 * n, needed * 11 // 10, maximum)

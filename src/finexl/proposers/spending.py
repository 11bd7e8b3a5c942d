"""What proposals cost, added up; a proposer that fails has often cost something before."""

from __future__ import annotations

from collections.abc import Sequence

from finexl.errors import FinexlError
from finexl.proposers import ProposerError
from finexl.types import Usage


def total(usages: Sequence[Usage]) -> Usage:
    """All of it together; the price is unknown where that of anything that was sent is.

    Example:
        >>> total([Usage(calls=1, cost=0.5), Usage(cached=2)]).cost
        0.5
    """
    costs = [usage.cost for usage in usages if usage.calls]
    return Usage(
        calls=sum(usage.calls for usage in usages),
        cached=sum(usage.cached for usage in usages),
        failed=sum(usage.failed for usage in usages),
        tokens_in=sum(usage.tokens_in for usage in usages),
        tokens_out=sum(usage.tokens_out for usage in usages),
        seconds=sum(usage.seconds for usage in usages),
        cost=None if None in costs else sum(cost for cost in costs if cost is not None),
        failures=tuple(dict.fromkeys(failure for usage in usages for failure in usage.failures)),
    )


def in_vain(error: FinexlError) -> Usage:
    """What a proposer that failed had cost until then, and its failure."""
    before = error.usage if isinstance(error, ProposerError) else Usage()
    return total([before, Usage(failed=1, failures=(str(error),))])

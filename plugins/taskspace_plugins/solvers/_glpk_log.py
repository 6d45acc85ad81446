"""What GLPK tells only in its log: the proven bound, and that there is no end."""

from __future__ import annotations

import re

_PROGRESS = re.compile(r"^\+ *\d+: (?:mip =|>>>>>) +(?:not found yet|\S+) <= +(\S+)", re.MULTILINE)

_UNBOUNDED = re.compile(r"HAS (?:UNBOUNDED PRIMAL|NO DUAL FEASIBLE) SOLUTION", re.IGNORECASE)


def says_unbounded(log: str) -> bool:
    """Return whether a relaxation was found to have no end."""
    return _UNBOUNDED.search(log) is not None


def last_bound(log: str) -> float | None:
    """Return the last upper bound of a maximisation in a log of `glp_intopt`, or None.

    The log has ten significant digits; the bound is rounded up by one unit of the tenth.
    """
    found = _PROGRESS.findall(log)
    if not found:
        return None
    try:
        bound = float(found[-1])
    except ValueError:  # "+inf", or the words "tree is empty"
        return None
    return bound + 1e-9 * abs(bound) if abs(bound) < 1e300 else None

"""The proven bound, which GLPK tells only in its log."""

from __future__ import annotations

import re

_PROGRESS = re.compile(r"^\+ *\d+: (?:mip =|>>>>>) +(?:not found yet|\S+) <= +(\S+)", re.MULTILINE)


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

"""Numbers as people read them."""

from __future__ import annotations

import math
from numbers import Integral, Real

from taskspace.components.page import Scalar

ABSENT = "—"


def is_number(value: object) -> bool:
    """Return whether `value` is a number; True and False are not."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_finite(value: float | None) -> bool:
    """Return whether there is a value to draw: not None, not NaN, not infinite."""
    return value is not None and math.isfinite(value)


def _decimal(number: float, digits: int) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "∞" if number > 0 else "-∞"
    if number != 0 and not 0.5 * 10**-digits <= abs(number) < 1e9:
        return f"{number:.{max(digits - 1, 0)}e}"
    return f"{number + 0.0:.{digits}f}"


def brief(value: float, digits: int) -> str:
    """Return `value` with fixed decimals however small it is: for drawings, where room is short."""
    rounded = round(value, digits) if math.isfinite(value) else value
    return f"{0:.{digits}f}" if rounded == 0 else _decimal(rounded, digits)


def show(value: Scalar, digits: int) -> str:
    """Return `value` as shown: fixed decimals, or an exponent where those would hide it."""
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | Integral):
        return str(value)
    return _decimal(float(value), digits)

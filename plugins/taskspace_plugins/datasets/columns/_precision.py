"""Whether 32-bit floating-point numbers keep the differences between labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from taskspace.components import NumberSpan

HARMLESS = 1e-3
"""Of the standard deviation: networks learn labels that are rounded by less as well as others."""

WHOLE = float(1 << 23)
"""Up to here whole numbers stay different in 32 bits, also when they are divided by a scale."""


def span_of(values: np.ndarray, whole: Sequence[int | None] | None = None) -> NumberSpan | None:
    """Return the span of numbers that 32 bits would merge; None where they hold them well enough.

    They do not where rounding merges whole numbers, or moves a number by more than a thousandth of
    the deviation.

    Args:
        values: float64 [N], NaN is missing.
        whole: the same exactly, where all of them are whole numbers.
    """
    present = np.unique(values[~np.isnan(values)])
    exact = {number for number in whole or () if number is not None}
    different = len(exact) if whole is not None else len(present)
    if different < 2:
        return None
    rounded = present.astype(np.float32).astype(np.float64)
    merged = len(np.unique(rounded))
    deviation = float(values[~np.isnan(values)].std())
    moved = float(np.abs(rounded - present).max())
    if moved <= HARMLESS * deviation and (whole is None or merged == different):
        return None
    lowest, highest = float(present[0]), float(present[-1])
    middle = float((min(exact) + max(exact)) // 2) if exact else (lowest + highest) / 2
    resolution = HARMLESS * deviation
    if exact and max(exact) - min(exact) < 2 * WHOLE:
        resolution = 1.0
    held = max(-lowest, highest) * float(np.finfo(np.float64).eps) < resolution
    return NumberSpan(
        lowest,
        highest,
        resolution=resolution,
        different=different,
        merged=merged,
        offset=middle if held else None,
        scale=float(f"{deviation:.3g}"),
    )

"""Axes with ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from taskspace.report.label import width

_LARGEST = 1e150
"""Beyond this, differences and their squares may overflow; values are drawn at the edge."""


@dataclass(frozen=True)
class Axis:
    """A range of numbers and the round ones in it."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int

    def at(self, value: float) -> float:
        """Return where `value` stands between `low` (0) and `high` (1); beyond is the edge."""
        held = min(max(value, self.low), self.high)
        return (held - self.low) / (self.high - self.low)

    def label(self, value: float) -> str:
        """Return a tick's label."""
        largest = max(abs(self.low), abs(self.high))
        if largest >= 1e6 or self.decimals > 5:
            return f"{value:.4g}"
        return f"{value:.{self.decimals}f}"

    def thinned(self, length: float, font: float) -> Axis:
        """Return the axis with so few ticks that their labels stand apart on this length.

        Labels stand side by side, in letters of size `font`, in the units of `length`.
        """
        widest = max((width(self.label(tick), font) for tick in self.ticks), default=0.0)
        places = [self.at(tick) * length for tick in self.ticks]
        apart = min((b - a for a, b in pairwise(places)), default=length)
        if len(self.ticks) < 3 or apart >= widest + 0.5 * font:
            return self
        return replace(self, ticks=self.ticks[::2]).thinned(length, font)


def _range(values: Iterable[float]) -> tuple[float, float]:
    finite = [min(max(v, -_LARGEST), _LARGEST) for v in values if math.isfinite(v)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    size = max(abs(low), abs(high))
    if high - low <= max(1e-9 * size, 1e-150):
        pad = 0.5 * size if size > 1e-140 else 0.5
        return low - pad, high + pad
    return low, high


def axis(values: Iterable[float], *, whole: bool = False, rounded: bool = True) -> Axis:
    """Return an axis over the finite values with about six ticks at 1, 2 or 5 times a power of 10.

    Args:
        values: any numbers; those that are not finite do not count.
        whole: ticks are whole numbers.
        rounded: the axis ends at ticks, not at the values.
    """
    low, high = _range(values)
    rough = (high - low) / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    if whole:
        step = max(round(step), 1.0)
    if rounded:
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return Axis(low, high, tuple(i * step for i in range(first, last + 1)), decimals)

"""Stored numbers at the end of a map's range that rather mean missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from taskspace.components import Finding
from taskspace_plugins.datasets.folders.dense._spread import percent

MOST_PIXELS = 65536
"""So many of a map are looked at, evenly spread."""
LEAST_SHARE = 0.01
LEAST_GAP = 0.02
"""As a share of the range of all other numbers: what is measured comes close to its ends."""
LEAST_NUMBERS = 8
"""Fewer other numbers than these are levels, not measurements."""


@dataclass(frozen=True)
class Extreme:
    """A number far from all others: its share of the pixels, and the nearest of the others."""

    number: int
    share: float
    nearest: float


def extremes_of(maps: Sequence[np.ndarray], missing: int | None) -> list[Extreme]:
    """Return 0, and the largest number that the type can hold, where they stand apart.

    Args:
        maps: stored numbers of some maps, of any shapes.
        missing: the number that is known to mean missing.
    """
    parts = [each.ravel()[:: max(1, each.size // MOST_PIXELS)] for each in maps]
    if not parts:
        return []
    whole = all(part.dtype.kind in "iu" for part in parts)
    largest = 255 if all(part.dtype.itemsize == 1 for part in parts) else 65535
    numbers = np.concatenate([part.astype(np.float64) for part in parts])
    numbers = numbers[np.isfinite(numbers)]
    if missing is not None:
        numbers = numbers[numbers != missing]
    candidates = [number for number in ((0, largest) if whole else (0,)) if number != missing]
    others = np.unique(numbers[~np.isin(numbers, candidates)])
    if len(others) < LEAST_NUMBERS:
        return []
    found = []
    for number in candidates:
        share = float((numbers == number).mean())
        nearest = float(others[np.abs(others - number).argmin()])
        apart = abs(nearest - number) >= LEAST_GAP * (others[-1] - others[0])
        if share >= LEAST_SHARE and apart:
            found.append(Extreme(number, share, nearest))
    return found


def extreme_findings(
    name: str, maps: Sequence[np.ndarray], missing: int | None, parameter: str
) -> list[Finding]:
    """Return a finding for each number of the maps `name` that may mean missing.

    Args:
        name: of the field.
        maps: stored numbers of some maps.
        missing: the number that is known to mean missing.
        parameter: which says so in a job.
    """
    return [
        Finding(
            "maps-missing",
            "warning",
            f"Maps `{name}`: {percent(extreme.share)} of the pixels of {len(maps)} maps are "
            f"{extreme.number}, and the nearest other number is {extreme.nearest:g}. Set "
            f"`{parameter}: {extreme.number}` where it means missing.",
        )
        for extreme in extremes_of(maps, missing)
    ]

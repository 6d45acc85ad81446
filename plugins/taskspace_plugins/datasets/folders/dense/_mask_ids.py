"""Which ids of masks are classes, and what a reader must know of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from taskspace.components import Finding, Tone
from taskspace_plugins.datasets.folders.dense._label_arrays import MOST_CLASSES
from taskspace_plugins.datasets.folders.dense._spread import percent

VOID = 255
"""What means missing unless the job says otherwise: many published masks have it at borders."""
MUCH = 0.25
"""More than the borders of objects cover; beyond this share 255 is rather a class."""
NAMED = 12
"""How many ids a finding names."""


@dataclass(frozen=True)
class IdCounts:
    """How many pixels of some masks have each id.

    Attributes:
        pixels: of each id [MOST_CLASSES].
        missing: pixels with the id that means missing.
        negative: pixels with another negative number.
        masks: how many masks these are.
    """

    pixels: np.ndarray
    missing: int
    negative: int
    masks: int

    @classmethod
    def none(cls) -> Self:
        """Return the counts of no mask."""
        return cls(np.zeros(MOST_CLASSES, dtype=np.int64), 0, 0, 0)

    @classmethod
    def of(cls, ids: np.ndarray, stored: np.ndarray, missing: int | None) -> Self:
        """Return the counts of one mask, by its ids and stored numbers [H, W]."""
        gone = 0 if missing is None else int((stored == missing).sum())
        pixels = np.bincount(ids[ids >= 0], minlength=MOST_CLASSES)
        return cls(pixels, gone, ids.size - gone - int(pixels.sum()), 1)

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.pixels + other.pixels,
            self.missing + other.missing,
            self.negative + other.negative,
            self.masks + other.masks,
        )

    @property
    def share(self) -> float:
        """Return the share of all pixels that have the id that means missing."""
        return self.missing / max(1, int(self.pixels.sum()) + self.missing + self.negative)


def class_ids(counts: IdCounts) -> tuple[int, ...]:
    """Return the ids that are classes, in order; none where all is missing.

    All from 0 to the largest, where at least half of them occur: a class that no image shows is
    still one. Where most do not occur ({0, 255}, {10, 20, 30}), those that do.
    """
    occurring = np.flatnonzero(counts.pixels)
    if not len(occurring):
        return ()
    size = int(occurring[-1]) + 1
    return tuple(range(size)) if 2 * len(occurring) >= size else tuple(occurring.tolist())


def mask_findings(
    name: str, counts: IdCounts, ids: Sequence[int] | None, missing: int | None
) -> list[Finding]:
    """Return what a reader must know of the masks of a field.

    Args:
        name: of the field.
        counts: of all masks, or of a few where the classes have names.
        ids: of the classes; None where they have names.
        missing: the id that means missing.
    """
    found = []
    if counts.missing:
        where = "" if ids is not None else f" of {counts.masks} masks"
        share = f"{percent(counts.share)} of the pixels{where}"
        text = f"Masks `{name}`: {share} are {missing}, which means missing."
        if missing == VOID and ids is not None:
            text += f" Set `missing: null` (or another id) where {VOID} is a class."
        elif missing == VOID:
            text += f" Where {VOID} is a class, store it as 0, 1, ..., its line in classes.txt."
        tone: Tone = "warning" if missing == VOID and counts.share >= MUCH else "note"
        found.append(Finding("masks-missing", tone, text))
    if ids is not None and ids[-1] >= len(ids):
        named = ", ".join(map(str, ids[:NAMED])) + (", ..." if len(ids) > NAMED else "")
        text = (
            f"Masks `{name}`: the {len(ids)} ids that occur are the classes ({named}), because "
            f"fewer than half of those up to {ids[-1]} do."
        )
        found.append(Finding("masks-ids", "note", text))
    return found

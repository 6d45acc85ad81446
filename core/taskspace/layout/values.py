"""What the pictures of a domain say: numbers in their unit, classes or segments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from taskspace.layout import codes
from taskspace.layout.domains import DOMAINS, SEGMENTS
from taskspace.layout.read import read_map

DEPTHS = ("depth_euclidean", "depth_z")
METRES = 1 / codes.DEPTH.steps
"""What a stored step of depth is worth in the official files."""


@dataclass(frozen=True)
class MapReader:
    """How pictures become labels.

    Attributes:
        side: height and width of all of them.
        fitted: whether the largest centred square of each is resized to `side`.
        classes: how many there are in `semantic`.
        depth_unit: metres for each stored step of depth.
        depth_missing: a further stored depth that means missing.
    """

    side: tuple[int, int]
    fitted: bool
    classes: int
    depth_unit: float = METRES
    depth_missing: int | None = None

    def blank(self, field: str) -> np.ndarray:
        """Return a missing label: ids of -1 [H, W], or NaN [C, H, W]."""
        if field in SEGMENTS or field == "semantic":
            return np.full(self.side, -1, dtype=np.int64)
        return np.full((DOMAINS[field].channels, *self.side), np.nan, dtype=np.float32)

    def read(self, field: str, path: Path) -> np.ndarray:
        """Return the label in a file: ids int64 [H, W], or numbers float32 [C, H, W].

        Raises:
            OSError, ValueError: where the file is no such picture or has another size.
        """
        domain = DOMAINS[field]
        pixels = read_map(path, field, domain, self.side, self.fitted)
        if field in SEGMENTS:
            return pixels
        if field == "semantic":
            ids = codes.decode_classes(pixels)
            if ids.max() >= self.classes:
                raise ValueError(
                    f"it has class {ids.max() + 1} and there are {self.classes}, from 1"
                )
            return ids
        code: codes.PixelCode = getattr(codes, str(domain.code))
        if field not in DEPTHS:
            return code.decode(pixels)
        metres = replace(code, steps=1 / self.depth_unit).decode(pixels)
        if self.depth_missing is not None:
            metres[pixels == self.depth_missing] = np.nan
        return metres

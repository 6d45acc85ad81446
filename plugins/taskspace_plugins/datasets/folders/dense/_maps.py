"""Fields of numbers a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from taskspace.components import Field, Finding
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets.folders._label_folders import MapFolder
from taskspace_plugins.datasets.folders._pixels import UNREADABLE, upright_size
from taskspace_plugins.datasets.folders.dense._dense_labels import DenseLabels
from taskspace_plugins.datasets.folders.dense._extremes import extreme_findings
from taskspace_plugins.datasets.folders.dense._label_arrays import (
    MAP_MODES,
    are_channels_first,
    fit_map,
    numbers_of,
    shape_of,
)
from taskspace_plugins.datasets.folders.dense._spread import spread


@dataclass(frozen=True)
class Maps(DenseLabels):
    """Numbers a pixel, float32; NaN is missing.

    Attributes:
        spec: how stored numbers are read.
        images: the image of each file.
    """

    spec: MapFolder
    images: Sequence[Path]

    @cached_property
    def channels_first(self) -> bool:
        """Return whether arrays are [C, H, W], by the first one and the proportions of its image.

        False where these fit both orders or none: channels come last.
        """
        for path, image in zip(self.files, self.images, strict=True):
            if path is not None and path.suffix.lower() == ".npy":
                try:
                    size = upright_size(read_regular(image))
                    return are_channels_first(read_regular(path), size)
                except UNREADABLE:
                    continue  # named when it is read
        return False

    @property
    def axes(self) -> str:
        """Return what the axes of an array are."""
        if self.channels_first:
            return "[C, H, W], as the first array"
        return "[H, W, C]: the channels of an array come last"

    @cached_property
    def channels(self) -> int:
        """Return the channels of the first file, which the others must have too."""
        for path in self.files:
            if path is not None:
                try:
                    suffix = path.suffix.lower()
                    data = read_regular(path)
                    return shape_of(data, suffix, MAP_MODES, self.channels_first)[2]
                except UNREADABLE as error:
                    self.refuse([(self.name_of(path), error)])
        raise AssertionError("A folder without files is refused when it is listed.")

    def field(self, size: int) -> Field:
        """Return a map of numbers."""
        return Field((self.channels, size, size), description="Folder of maps.")

    def says(self) -> str:
        """Return how stored numbers are read."""
        return f"map {self.spec.unit} {self.spec.zero} {self.spec.missing}"

    def checked(self, data: bytes, suffix: str) -> tuple[int, int]:
        """Return height and width."""
        height, width, channels = shape_of(data, suffix, MAP_MODES, self.channels_first)
        self._check(channels)
        return height, width

    def decoded(self, path: Path, size: int) -> np.ndarray:
        """Return the numbers in their unit [C, size, size]."""
        stored = self._stored(path)
        self._check(stored.shape[2])
        missing = ~np.isfinite(stored).all(axis=2)
        if self.spec.missing is not None:
            missing |= (stored == self.spec.missing).all(axis=2)
        values = (stored.astype(np.float64) - self.spec.zero) * self.spec.unit
        values[missing] = np.nan
        if (np.abs(values) > np.finfo(np.float32).max).any():
            raise ValueError("numbers beyond those of 32 bits")
        return fit_map(values.astype(np.float32), size)

    def findings(self, name: str) -> Sequence[Finding]:
        """Return which stored numbers stand apart, as those that mean missing do, by a few maps."""
        maps, wrong = [], []
        for path in spread(self.files):
            try:
                maps.append(self._stored(path))
            except UNREADABLE as error:
                wrong.append((self.name_of(path), error))
        self.refuse(wrong)
        single = [each for each in maps if each.shape[2] == 1]
        return extreme_findings(name, single, self.spec.missing, "missing")

    def blank(self, count: int, size: int) -> np.ndarray:
        """Return NaN [count, C, size, size]."""
        return np.full((count, self.channels, size, size), np.nan, dtype=np.float32)

    def _stored(self, path: Path) -> np.ndarray:
        suffix = path.suffix.lower()
        return numbers_of(read_regular(path), suffix, MAP_MODES, self.channels_first)

    def _check(self, channels: int) -> None:
        if channels != self.channels:
            raise ValueError(f"{channels} channels, where the first file has {self.channels}")

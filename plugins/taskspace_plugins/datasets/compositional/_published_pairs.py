"""The published layout of MIT-States and UT-Zap50K: lists of pairs, metadata, images."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pydantic

from taskspace.components import Compositions, JobPath, Shape
from taskspace.errors import DataError
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import Wrong, refuse_files
from taskspace_plugins.datasets.compositional._composed_images import CHANNELS, ComposedImages
from taskspace_plugins.datasets.compositional._image_features import read_features
from taskspace_plugins.datasets.compositional._pair_lists import named_pairs, read_pairs
from taskspace_plugins.datasets.compositional._pair_metadata import (
    Pictured,
    choose,
    read_metadata,
)
from taskspace_plugins.datasets.compositional._word_table import WordTable, word_table
from taskspace_plugins.datasets.folders._pixels import UNREADABLE, decode, verify

if TYPE_CHECKING:
    import torch

FOLDERS = {"compositional": "compositional-split", "natural": "compositional-split-natural"}
PARTS = {"compositional": ("train", "test"), "natural": ("train", "val", "test")}


class PublishedPairs(ComposedImages):
    """Images of an attribute and an object; a subclass says how their names are read."""

    words: ClassVar[Mapping[str, str]] = {}
    """Names that are not read as they are written."""

    split: Literal["compositional", "natural"] = pydantic.Field(
        examples=["compositional"],
        description="Which of the published splits: `compositional` (the older one: no validation, "
        "every test image shows an unseen pair) or `natural` (Purushwalkam et al. 2019: "
        "validation, and test images of seen pairs too). Their figures do not compare.",
    )
    features: JobPath | None = pydantic.Field(
        None,
        description="A file of PyTorch with `{features, files}` as the public loaders write it: "
        "`image` is then the features of the image, and no image is read.",
    )

    def compositions(self) -> Compositions:
        """Return which compositions belong to which part of the split."""
        return replace(super().compositions(), split=self.split)

    @cached_property
    def _pictured(self) -> list[Pictured]:
        pairs = self._pairs
        return choose(read_metadata(self._metadata), pairs, self._metadata)

    @cached_property
    def _pairs(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        folder = self.root / FOLDERS[self.split]
        pairs = {part: read_pairs(folder / f"{part}_pairs.txt") for part in PARTS[self.split]}
        both = sorted({*pairs["train"]} & {*pairs["test"]})
        if both and self.split == "compositional":
            raise DataError(
                f"These pairs are seen in training and listed as unseen: {named_pairs(both)}.",
                where=str(folder / "test_pairs.txt"),
                advice="In this split no pair is in both lists; take both from one release.",
            )
        return pairs

    @property
    def _metadata(self) -> Path:
        names = [f"metadata_{FOLDERS[self.split]}{ending}" for ending in (".t7", ".pt")]
        if self.split == "compositional":
            names.append("metadata.t7")  # from before there were two splits
        for name in names:
            if (self.root / name).exists():
                return self.root / name
        raise DataError(
            f"There is no metadata of the split {self.split!r} here.",
            where=str(self.root),
            advice=f"Put {' or '.join(names)} into this folder, or set `split` to the other one.",
        )

    @cached_property
    def _table(self) -> WordTable:
        pictured = self._pictured
        return word_table(
            ("attribute", "object"),
            [one.names for one in pictured],
            [one.part for one in pictured],
            self._pairs,
            self.words,
            str(self.root / FOLDERS[self.split]),
        )

    @cached_property
    def _features(self) -> torch.Tensor | None:
        if self.features is None:
            return None
        return read_features(self.features, [one.image for one in self._pictured])

    @property
    def _image_shape(self) -> Shape:
        features = self._features
        return super()._image_shape if features is None else (features.shape[1], 1, 1)

    def _digest(self) -> str:
        digest, features = hashlib.sha256(), self._features
        if features is not None:
            digest.update(features.numpy().tobytes())
            return digest.hexdigest()
        wrong: list[Wrong] = []
        for one in self._pictured:
            try:
                data = read_regular(self.root / "images" / one.image)
                verify(data)
            except UNREADABLE as error:
                wrong.append((one.image, error))
            else:
                digest.update(hashlib.sha256(data).digest())
        self._refuse(wrong)
        return digest.hexdigest()

    def _images(self, rows: np.ndarray) -> torch.Tensor:
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        if self._features is not None:
            return self._features[torch.from_numpy(rows)][..., None, None]
        pixels = np.empty((len(rows), CHANNELS, self.size, self.size), dtype=np.uint8)
        wrong: list[Wrong] = []
        for place, row in enumerate(rows):
            name = self._pictured[row].image
            try:
                data = read_regular(self.root / "images" / name)
                pixels[place] = decode(data, self.size, CHANNELS)
            except UNREADABLE as error:
                wrong.append((name, error))
        self._refuse(wrong)
        return torch.from_numpy(pixels).float().div_(255)

    def _refuse(self, wrong: list[Wrong]) -> None:
        refuse_files(self.root / "images", wrong, "cannot be read as an image")

"""What datasets of published compositions share: words for fields, and parts."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pydantic

from taskspace.components import Compositions, Dataset, Field, JobPath, Sample, Shape
from taskspace_plugins.datasets.compositional._word_table import WordTable

if TYPE_CHECKING:
    import torch

CHANNELS = 3


class ComposedImages(Dataset):
    """Images that are named by several words; a subclass says which, and where the images are."""

    root: JobPath = pydantic.Field(description="The folder in the published layout.")
    size: int = pydantic.Field(
        224, ge=2, le=2048, description="Height and width in pixels of an image."
    )

    @property
    @abstractmethod
    def _table(self) -> WordTable:
        """Return what the samples show."""

    @abstractmethod
    def _digest(self) -> str:
        """Return a hash of the images, in the order of the samples."""

    @abstractmethod
    def _images(self, rows: np.ndarray) -> torch.Tensor:
        """Return the images of some samples [B, *shape]."""

    @property
    def _image_shape(self) -> Shape:
        return CHANNELS, self.size, self.size

    @cached_property
    def _fingerprint(self) -> str:
        table = self._table
        digest = hashlib.sha256(f"{self.name} 1 {self._image_shape}".encode())
        digest.update(repr((table.classes, table.parts, table.compositions)).encode())
        digest.update(table.ids.tobytes())
        digest.update(self._digest().encode())
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Return a hash of all images, their words and parts, and the published pairs.

        Raises:
            DataError: if a file is missing, unreadable or contradicts another one; of images, up to
                ten are named.
        """
        return self._fingerprint

    def fields(self) -> Mapping[str, Field]:
        """Return `image`, and a field of classes for each word."""
        table = self._table
        words = zip(table.fields, table.classes, strict=True)
        return {
            "image": Field(self._image_shape, description="The image."),
            **{name: Field((), classes, f"The {name}, in words.") for name, classes in words},
        }

    def word_fields(self) -> Sequence[str]:
        """Return the fields whose words together are a composition."""
        return self._table.fields

    def compositions(self) -> Compositions:
        """Return which compositions belong to which part, as published."""
        return self._table.published()

    def sentences(self) -> Sequence[str]:
        """Return the words of each image of the part `train`: nothing of what is to be tested."""
        return self._table.captions("train")

    def parts(self) -> Sequence[str]:
        """Return the part of each image, as published."""
        return self._table.parts

    def length(self) -> int:
        """Return the number of images in all parts."""
        return len(self._table.parts)

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return `image` [B, *shape], float32, and the words [B], int64.

        Raises:
            DataError: names up to ten of the files among these that cannot be decoded.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        rows = np.asarray(indices, dtype=np.int64)
        wanted = self.fields() if fields is None else fields
        table = self._table
        sample = {
            name: torch.from_numpy(table.ids[rows, place])
            for place, name in enumerate(table.fields)
            if name in wanted
        }
        if "image" in wanted:
            sample["image"] = self._images(rows)
        return sample

"""CIFAR-10 with an adjective: photographs of ten things, altered in one of ten ways."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
import pydantic

from taskspace.components import Field, Sample
from taskspace_plugins.datasets._cifar_files import PIXELS, SIDE, Release
from taskspace_plugins.datasets._cifar_records import CifarRecords
from taskspace_plugins.datasets.altered._alterations import ALTERATIONS, ATTRIBUTES, noisy
from taskspace_plugins.datasets.cifar10 import Cifar10


class Cifar10Compositions(CifarRecords):
    """Photographs of CIFAR-10, each altered in one way that its attribute names: a striped dog.

    Ten attributes and ten objects make a hundred compositions. Every attribute is applied, none is
    judged by eye, so no label is wrong: `gray`, `red` and `blue` take colours away, `dark` and
    `pale` contrast, `soft` detail, `noisy` adds to every value, `striped` and `framed` cover parts,
    `negative` exchanges light and dark. A photograph is used once: no two compositions share one.

    Of the published files each composition has 500 images for training and 100 for testing.

    ```yaml
    dataset: {use: cifar10_compositions, path: cifar-10-batches-bin, images: 6000}
    ```
    """

    name: ClassVar[str] = "cifar10_compositions"
    release: ClassVar[Release] = Cifar10.release
    classes: ClassVar[tuple[str, ...]] = Cifar10.classes

    images: int | None = pydantic.Field(
        None,
        ge=1,
        le=60_000,
        description="Read only so many, with the compositions and parts in proportion: a multiple "
        "of 600 has equally many of each. More begin with those of fewer. By default all, in the "
        "order of the files.",
    )
    seed: int = pydantic.Field(
        0,
        ge=0,
        lt=2**32,
        description="Another seed, another attribute for each photograph, other noise and another "
        "choice of `images`.",
    )

    @cached_property
    def _numbers(self) -> np.ndarray:
        """Return the number of each record within its part, int64 [N].

        What is drawn for a photograph follows from it, whether or not the other part is read.
        """
        parts = self._part_of_all
        return np.arange(len(parts)) - np.searchsorted(parts, parts)

    @cached_property
    def _attributes(self) -> np.ndarray:
        """Return the attribute of every record, equally many a class and part: int64 [N]."""
        attributes = np.empty_like(self._part_of_all)
        for part in np.unique(self._part_of_all):
            rows = np.flatnonzero(self._part_of_all == part)
            objects = self._labels_of_all[rows, -1]
            order = np.lexsort((self._raw(part).random_raw(len(rows)), objects))
            own = objects[order]
            rank = np.arange(len(rows)) - np.searchsorted(own, own)
            # The class shifts the turn, so that what is left over goes to no attribute more often.
            attributes[rows[order]] = (rank + own) % len(ATTRIBUTES)
        return attributes

    def _raw(self, *place: int) -> np.random.PCG64:
        # Of a list of numbers NumPy takes zeros at its end for absent, hence the 1.
        return np.random.PCG64([self.seed, *(int(number) + 1 for number in place)])

    def _strata(self) -> np.ndarray:
        strata: np.ndarray = super()._strata() * len(ATTRIBUTES) + self._attributes
        return strata

    def fields(self) -> Mapping[str, Field]:
        """Return `image`, `attribute` and `object`."""
        return {
            "image": Field((3, SIDE, SIDE), description="The image: multiples of 1/255."),
            "attribute": Field((), ATTRIBUTES, "How the photograph was altered."),
            "object": Field((), self.classes, "What it shows."),
        }

    def task_fields(self) -> Sequence[str]:
        """Return `attribute` and `object`: every image has both labels."""
        return ("attribute", "object")

    def word_fields(self) -> Sequence[str]:
        """Return `attribute` and `object`."""
        return ("attribute", "object")

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return `image` [B, 3, 32, 32], float32 in [0, 1], and both labels [B], int64.

        Raises:
            DataError: as `fingerprint` does.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        chosen = self._chosen[np.asarray(indices, dtype=np.int64)]
        labels = {"attribute": self._attributes, "object": self._labels_of_all[:, -1]}
        wanted = self.fields() if fields is None else fields
        sample = {
            n: torch.from_numpy(values[chosen]) for n, values in labels.items() if n in wanted
        }
        if "image" in wanted:
            sample["image"] = torch.from_numpy(self._pixels(chosen)).float().div_(255)
        return sample

    def _content(self, chosen: np.ndarray) -> bytes:
        labels = self._attributes[chosen], self._labels_of_all[chosen, -1]
        return b"".join(part.tobytes() for part in (*labels, self._pixels(chosen)))

    def _pixels(self, chosen: np.ndarray) -> np.ndarray:
        pixels = super()._pixels(chosen)
        for number, word in enumerate(ATTRIBUTES):
            rows = np.flatnonzero(self._attributes[chosen] == number)
            pixels[rows] = (
                noisy(pixels[rows], self._noise(chosen[rows]))
                if word == "noisy"
                else ALTERATIONS[word](pixels[rows])
            )
        return pixels

    def _noise(self, chosen: np.ndarray) -> np.ndarray:
        """Return random bytes for records by their numbers among all: uint8 [B, 3, 32, 32]."""
        noise = np.empty((len(chosen), PIXELS), dtype=np.uint8)
        places = zip(self._part_of_all[chosen], self._numbers[chosen], strict=True)
        for row, place in zip(noise, places, strict=True):
            row[:] = self._raw(*place).random_raw(PIXELS // 8).astype("<u8").view(np.uint8)
        return noise.reshape(-1, 3, SIDE, SIDE)

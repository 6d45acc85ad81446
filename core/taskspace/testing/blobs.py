"""Coloured blobs with labels, some of which are missing: what tasks are tried on by default."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from taskspace.components import Dataset, Field, Sample

if TYPE_CHECKING:
    import numpy as np


class Blobs(Dataset):
    """Bright squares on dark ground: `class` is the colour, `number` and `map` the brightness."""

    name: ClassVar[str] = "blobs"

    def fingerprint(self) -> str:
        """Return the version of the recipe."""
        return "blobs-1"

    def fields(self) -> Mapping[str, Field]:
        """Return image, class, number and map."""
        return {
            "image": Field((3, 16, 16)),
            "class": Field((), ("red", "green", "blue")),
            "number": Field(()),
            "map": Field((1, 16, 16)),
        }

    def length(self) -> int:
        """Return 24."""
        return 24

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return blobs; every eighth sample lacks its labels."""
        import torch  # noqa: PLC0415  only where samples are read

        generator = torch.Generator().manual_seed(0)
        noise = torch.rand(self.length(), 3, 16, 16, generator=generator) * 0.2
        label = torch.arange(self.length()) % 3
        number = torch.linspace(0.4, 1.0, self.length())
        image = noise.clone()
        for i, colour in enumerate(label.tolist()):
            row, column = i % 8, (3 * i) % 8
            image[i, colour, row : row + 8, column : column + 8] = number[i]
        dark = image.amax(dim=1, keepdim=True)
        missing = torch.arange(self.length()) % 8 == 5
        label = torch.where(missing, -1, label)
        number = torch.where(missing, torch.nan, number)
        dark = torch.where(missing[:, None, None, None], torch.nan, dark)
        chosen = torch.as_tensor([int(i) for i in indices], dtype=torch.int64)
        whole = {"image": image, "class": label, "number": number, "map": dark}
        return {field: whole[field][chosen] for field in fields or whole}

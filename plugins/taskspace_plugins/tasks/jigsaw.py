"""How the four quarters of an image were shuffled."""

from collections.abc import Mapping
from itertools import permutations
from typing import ClassVar

import torch

from taskspace.components import Example, Field, Sample, VectorHead
from taskspace.errors import DataError
from taskspace_plugins.tasks._classification import ClassTask
from taskspace_plugins.tasks._draw import integers

PERMUTATIONS = tuple(permutations(range(4)))
"""All 24: place p of the shuffled image shows quarter PERMUTATIONS[class][p]; quarters and places
count row by row from the top left."""


class Jigsaw(ClassTask):
    """Which of the 24 permutations shuffled the image's four quarters.

    Noroozi and Favaro 2016, with 2x2 tiles in place of 3x3. The last row of an odd height and the
    last column of an odd width stay where they are.
    """

    name: ClassVar[str] = "jigsaw"
    source_only: ClassVar[bool] = True
    plain_input: ClassVar[bool] = False

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return one logit for each permutation.

        Raises:
            DataError: if the image is a single row or column, which has no quarters.
        """
        shape = fields["image"].shape
        if min(shape[1:]) < 2:
            raise DataError(
                f"An image of shape {shape} cannot be cut into quarters.",
                where="task jigsaw",
                advice="Use images of at least 2x2 pixels.",
            )
        return VectorHead(len(PERMUTATIONS))

    def example(self, sample: Sample, generator: torch.Generator) -> Example:
        """Return the shuffled image [B, C, H, W] and the number of the permutation [B]."""
        image = sample["image"]
        number = integers(len(PERMUTATIONS), image, generator)
        order = torch.tensor(PERMUTATIONS, device=image.device)[number]
        return Example(shuffle_quarters(image, order), number)


def shuffle_quarters(image: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """Return images [B, C, H, W] whose place p shows quarter order[:, p]; `order` is [B, 4]."""
    height, width = image.shape[-2] // 2, image.shape[-1] // 2
    places = [
        (slice(top, top + height), slice(left, left + width))
        for top in (0, height)
        for left in (0, width)
    ]
    quarters = torch.stack([image[..., rows, columns] for rows, columns in places], dim=1)
    shuffled = quarters[torch.arange(len(image), device=image.device)[:, None], order]
    result = image.clone()
    for place, (rows, columns) in enumerate(places):
        result[..., rows, columns] = shuffled[:, place]
    return result

"""By how much an image was turned."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch

from taskspace.components import Example, Field, Sample, VectorHead
from taskspace_plugins.tasks._classification import ClassTask
from taskspace_plugins.tasks.self_supervised._draw import integers


class Rotation(ClassTask):
    """By how many quarter turns, counter-clockwise, the image was rotated (Gidaris et al. 2018).

    Of an image that is not square, the largest centred square turns and the rest stays.
    """

    name: ClassVar[str] = "rotation"
    plain_input: ClassVar[bool] = False

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return one logit for each of 0, 90, 180 and 270 degrees."""
        return VectorHead(4)

    def example(self, sample: Sample, generator: torch.Generator) -> Example:
        """Return the turned image [B, C, H, W] and the number of quarter turns [B]."""
        image = sample["image"]
        turns = integers(4, image, generator)
        return Example(rotate(image, turns), turns)

    def class_names(self, fields: Mapping[str, Field]) -> Sequence[str]:
        """Return how far each class is turned."""
        return [f"turned {90 * quarters}°" for quarters in range(4)]


def rotate(image: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Return images [B, C, H, W] whose central square is turned by `turns` [B] quarters."""
    height, width = image.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    result = image.clone()
    square = result[..., top : top + side, left : left + side]
    for quarters in range(1, 4):
        turned = turns == quarters
        square[turned] = torch.rot90(square[turned], quarters, (-2, -1))
    return result

"""What tasks share that predict a class per pixel, and its colours."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from taskspace.components import DenseHead, Field
from taskspace_plugins.tasks._classification import ClassTask, class_head
from taskspace_plugins.tasks._labelled import checked_shape

GOLDEN = 0.6180339887
"""Hues that are multiples of the golden ratio never come back and keep apart from each other."""
TONES = ((0.65, 0.95), (0.95, 0.75), (0.45, 0.75), (0.85, 0.5), (0.3, 1.0))
"""Saturation and brightness, in turn. Hues are close 8, 13, 21 and 34 classes apart (numbers of
Fibonacci), and five divides none of these."""


class ClassMapTask(ClassTask):
    """A class per pixel: cross-entropy and accuracy, means over an image's labelled pixels."""

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return a colour for each class, the same in every image; grey where missing."""
        return class_colours(values)


def class_map_head(fields: Mapping[str, Field], name: str, task: str) -> DenseHead:
    """Return one logit a pixel for each class of the field `name`.

    Raises:
        DataError: if it is missing, is no class per pixel, or has a single class.
    """
    classes = class_head(fields, name, task).size
    checked_shape(fields, name, fields["image"].shape[1:], task)
    return DenseHead(classes)


def class_colours(ids: Tensor) -> Tensor:
    """Return pictures [B, 3, H, W] in [0, 1] of class ids [B, H, W]; -1 is grey.

    A class has one colour, whatever else is in the picture.
    """
    number = ids.clamp(min=0)
    saturation, value = torch.tensor(TONES, device=ids.device)[number % len(TONES)].unbind(dim=-1)
    hue = (number.double() * GOLDEN % 1).float()
    # HSV to RGB (Smith 1978): each channel is a trapezoid over the hue.
    places = torch.tensor([5.0, 3.0, 1.0], device=ids.device)[:, None, None]
    place = (places + 6 * hue[:, None]) % 6
    trapezoid = torch.minimum(place, 4 - place).clamp(0, 1)
    colours = value[:, None] * (1 - saturation[:, None] * trapezoid)
    return torch.where((ids < 0)[:, None], 0.5, colours)

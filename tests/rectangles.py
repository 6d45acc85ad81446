"""Coloured rectangles on grey, and a task that wants their boxes: what detectors are tried on."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from taskspace.components import BoxHead, Dataset, Field, Loss, Task
from taskspace.components.detection.boxes import pack_boxes, unpack_boxes

COLOURS = torch.tensor([[1.0, 0.1, 0.1], [0.1, 0.1, 1.0]])
STRIDE = 8


class Rectangles(Dataset):
    """Images with a red rectangle above and a blue one below, or one of them, or none.

    Every fifth image has none, and the second of every seven is not labelled.
    """

    name: ClassVar[str] = "rectangles"

    images: int = 12
    side: int = 64

    def fingerprint(self):
        return f"rectangles {self.images} {self.side}"

    def length(self):
        return self.images

    def fields(self):
        return {
            "image": Field((3, self.side, self.side)),
            "boxes": Field((2, 4)),
            "colour": Field((2,)),
            "boxes_count": Field(()),
        }

    def read(self, indices, fields=None):
        samples = [self._sample(int(index)) for index in np.asarray(indices)]
        columns = [torch.stack(column) for column in zip(*samples, strict=True)]
        return dict(zip(("image", "boxes", "colour", "boxes_count"), columns, strict=True))

    def _sample(self, index: int) -> tuple[Tensor, ...]:
        draw = torch.Generator().manual_seed(index)
        count = 0 if index % 5 == 4 else 1 + index % 2
        image = torch.full((3, self.side, self.side), 0.5)
        boxes, colours = torch.full((2, 4), torch.nan), torch.full((2,), -1.0)
        half = self.side // 2
        for number in range(count):
            width, height = torch.randint(half // 2, half, (2,), generator=draw).tolist()
            left = int(torch.randint(0, self.side - width + 1, (), generator=draw))
            top = number * half + int(torch.randint(0, half - height + 1, (), generator=draw))
            image[:, top : top + height, left : left + width] = COLOURS[number][:, None, None]
            boxes[number] = torch.tensor([left, top, left + width, top + height])
            colours[number] = number
        counted = torch.tensor(torch.nan if index % 7 == 1 else float(count))
        return image, boxes, colours, counted


class RectangleBoxes(Task):
    """Boxes and colours; its loss is that of no detections, its metric the best IoU of each box."""

    name: ClassVar[str] = "rectangle_boxes"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "boxes", "colour", "boxes_count"})
    metric: ClassVar[str] = "overlap"

    def head(self, fields):
        return BoxHead.of(len(COLOURS), STRIDE)

    def target(self, sample):
        return pack_boxes(sample["boxes"], sample["colour"], sample["boxes_count"])

    def loss(self, prediction, target):
        if prediction.shape[1] != len(COLOURS) + BoxHead.SIDES:
            raise ValueError(f"{tuple(prediction.shape)} are detections, of which there is no loss")
        return Loss(prediction.square().mean((1, 2, 3)), unpack_boxes(target).labelled)

    def measure(self, prediction, target):
        boxes = unpack_boxes(target)
        best = best_overlaps(prediction, target)
        value = best.sum(1) / boxes.present.sum(1).clamp(min=1)
        return Loss(value, boxes.labelled)


def best_overlaps(detections: Tensor, target: Tensor) -> Tensor:
    """The IoU [B, M] of each box with the best detection of its class; 0 for padding."""
    boxes = unpack_boxes(target)
    there, seen = boxes.boxes[:, :, None], detections[:, None, :, :4].nan_to_num(-1)
    sides = torch.minimum(there[..., 2:], seen[..., 2:]) - torch.maximum(
        there[..., :2], seen[..., :2]
    )
    inside = sides.clamp(min=0).prod(-1)
    areas = [(each[..., 2:] - each[..., :2]).prod(-1) for each in (there, seen)]
    overlap = inside / (areas[0] + areas[1] - inside).clamp(min=1e-9)
    alike = boxes.classes[:, :, None] == detections[:, None, :, 4]
    return torch.where(alike & boxes.present[:, :, None], overlap, 0.0).amax(2)

"""Boxes around objects, and the class of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import pydantic
import torch
from torch import Tensor

from taskspace.components import BoxHead, Field, Loss, Sample, Task
from taskspace.components.detection.average_precision import (
    DetectedBoxes,
    LabelledBoxes,
    average_precision,
    missing_package,
)
from taskspace.components.detection.boxes import pack_boxes, scores_of, unpack_boxes
from taskspace.errors import DataError
from taskspace_plugins.detection.centres import boxes_of, centre_targets, focal_loss
from taskspace_plugins.detection.drawing import drawn
from taskspace_plugins.detection.overlap import generalized_iou
from taskspace_plugins.detection.peaks import peaks

BOX_WEIGHT = 5.0
"""Of the loss of boxes beside that of peaks (Liu et al. 2020, Sec. 5.1)."""


class Detection(Task):
    """Boxes around objects by their centres, without anchors: TTFNet (Liu et al. 2020).

    At the centre of each box its class has a peak, over which lies a hill; places on it say how far
    away the four sides are. The loss of an image is that of the peaks, a box, and 5 times the mean
    of 1 - GIoU over boxes. An image without a box counts, one that was not labelled does not.

    AP as COCO defines it judges all test images together: `ap` is the mean over the IoU thresholds
    .5 to .95, `ap50` is at .5. Boxes of crowds are neither to be hit nor wrong to be hit.
    """

    name: ClassVar[str] = "detection"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "boxes", "box_class", "box_count"})
    overall: ClassVar[tuple[str, ...]] = ("ap", "ap50")

    stride: Literal[1, 2, 4, 8, 16, 32] = pydantic.Field(
        4, description="Pixels between two places of the map; two centres in one are one box."
    )
    most: int = pydantic.Field(
        100, ge=1, le=1000, description="Detected boxes of an image; AP counts 100 of a class."
    )

    def missing(self) -> str | None:
        """Return how to install what AP needs, or None."""
        return missing_package()

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return the image and its boxes, with crowds where the dataset knows of them."""
        return self.requires | (frozenset({"box_crowd"}) & frozenset(fields))

    def head(self, fields: Mapping[str, Field]) -> BoxHead:
        """Return a logit for each class and four sides at each place.

        Raises:
            DataError: if the fields are no boxes with classes.
        """
        return BoxHead.of(len(self.class_names(fields)), self.stride)

    def class_names(self, fields: Mapping[str, Field]) -> Sequence[str]:
        """Return what the classes of boxes are called.

        Raises:
            DataError: if the fields are no boxes with classes.
        """
        boxes, classes = fields.get("boxes"), fields.get("box_class")
        if (
            boxes is None
            or classes is None
            or not classes.classes
            or boxes.shape != (*classes.shape, 4)
            or len(classes.shape) != 1
        ):
            raise DataError(
                "The fields `boxes` [M, 4] and `box_class` [M], which names its classes, are not "
                "both there.",
                where=f"task {self.name}",
                advice="Use a dataset with boxes, such as `drive` or `bdd100k`.",
            )
        return classes.classes

    def target(self, sample: Sample) -> Tensor:
        """Return boxes, classes and crowds [B, M, 6]; `unpack_boxes` reads them."""
        return pack_boxes(
            sample["boxes"], sample["box_class"], sample["box_count"], sample.get("box_crowd")
        )

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the loss [B] of a map [B, K + 4, h, w]."""
        labels = unpack_boxes(target)
        classes = prediction.shape[1] - BoxHead.SIDES
        side = prediction.shape[2], prediction.shape[3]
        wanted = centre_targets(labels, classes, side, self.stride)
        logits, sides = prediction[:, :classes], prediction[:, classes:]
        overlap = generalized_iou(boxes_of(sides, self.stride), wanted.boxes)
        away = (wanted.weights * (1 - overlap)).flatten(1).sum(dim=1)
        boxes = away / wanted.number.clamp(min=1)
        return Loss(focal_loss(logits, wanted) + BOX_WEIGHT * boxes, labels.labelled)

    def decode(self, prediction: Tensor) -> Tensor:
        """Return detected boxes with scores [B, K, 7]; what a readout has detected stays as it is.

        Args:
            prediction: a map [B, K + 4, h, w], or boxes as `pack_detections` packs them.
        """
        if prediction.ndim == 3:
            return prediction
        classes = prediction.shape[1] - BoxHead.SIDES
        logits, sides = prediction[:, :classes], prediction[:, classes:]
        return peaks(logits, sides, self.stride, self.most)

    def measure_all(
        self, decoded: Tensor, target: Tensor, fields: Mapping[str, Field]
    ) -> Mapping[str, float]:
        """Return `ap` and `ap50` in [0, 1] over the images that were labelled."""
        labels, detected = unpack_boxes(target), unpack_boxes(decoded)
        scores = scores_of(decoded)
        rows = labels.labelled.nonzero()[:, 0].tolist()
        known, found = [], []
        for row in rows:
            there, seen = labels.present[row], detected.present[row]
            known.append(
                LabelledBoxes(
                    labels.boxes[row][there].cpu().double().numpy(),
                    labels.classes[row][there].cpu().numpy(),
                    labels.crowd[row][there].cpu().numpy(),
                )
            )
            found.append(
                DetectedBoxes(
                    detected.boxes[row][seen].cpu().double().numpy(),
                    detected.classes[row][seen].cpu().numpy(),
                    scores[row][seen].cpu().double().numpy(),
                )
            )
        precision = average_precision(known, found, len(self.class_names(fields)))
        return {"ap": precision.value, "ap50": precision.at_half}

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return the images [B, 3, H, W] with the boxes drawn, a colour a class."""
        return drawn(values, input)

    def words(self, values: Tensor, fields: Mapping[str, Field]) -> list[str]:
        """Return how many boxes of which classes each image has."""
        names = self.class_names(fields)
        lines = []
        for row in unpack_boxes(values).classes:
            ids, counts = torch.unique(row[row >= 0], return_counts=True)
            pairs = zip(ids.tolist(), counts.tolist(), strict=True)
            lines.append(", ".join(f"{count} {names[number]}" for number, count in pairs) or "none")
        return lines

"""The two stages of torchvision's Faster R-CNN on codes, with losses image by image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from taskspace.components import Loss, Shape, stable_seed
from taskspace.components.detection.boxes import pack_detections, unpack_boxes
from taskspace_plugins.readouts._anchors import AnchorSizes, anchor_boxes, stride_of
from taskspace_plugins.readouts._sampler import BalancedSampler

# The settings of `torchvision.models.detection.FasterRCNN` (0.29), by the order of its arguments.
PROPOSALS = {
    "fg_iou_thresh": 0.7,
    "bg_iou_thresh": 0.3,
    "batch_size_per_image": 256,
    "positive_fraction": 0.5,
    "pre_nms_top_n": {"training": 2000, "testing": 1000},
    "post_nms_top_n": {"training": 2000, "testing": 1000},
    "nms_thresh": 0.7,
}
REGIONS = {
    "fg_iou_thresh": 0.5,
    "bg_iou_thresh": 0.5,
    "batch_size_per_image": 512,
    "positive_fraction": 0.25,
    "bbox_reg_weights": None,
}

Targets = list[dict[str, Tensor]]


class Settings(NamedTuple):
    """What of the second stage may be chosen.

    Attributes:
        pool: places along a side to which a proposal's part of the map is pooled.
        hidden: numbers in the two layers that judge it.
        most: boxes of an image.
        least_score: the probability that a box must pass.
        overlap: the IoU at which the weaker of two boxes of a class goes.
    """

    pool: int
    hidden: int
    most: int
    least_score: float
    overlap: float


class Detector(nn.Module):
    """Codes [B, *code] -> detections [B, K, 7]; its loss is one number an image.

    Torchvision averages over what it has drawn from all images of a batch. Here each image is a
    batch of its own; the mean over images is torchvision's where as much is drawn from each.
    """

    seed: Tensor
    draws: Tensor

    def __init__(
        self, code: Shape, classes: int, image: Shape, *, anchors: AnchorSizes, settings: Settings
    ) -> None:
        from torchvision.models.detection.faster_rcnn import (  # noqa: PLC0415  an extra
            FastRCNNPredictor,
            TwoMLPHead,
        )
        from torchvision.models.detection.roi_heads import RoIHeads  # noqa: PLC0415
        from torchvision.models.detection.rpn import (  # noqa: PLC0415
            RegionProposalNetwork,
            RPNHead,
        )

        super().__init__()
        self.side = image[1], image[2]
        self.most = settings.most
        head = RPNHead(code[0], len(anchors.sizes) * len(anchors.ratios))
        grid = _Anchors(anchor_boxes(code, image, anchors))
        self.rpn = RegionProposalNetwork(grid, head, **PROPOSALS)
        stride = stride_of(code[2], image[2]), stride_of(code[1], image[1])
        self.roi_heads = RoIHeads(
            _Pool(settings.pool, stride),
            TwoMLPHead(code[0] * settings.pool**2, settings.hidden),
            FastRCNNPredictor(settings.hidden, classes + 1),  # 0 is background
            **REGIONS,
            score_thresh=settings.least_score,
            nms_thresh=settings.overlap,
            detections_per_img=settings.most,
        )
        self._samplers = [BalancedSampler(part) for part in (PROPOSALS, REGIONS)]
        self.rpn.fg_bg_sampler, self.roi_heads.fg_bg_sampler = self._samplers
        # Buffers, so that a training that goes on from a checkpoint draws what it would have drawn.
        self.register_buffer("seed", torch.randint(2**62, ()))
        self.register_buffer("draws", torch.tensor(0))

    def forward(self, code: Tensor) -> Tensor:
        """Return the detected boxes as `pack_detections` packs them, the surest first."""
        with self._mode(training=False):
            images, features = self._maps(code)
            proposals, _ = self.rpn(images, features)
            detected, _ = self.roi_heads(features, proposals, images.image_sizes)
        boxes, labels, scores = (
            torch.stack([self._padded(each[name]) for each in detected])
            for name in ("boxes", "labels", "scores")
        )
        return pack_detections(boxes, labels - 1, scores, labels > 0)

    def loss(self, code: Tensor, target: Tensor) -> Loss:
        """Return the sum of the four losses of each image, valid where it was labelled.

        In training each call draws anew; in evaluation an image has the same draws in every call.

        Args:
            target: as `pack_boxes` packs it, [B, M, 6].
        """
        labelled = unpack_boxes(target).labelled
        draws = self._generator(int(self.draws)) if self.training else None
        losses = code.new_zeros(len(code))
        for number in labelled.nonzero().flatten().tolist():
            one = slice(number, number + 1)
            loss = self._loss_of_one(code[one], target[one], draws or self._generator(-1))
            losses[number] = loss
        if self.training:
            self.draws += 1
        return Loss(losses, labelled)

    def _loss_of_one(self, code: Tensor, target: Tensor, draws: torch.Generator) -> Tensor:
        images, features = self._maps(code)
        targets = _targets(target)
        with self._mode(training=True), self._drawing(draws):
            proposals, first = self.rpn(images, features, targets)
            _, second = self.roi_heads(features, proposals, images.image_sizes, targets)
        return torch.stack([*first.values(), *second.values()]).sum()

    def _generator(self, draw: int) -> torch.Generator:
        return torch.Generator().manual_seed(stable_seed(int(self.seed), draw))

    def _maps(self, code: Tensor) -> tuple[Any, dict[str, Tensor]]:
        from torchvision.models.detection.image_list import ImageList  # noqa: PLC0415

        return ImageList(code, [self.side] * len(code)), {"code": code}

    @contextmanager
    def _mode(self, *, training: bool) -> Iterator[None]:
        """Detect, or compute losses: torchvision asks the mode which. No layer depends on it."""
        before = self.training
        self.train(training)
        try:
            yield
        finally:
            self.train(before)

    @contextmanager
    def _drawing(self, draws: torch.Generator) -> Iterator[None]:
        for sampler in self._samplers:
            sampler.generator = draws
        try:
            yield
        finally:
            for sampler in self._samplers:
                sampler.generator = None

    def _padded(self, values: Tensor) -> Tensor:
        """Return the numbers [n, ...] of an image's boxes as those of `detections` boxes."""
        return torch.cat([values, values.new_zeros(self.most - len(values), *values.shape[1:])])


class _Anchors(nn.Module):
    """Anchors that are the same for all images: there is one side and one map."""

    boxes: Tensor

    def __init__(self, boxes: Tensor) -> None:
        super().__init__()
        self.register_buffer("boxes", boxes, persistent=False)

    def forward(self, images: Any, maps: list[Tensor]) -> list[Tensor]:
        """Return anchors [A, 4] for each image."""
        return [self.boxes] * len(images.image_sizes)


class _Pool(nn.Module):
    """The part of a map in each box, [boxes, C, side, side].

    Places are the middles of the pixels that they stand for (He et al. 2017, Sec. 3), which
    `torchvision.ops.MultiScaleRoIAlign` leaves half a place aside.

    Args:
        stride: pixels a place, along x and y.
    """

    def __init__(self, side: int, stride: tuple[float, float]) -> None:
        super().__init__()
        self.side = side
        self.stride = stride

    def forward(self, maps: dict[str, Tensor], boxes: list[Tensor], images: Any) -> Tensor:
        """Return the parts in the boxes of the first image, then those of the second, ..."""
        from torchvision.ops import roi_align  # noqa: PLC0415

        places = [each / each.new_tensor(self.stride * 2) for each in boxes]
        pooled: Tensor = roi_align(maps["code"], places, self.side, sampling_ratio=2, aligned=True)
        return pooled


def _targets(target: Tensor) -> Targets:
    """Return boxes and labels of one image [1, M, 6]; those without an area are left out."""
    boxes = unpack_boxes(target)
    has_area = (boxes.boxes[..., 2:] > boxes.boxes[..., :2]).all(dim=-1)
    kept = boxes.present & ~boxes.crowd & has_area
    return [{"boxes": boxes.boxes[kept], "labels": boxes.classes[kept] + 1}]

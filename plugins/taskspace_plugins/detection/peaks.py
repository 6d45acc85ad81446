"""What boxes a map says there are."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components.detection.boxes import pack_detections
from taskspace_plugins.detection.centres import boxes_of


def peaks(logits: Tensor, sides: Tensor, stride: int, most: int) -> Tensor:
    """Return the boxes at the highest peaks, as `pack_detections` packs them (Zhou et al. 2019).

    A peak is a place that no neighbour of its class exceeds, so that no box has to be suppressed
    for another. Boxes are cut off at the border of the map.

    Args:
        logits: of each class, [B, K, h, w].
        sides: as `boxes_of` takes them, [B, 4, h, w].
        most: boxes of an image, at most.
    """
    rows, columns = logits.shape[2:]
    highest = functional.max_pool2d(logits, 3, stride=1, padding=1)
    scores = torch.where(logits == highest, logits, -torch.inf).flatten(1)
    best, places = scores.topk(min(most, scores.shape[1]), dim=1)
    boxes = boxes_of(sides, stride).flatten(1, 2)
    where = (places % (rows * columns))[..., None].expand(-1, -1, 4)
    border = boxes.new_tensor([columns, rows, columns, rows]) * stride
    chosen = torch.minimum(boxes.gather(1, where).clamp(min=0), border)
    return pack_detections(chosen, places // (rows * columns), best.sigmoid(), best.isfinite())

"""Which anchors and proposals an image is learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor


class BalancedSampler:
    """Draws positives and negatives as torchvision's does, from a generator that it is handed.

    Torchvision draws from the generator of the process, which no seed of a cell decides.

    Args:
        settings: `batch_size_per_image` and `positive_fraction`, the share of positives at most.

    Attributes:
        generator: on the CPU.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._most = settings["batch_size_per_image"]
        self._most_positive = int(self._most * settings["positive_fraction"])
        self.generator: torch.Generator | None = None

    def __call__(self, labels: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return for each image which of its boxes are drawn as positives, and as negatives.

        Args:
            labels: of each image [boxes], 0 for background and below for what is neither.
        """
        drawn = [self._drawn(each) for each in labels]
        return [positive for positive, _ in drawn], [negative for _, negative in drawn]

    def _drawn(self, labels: Tensor) -> tuple[Tensor, Tensor]:
        positive = torch.where(labels >= 1)[0]
        negative = torch.where(labels == 0)[0]
        positives = min(len(positive), self._most_positive)
        negatives = min(len(negative), self._most - positives)
        masks = []
        for places, count in ((positive, positives), (negative, negatives)):
            order = torch.randperm(len(places), generator=self.generator)[:count]
            mask = torch.zeros_like(labels, dtype=torch.uint8)
            mask[places[order.to(labels.device)]] = 1
            masks.append(mask)
        return masks[0], masks[1]

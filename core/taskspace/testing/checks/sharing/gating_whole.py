"""A gated network as one from images to a vector, so that the checks of networks apply to it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from taskspace.components.gated import GatedNetwork


class Whole(nn.Module):
    """All predictions for each image, one after the other."""

    def __init__(self, network: GatedNetwork, tasks: int) -> None:
        super().__init__()
        self.network = network
        self.tasks = tasks

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, the sum of the sizes of all predictions]."""
        asked = torch.ones(len(images), self.tasks, dtype=torch.bool, device=images.device)
        output = self.network(images, asked)
        return torch.cat([said.flatten(1) for said in output.predictions], dim=1)

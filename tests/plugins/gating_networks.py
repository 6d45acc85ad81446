"""A tiny encoder and readout, and networks of gating schemes on them."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from taskspace.components import Encoder, EncoderStage, Gating, VectorHead
from taskspace.components.gated import GatedNetwork, Output
from taskspace_plugins.readouts.linear import Linear

IMAGE = (1, 4, 4)
HEADS = (VectorHead(3), VectorHead(2), VectorHead(1))


class TwoLayers(Encoder):
    """Two convolutions with a smooth activation, a stage each."""

    name: ClassVar[str] = "two_layers"

    def code_shape(self, image):
        return (2, image[1] // 2, image[2] // 2)

    def build(self, image):
        return nn.Sequential(*(stage.network for stage in self.stages(image)))

    def stage_count(self):
        return 2

    def stages(self, image):
        channels, height, width = image
        first = nn.Sequential(nn.Conv2d(channels, 3, 3, padding=1), nn.Tanh())
        second = nn.Sequential(nn.Conv2d(3, 2, 2, stride=2), nn.Tanh())
        return (
            EncoderStage(first, (3, height, width)),
            EncoderStage(second, (2, height // 2, width // 2)),
        )


def built(
    gating: Gating, encoder: Encoder | None = None, *, seed: int = 0, heads=HEADS, image=IMAGE
) -> GatedNetwork:
    torch.manual_seed(seed)
    return gating.build(encoder or TwoLayers(), Linear(), image, heads)


def images(rows: int, seed: int = 0) -> Tensor:
    return torch.rand(rows, *IMAGE, generator=torch.Generator().manual_seed(seed))


def losses(output: Output) -> Tensor:
    """Return a loss of each pair [P]: how far its prediction is from 1."""
    return torch.cat([(said - 1).square().mean(dim=1) for said in output.predictions])


def total(network: GatedNetwork, output: Output) -> Tensor:
    """Return the loss of a batch, all pairs counting alike."""
    values = losses(output)
    weights = torch.full_like(values, 1 / len(values)).detach()
    return (weights * values).sum() + network.extra_loss(output, values, weights)

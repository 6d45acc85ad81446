"""What a gating scheme is tried on: a small encoder and readout, three tasks, a few batches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import nn

from taskspace.components import (
    DenseHead,
    Encoder,
    EncoderStage,
    Gating,
    Head,
    Readout,
    Shape,
    VectorHead,
)
from taskspace.components.gated import GatedNetwork
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.subject import Subject, returned

ROWS = 4
HEADS: tuple[Head, ...] = (VectorHead(3), VectorHead(2), DenseHead(1, stride=4))
BATCHES: dict[str, tuple[tuple[int, ...], ...]] = {
    "one task a row": ((1,), (0,), (2,), (1,)),
    "several tasks a row": ((0, 1, 2), (0, 1, 2), (0, 1, 2), (0, 1, 2)),
    "labels missing": ((0, 2), (), (2,), (0, 1)),
    "a task missing": ((0,), (2,), (2,), (0,)),
    "one row": ((1,),),
}
"""The tasks that each row asks for."""


class TwoStrides(Encoder):
    """Two convolutions of stride 2, a stage each."""

    name: ClassVar[str] = "two_strides"

    def code_shape(self, image: Shape) -> Shape:
        """Return (4, ceil(H / 4), ceil(W / 4))."""
        return self.stages(image)[-1].shape

    def build(self, image: Shape) -> nn.Module:
        """Return both stages as one network."""
        return nn.Sequential(*(stage.network for stage in self.stages(image)))

    def stage_count(self) -> int:
        """Return 2."""
        return 2

    def stages(self, image: Shape) -> tuple[EncoderStage, ...]:
        """Return the two."""
        found: list[EncoderStage] = []
        before = image
        for _ in range(2):
            after = (4, -(-before[1] // 2), -(-before[2] // 2))
            layer = nn.Conv2d(before[0], 4, 3, stride=2, padding=1)
            found.append(EncoderStage(nn.Sequential(layer, nn.Tanh()), after))
            before = after
        return tuple(found)


class Flattened(Readout):
    """One linear layer over the whole code."""

    name: ClassVar[str] = "flattened"

    def build(self, code: Shape, head: Head, image: Shape) -> nn.Module:
        """Return a network [B, *code] -> [B, *head]."""
        shape = head.shape(image)
        layer = nn.Linear(math.prod(code), math.prod(shape))
        return nn.Sequential(nn.Flatten(), layer, nn.Unflatten(1, shape))


@dataclass(frozen=True)
class GatingTrial:
    """A scheme with images of one shape."""

    gating: Gating
    image: Shape

    def network(self, seed: int = 0) -> GatedNetwork:
        """Return a network built under this seed of torch, in training mode."""
        with global_seeds(torch_seed=seed, others=0):
            return self.built()

    def built(self) -> GatedNetwork:
        """Return a network built under the seeds that are set."""
        made = self.gating.build(TwoStrides(), Flattened(), self.image, HEADS)
        wanted = "a taskspace.components.gated.GatedNetwork"
        return returned("build()", made, GatedNetwork, wanted)

    def images(self, rows: int) -> torch.Tensor:
        """Return images in [0, 1]."""
        return torch.rand(rows, *self.image, generator=torch.Generator().manual_seed(7))


def trials(subject: Subject) -> Iterator[GatingTrial]:
    """Yield the scheme with each shape of images."""
    gating = subject.made(Gating)
    for image in subject.images:
        yield GatingTrial(gating, image)


def asked_by(rows: tuple[tuple[int, ...], ...]) -> torch.Tensor:
    """Return what a batch asks, bool [B, N]."""
    return torch.tensor([[task in row for task in range(len(HEADS))] for row in rows])

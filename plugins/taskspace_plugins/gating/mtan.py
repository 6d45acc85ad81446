"""One backbone, at which each task looks through masks of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import Encoder, Gating, Head, Readout, Shape
from taskspace.components.gated import GatedNetwork, Layers, Output, request_of
from taskspace.components.multiply_adds import multiply_adds
from taskspace_plugins.gating.networks._heads import Heads, copied


class Mtan(Gating):
    """A shared encoder with soft attention masks of each task at each stage (Liu et al. 2019).

    At stage j a task sees a_j * p_j, with the mask a_j = h(g([p_j; f(what it saw before)])), where
    g and h are 1x1 convolutions with ReLU and sigmoid, and f is a 3x3 convolution with a maximum
    down to the size of the stage (eq. 1 and 2). Of the paper's two features of a block, u and p,
    an encoder's stage shows one, which stands for both; channels are normalised in place of
    batches, so that what is said of an image depends on that image alone.
    """

    name: ClassVar[str] = "mtan"

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> GatedNetwork:
        """Return a network of one backbone and an attention branch a task."""
        stages = encoder.stages(image)
        made = Heads(readout, stages[-1].shape, heads, image)
        backbone = nn.ModuleList(stage.network for stage in stages)
        return Attended(backbone, [stage.shape for stage in stages], made, image)


class Branch(nn.Module):
    """What one task sees of the stages of a backbone (Liu et al. 2019, eq. 1 and 2)."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        super().__init__()
        self.sides = [shape[1:] for shape in shapes]
        channels = [shape[0] for shape in shapes]
        self.masks = nn.ModuleList()
        self.passes = nn.ModuleList()
        for number, here in enumerate(channels):
            seen = 2 * here if number else here
            self.masks.append(
                nn.Sequential(*_normalised(seen, here, 1), *_normalised(here, here, 1)[:-1])
            )
            if number:
                self.passes.append(nn.Sequential(*_normalised(channels[number - 1], here, 3)))

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Return the last attended features [B, *code].

        Args:
            features: p of each stage [B, C, H, W].
        """
        attended: Tensor = features[0] * self.masks[0](features[0]).sigmoid()
        later = zip(features[1:], self.masks[1:], self.passes, self.sides[1:], strict=True)
        for shown, mask, onward, side in later:
            before = functional.adaptive_max_pool2d(onward(attended), side)
            attended = shown * mask(torch.cat([shown, before], dim=1)).sigmoid()
        return attended


class Attended(GatedNetwork):
    """A backbone in stages, a branch a task, a head a task: one expert that all tasks read."""

    def __init__(
        self, stages: nn.ModuleList, shapes: Sequence[Shape], heads: Heads, image: Shape
    ) -> None:
        super().__init__()
        self.stages = stages
        self.branches = nn.ModuleList(Branch(shapes) for _ in heads.networks)
        self.heads = heads
        self.cost = multiply_adds(nn.Sequential(*stages), image)

    def forward(
        self,
        images: Tensor,
        asked: Tensor,
        *,
        chosen: Layers | None = None,
        generator: torch.Generator | None = None,
    ) -> Output:
        """Return what is predicted; the backbone runs once for all tasks of an image."""
        pairs, counts, rows, row = request_of(asked, images)
        seen = images[rows].contiguous(memory_format=torch.channels_last)
        features = _features(self.stages, seen)
        codes = [
            branch([shown[here] for shown in features]) if len(here) else features[-1][:0]
            for branch, here in zip(self.branches, torch.split(row, counts), strict=True)
        ]
        gates = torch.ones(len(row), 1, dtype=torch.bool, device=row.device)
        return Output(
            self.heads(torch.cat(codes), counts),
            pairs,
            (gates,),
            (gates.to(images.dtype),),
            (torch.full((1,), len(rows), device=row.device),),
        )

    def probabilities(self) -> Layers:
        """Return 1: every task reads the backbone [N, 1]."""
        return (torch.ones(len(self.branches), 1, device=next(self.parameters()).device),)

    def export(self, task: int, chosen: Layers | None = None) -> nn.Module:
        """Return the backbone with the branch and the head of one task."""
        return AttendedTask(self, task).eval()

    def costs(self) -> Layers:
        """Return the multiply-adds of the backbone, int64 [1]; those of branches are not in it."""
        return (torch.full((1,), self.cost),)


class AttendedTask(nn.Module):
    """A backbone, one branch, one head."""

    def __init__(self, network: Attended, task: int) -> None:
        super().__init__()
        self.stages = copied(network.stages)
        self.branch = copied(network.branches[task])
        self.head = copied(network.heads.networks[task])

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, *head]."""
        features = _features(cast("nn.ModuleList", self.stages), images)
        return cast("Tensor", self.head(self.branch(features)))


def _features(stages: nn.ModuleList, images: Tensor) -> list[Tensor]:
    features = [images]
    for stage in stages:
        features.append(stage(features[-1]))
    return features[1:]


def _normalised(before: int, after: int, size: int) -> list[nn.Module]:
    layer = nn.Conv2d(before, after, size, padding=size // 2, bias=False)
    return [layer, nn.GroupNorm(1, after), nn.ReLU()]

"""A network a task, stitched together between their stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

import pydantic
import torch
from torch import Tensor, nn

from taskspace.components import Encoder, EncoderStage, Gating, Head, Readout, Shape
from taskspace.components.gated import GatedNetwork, Layers, Output, request_of
from taskspace.components.multiply_adds import multiply_adds
from taskspace_plugins.gating.networks._heads import Heads, copied


class CrossStitch(Gating):
    """A copy of the encoder a task; after each stage, each reads from all (Misra et al. 2016).

    After a stage, x_t becomes sum_u a_tu x_u (eq. 1), with a matrix a stage that starts near the
    identity. Every copy is needed for every task, so that all run on all images. An encoder of one
    stage is stitched once, before the heads.
    """

    name: ClassVar[str] = "cross_stitch"

    own_share: float = pydantic.Field(
        0.9, ge=0, le=1, description="a_tt at the start; what is left to 1 goes to other tasks."
    )

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> GatedNetwork:
        """Return a network of as many copies of the encoder as there are tasks."""
        copies = [encoder.stages(image) for _ in heads]
        return _Stitched(copies, Heads(readout, copies[0][-1].shape, heads, image), image, self)


class _Stitched(GatedNetwork):
    """Copies of an encoder, N by stage, and a matrix [N, N] for each stage."""

    def __init__(
        self,
        copies: Sequence[Sequence[EncoderStage]],
        heads: Heads,
        image: Shape,
        scheme: CrossStitch,
    ) -> None:
        super().__init__()
        count = len(copies)
        stages = [
            nn.ModuleList(part.network for part in parts) for parts in zip(*copies, strict=True)
        ]
        self.stages = nn.ModuleList(stages)
        self.heads = heads
        shapes = (image, *(part.shape for part in copies[0]))
        self.stage_costs = [
            multiply_adds(parts[0], shape) for parts, shape in zip(stages, shapes, strict=False)
        ]
        other = (1 - scheme.own_share) / max(count - 1, 1)
        own = scheme.own_share if count > 1 else 1.0
        start = torch.full((count, count), other).fill_diagonal_(own)
        self.stitches = nn.ParameterList(start.clone() for _ in stages)

    def forward(
        self,
        images: Tensor,
        asked: Tensor,
        *,
        chosen: Layers | None = None,
        generator: torch.Generator | None = None,
    ) -> Output:
        """Return what is predicted; all copies run on the rows that ask for anything."""
        pairs, counts, rows, item = request_of(asked, images)
        count = len(self.heads.networks)
        here = images[rows].contiguous(memory_format=torch.channels_last)
        stitched = _columns(self.stages, self.stitches, here)
        gates = torch.ones(len(item), count, dtype=torch.bool, device=images.device)
        applied = torch.full((count,), len(rows), device=images.device)
        layers = len(self.stages)
        return Output(
            self.heads(stitched[pairs.task, item], counts),
            pairs,
            (gates,) * layers,
            tuple(stitch.detach()[pairs.task] for stitch in self.stitches),
            (applied,) * layers,
        )

    def probabilities(self) -> Layers:
        """Return 1: all read from all, [N, N] a stage."""
        return tuple(torch.ones_like(stitch) for stitch in self.weights())

    def weights(self) -> Layers:
        """Return the matrices, [N, N] a stage; row t says what task t reads."""
        return tuple(stitch.detach() for stitch in self.stitches)

    def export(self, task: int, chosen: Layers | None = None) -> nn.Module:
        """Return all copies, with the head of one task: none can be left out."""
        return StitchedTask(self.stages, self.stitches, self.heads.networks[task], task).eval()

    def costs(self) -> Layers:
        """Return the multiply-adds of each copy of a stage, int64 [N] a stage."""
        count = len(self.heads.networks)
        return tuple(torch.full((count,), cost) for cost in self.stage_costs)


class StitchedTask(nn.Module):
    """All copies and the head of one task."""

    def __init__(
        self, stages: nn.ModuleList, stitches: nn.ParameterList, head: nn.Module, task: int
    ) -> None:
        super().__init__()
        self.stages = copied(stages)
        self.stitches = copied(stitches)
        self.head = copied(head)
        self.task = task

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, *head]."""
        columns = _columns(
            cast("nn.ModuleList", self.stages), cast("nn.ParameterList", self.stitches), images
        )
        return cast("Tensor", self.head(columns[self.task]))


def _columns(stages: nn.ModuleList, stitches: nn.ParameterList, images: Tensor) -> Tensor:
    """Return the code of each task's column [N, B, *code]."""
    columns: Sequence[Tensor] | Tensor = [images] * len(stitches[0])
    for stage, stitch in zip(stages, stitches, strict=True):
        networks = cast("nn.ModuleList", stage)
        seen = torch.stack([net(x) for net, x in zip(networks, columns, strict=True)])
        columns = torch.tensordot(stitch, seen, dims=1)
    return cast("Tensor", columns)

"""Every task mixes all experts, by what the image shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from taskspace.components import Encoder, Gating, Head, Readout, Shape
from taskspace.components.gated import GatedNetwork, Layers, Output, request_of
from taskspace_plugins.gating.gates._fields import ExpertCount
from taskspace_plugins.gating.gates._selectors import selector, shared_out
from taskspace_plugins.gating.networks._experts import Experts
from taskspace_plugins.gating.networks._heads import Heads, copied


class Mmoe(Gating):
    """A softmax gate a task that looks at the image (Ma et al. 2018, eq. 6 and 7).

    The gate is a linear layer on all numbers of the image, with a bias. All experts run.
    """

    name: ClassVar[str] = "mmoe"

    experts: ExpertCount = 20

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> GatedNetwork:
        """Return a network with as many gates as tasks."""
        networks = [encoder.build(image) for _ in range(self.experts)]
        code = encoder.code_shape(image)
        selectors = [selector(image, self.experts) for _ in heads]
        return MultiGate(
            Experts(networks, image, code), selectors, Heads(readout, code, heads, image)
        )


class MultiGate(GatedNetwork):
    """Experts, a selector a task, a head a task."""

    def __init__(self, experts: Experts, selectors: Sequence[nn.Module], heads: Heads) -> None:
        super().__init__()
        self.experts = experts
        self.selectors = nn.ModuleList(selectors)
        self.heads = heads

    def forward(
        self,
        images: Tensor,
        asked: Tensor,
        *,
        chosen: Layers | None = None,
        generator: torch.Generator | None = None,
    ) -> Output:
        """Return what is predicted; all experts run on the rows that ask for anything."""
        pairs, counts, *_ = request_of(asked, images)
        shares = torch.cat(
            [
                select(images[rows])
                for select, rows in zip(self.selectors, torch.split(pairs.row, counts), strict=True)
            ]
        )
        gates = torch.ones_like(shares, dtype=torch.bool)
        z, applied = self.experts(images, pairs.row, gates, shares)
        return Output(self.heads(z, counts), pairs, (gates,), (shares.detach(),), (applied,))

    def probabilities(self) -> Layers:
        """Return 1: every task reads every expert [N, M]."""
        shape = (len(self.selectors), len(self.experts.networks))
        return (torch.ones(shape, device=next(self.parameters()).device),)

    def export(self, task: int, chosen: Layers | None = None) -> nn.Module:
        """Return all experts with the gate and the head of one task."""
        return MixedTask(
            self.experts.networks, self.selectors[task], self.heads.networks[task]
        ).eval()

    def costs(self) -> Layers:
        """Return the multiply-adds of each expert, int64 [M]."""
        return (self.experts.costs(),)


class MixedTask(nn.Module):
    """Experts, one selector and one head."""

    def __init__(self, experts: nn.ModuleList, select: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.experts = copied(experts)
        self.select = copied(select)
        self.head = copied(head)

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, *head]."""
        codes = torch.stack([expert(images) for expert in cast("nn.ModuleList", self.experts)])
        prediction: Tensor = self.head(shared_out(self.select(images), codes))
        return prediction

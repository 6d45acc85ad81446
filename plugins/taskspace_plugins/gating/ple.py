"""Experts of all tasks beside experts of each, layer after layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

import pydantic
import torch
from torch import Tensor, nn

from taskspace.components import Encoder, Head, Readout, Shape
from taskspace.components.gated import GatedNetwork, Layers, Output, request_of
from taskspace_plugins.gating.gates._fields import Layered
from taskspace_plugins.gating.gates._selectors import selector, shared_out
from taskspace_plugins.gating.networks._experts import Experts, expert_layers
from taskspace_plugins.gating.networks._heads import Heads, copied


class Ple(Layered):
    """Shared experts and experts of each task: progressive layered extraction (Tang et al. 2020).

    In a layer, a task's softmax gate mixes its own experts and the shared ones, and a shared gate
    mixes all (Sec. 4.2); the next layer's experts go on from there. A gate looks at what its own
    experts see. Of the last layer only the experts that are read run; with one layer (customized
    gate control, Sec. 4.1) that is the shared experts and those of the tasks that are asked for.
    """

    name: ClassVar[str] = "ple"

    shared_experts: int = pydantic.Field(2, ge=1, le=256, description="Experts of all tasks.")
    task_experts: int = pydantic.Field(1, ge=1, le=256, description="Experts of each task.")

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> Progressive:
        """Return a network of shared and own experts.

        Raises:
            InputError: if the encoder has fewer stages than there are layers.
        """
        total = self.shared_experts + len(heads) * self.task_experts
        layers: list[Experts] = expert_layers(encoder, image, total, self.layers)
        code = encoder.code_shape(image)
        return Progressive(
            layers,
            Heads(readout, code, heads, image),
            image,
            self.shared_experts,
            self.task_experts,
        )


class Extraction(nn.Module):
    """A layer as a whole: streams [N + 1, B, ...], one a task and the shared one last, to streams.

    Args:
        networks: the shared experts, then those of each task.
        owner: the stream that each expert sees [M].
        reads: bool [N + 1, M], the experts that each stream mixes.
        before: the shape of an input.
    """

    def __init__(
        self, networks: nn.ModuleList, owner: Tensor, reads: Tensor, before: Shape
    ) -> None:
        super().__init__()
        self.networks = networks
        self.owner = owner.tolist()
        self.columns = [here.nonzero()[:, 0].tolist() for here in reads]
        self.selectors = nn.ModuleList(selector(before, len(c)) for c in self.columns)

    def forward(self, streams: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the new streams, and the shares of the experts that each of them mixes."""
        codes = [net(streams[o]) for net, o in zip(self.networks, self.owner, strict=True)]
        shares = [select(streams[u]) for u, select in enumerate(self.selectors)]
        mixed = [
            shared_out(share, torch.stack([codes[c] for c in columns]))
            for share, columns in zip(shares, self.columns, strict=True)
        ]
        return torch.stack(mixed), shares


class Progressive(GatedNetwork):
    """Layers of experts, of which the last runs only those that are read.

    Args:
        layers: S + N T experts each, the shared ones first.
        shared: S.
        own: T.
    """

    def __init__(
        self, layers: Sequence[Experts], heads: Heads, image: Shape, shared: int, own: int
    ) -> None:
        super().__init__()
        tasks = len(heads.networks)
        owner = torch.cat(
            [torch.full((shared,), tasks), torch.arange(tasks).repeat_interleave(own)]
        )
        streams = torch.arange(tasks + 1)
        reads = (owner == tasks) | (owner == streams[:, None]) | (streams[:, None] == tasks)
        befores = [image, *(layer.after for layer in layers)]
        self.lower = nn.ModuleList(
            Extraction(layer.networks, owner, reads, before)
            for layer, before in zip(layers[:-1], befores, strict=False)
        )
        self.last = layers[-1]
        self.selectors = nn.ModuleList(selector(befores[-2], shared + own) for _ in range(tasks))
        self.heads = heads
        self.expert_costs = [layer.cost for layer in layers]
        self.owner: Tensor = nn.Buffer(owner, persistent=False)
        self.reads: Tensor = nn.Buffer(reads[:-1], persistent=False)

    def forward(
        self,
        images: Tensor,
        asked: Tensor,
        *,
        chosen: Layers | None = None,
        generator: torch.Generator | None = None,
    ) -> Output:
        """Return what is predicted; all layers but the last run as a whole, for all tasks."""
        pairs, counts, rows, row = request_of(asked, images)
        opened = self.reads[pairs.task]
        everything = torch.ones_like(opened)
        streams = images[rows][None]
        gates, coefficients, applied = [], [], []
        for layer in self.lower:
            # The image is the first input of every stream.
            streams, shares = layer(streams.expand(len(counts) + 1, *streams.shape[1:]))
            gates.append(everything)
            parts = [
                share[here] for share, here in zip(shares, _of_tasks(row, counts), strict=False)
            ]
            coefficients.append(_placed(parts, opened).detach())
            applied.append(torch.full_like(self.owner, len(rows)))
        parts = [
            select(streams[task % len(streams), here])
            for task, (select, here) in enumerate(
                zip(self.selectors, _of_tasks(row, counts), strict=True)
            )
        ]
        shares_of_pairs = _placed(parts, opened)
        item = self.owner % len(streams) * len(rows) + row[:, None]
        z, count = self.last(streams.flatten(0, 1), item, opened, shares_of_pairs)
        return Output(
            self.heads(z, counts),
            pairs,
            (*gates, opened),
            (*coefficients, shares_of_pairs.detach()),
            (*applied, count),
        )

    def probabilities(self) -> Layers:
        """Return 1 for what a task reads, in the lower layers all, [N, M] a layer."""
        reads = self.reads.to(torch.get_default_dtype())
        return (*(torch.ones_like(reads) for _ in self.lower), reads)

    def export(self, task: int, chosen: Layers | None = None) -> nn.Module:
        """Return all lower layers, and of the last one what the task reads, with its head."""
        kept = self.reads[task].nonzero()[:, 0].tolist()
        return ExtractedTask(self, kept, task).eval()

    def costs(self) -> Layers:
        """Return the multiply-adds of each expert, int64 [M] a layer."""
        return tuple(torch.full((len(self.owner),), cost) for cost in self.expert_costs)


class ExtractedTask(nn.Module):
    """The lower layers, the experts that a task reads of the last one, its gate and its head."""

    def __init__(self, network: Progressive, kept: Sequence[int], task: int) -> None:
        super().__init__()
        self.lower = copied(network.lower)
        self.experts = copied(nn.ModuleList(network.last.networks[number] for number in kept))
        self.select = copied(network.selectors[task])
        self.head = copied(network.heads.networks[task])
        self.streams = len(network.selectors) + 1
        self.owner = [int(network.owner[number]) for number in kept]
        self.task = task

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, *head]."""
        streams = images.expand(self.streams, *images.shape)
        for layer in cast("nn.ModuleList", self.lower):
            streams, _ = layer(streams)
        experts = zip(cast("nn.ModuleList", self.experts), self.owner, strict=True)
        codes = torch.stack([expert(streams[owner]) for expert, owner in experts])
        return cast("Tensor", self.head(shared_out(self.select(streams[self.task]), codes)))


def _of_tasks(row: Tensor, counts: Sequence[int]) -> tuple[Tensor, ...]:
    return torch.split(row, list(counts))


def _placed(parts: Sequence[Tensor], opened: Tensor) -> Tensor:
    """Return coefficients [P, M]: the shares of each pair at its open gates, 0 elsewhere."""
    shares = torch.cat(list(parts))
    empty = torch.zeros(opened.shape, dtype=shares.dtype, device=shares.device)
    return empty.masked_scatter(opened, shares)

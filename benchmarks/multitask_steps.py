"""What `multitask.py` compares: the steps of dense, grouped and sparse mixtures, and of LibMTL's.

The expert is that of Yan 2020: four times a 3x3 convolution of 32 filters, ReLU, 2x2 maximum.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import Gating, VectorHead
from taskspace.components.gated import GatedNetwork, one_task_each
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.gating.mmoe import Mmoe
from taskspace_plugins.gating.multi_clustering import MultiClustering
from taskspace_plugins.gating.ungated import Ungated
from taskspace_plugins.readouts.linear import Linear

TASKS, CLASSES, IMAGE, CODE = 20, 5, (3, 32, 32), 128
LOOP = "loop over all experts, NCHW"

Step = Callable[[Tensor, Tensor, Tensor], None]
"""Makes one step on images [B, 3, 32, 32], their tasks [B] and their classes [B]."""


class PublishedExpert(nn.Module):
    """The expert as it is usually written: ReLU before the maximum, rows of channels."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (3, 32, 32, 32, 32)
        self.layers = nn.ModuleList(
            nn.Conv2d(before, after, 3, padding=1) for before, after in pairwise(sizes)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, 128]."""
        for layer in self.layers:
            x = functional.max_pool2d(layer(x).relu(), 2)
        return x.flatten(1)


class DenseLoop(nn.Module):
    """A loop over all experts, which each task weighs."""

    def __init__(self, experts: int) -> None:
        super().__init__()
        self.experts = nn.ModuleList(PublishedExpert() for _ in range(experts))
        self.weights = nn.Parameter(torch.randn(TASKS, experts))
        self.heads = nn.ModuleList(nn.Linear(CODE, CLASSES) for _ in range(TASKS))

    def forward(self, images: Tensor, task: Tensor) -> Tensor:
        """Return the logits of each row's own task [B, 5]."""
        codes = torch.stack([expert(images) for expert in self.experts], dim=1)
        z = (self.weights[task][:, :, None] * codes).sum(dim=1)
        return _by_task(z, task, self.heads)


class Grouped(nn.Module):
    """The same as one network: convolutions in M groups."""

    def __init__(self, experts: int) -> None:
        super().__init__()
        self.experts = experts
        sizes = (3, 32, 32, 32, 32)
        self.layers = nn.ModuleList(
            nn.Conv2d(
                before if before == 3 else before * experts,
                after * experts,
                3,
                padding=1,
                groups=1 if before == 3 else experts,
            )
            for before, after in pairwise(sizes)
        )
        self.weights = nn.Parameter(torch.randn(TASKS, experts))
        self.heads = nn.ModuleList(nn.Linear(CODE, CLASSES) for _ in range(TASKS))

    def forward(self, images: Tensor, task: Tensor) -> Tensor:
        """Return the logits of each row's own task [B, 5]."""
        x = images
        for layer in self.layers:
            x = functional.max_pool2d(layer(x), 2).relu()
        codes = x.reshape(len(x), self.experts, CODE)
        z = (self.weights[task][:, :, None] * codes).sum(dim=1)
        return _by_task(z, task, self.heads)


def ours(gating: Gating, density: float | None = None) -> Step:
    """Return the step of a gating scheme; with a density, its gates are open that often."""
    heads = [VectorHead(CLASSES)] * TASKS
    network: GatedNetwork = gating.build(ConvPool(), Linear(), IMAGE, heads).train()
    if density is not None:
        with torch.no_grad():
            network.get_parameter("gates.0.logits").fill_(float(np.log(density / (1 - density))))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    generator = torch.Generator().manual_seed(0)

    def step(images: Tensor, task: Tensor, label: Tensor) -> None:
        output = network(images, one_task_each(task, TASKS), generator=generator)
        logits = torch.cat(output.predictions)
        values = functional.cross_entropy(logits, label[output.pairs.row], reduction="none")
        weights = torch.full_like(values, 1 / len(values)).detach()
        loss = (weights * values).sum() + network.extra_loss(output, values, weights)
        _learn(optimizer, loss)

    return step


def convolutions(experts: int) -> Step:
    """Return what any dense mixture of these experts has to do: their convolutions, alone.

    Forward and backward, on images of a fixed size in the layout that is fastest here, where every
    array is still in the cache: no pooling, no mixing, no heads, no optimizer.
    """
    layers = []
    for before, side in zip((IMAGE[0], 32, 32, 32), (32, 16, 8, 4), strict=True):
        layer = nn.Conv2d(before, 32, 3, padding=1).to(memory_format=torch.channels_last)
        layers.append((layer, before, side))

    def step(images: Tensor, task: Tensor, label: Tensor) -> None:
        for layer, before, side in layers:
            shape = len(images), before, side, side
            x = torch.rand(shape).to(memory_format=torch.channels_last)
            x.requires_grad_(before > IMAGE[0])
            for _ in range(experts):
                output = layer(x)
                torch.autograd.backward(output, torch.ones_like(output))

    return step


def dense(network: nn.Module) -> Step:
    """Return the step of a network that is told the task of each row."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)

    def step(images: Tensor, task: Tensor, label: Tensor) -> None:
        _learn(optimizer, functional.cross_entropy(network(images, task), label))

    return step


def libmtl(experts: int, *, batch_a_task: bool) -> Step:
    """Return the step of LibMTL's MMoE.

    Args:
        batch_a_task: each task's rows are a batch of their own (its `multi_input`); else all tasks
            are predicted for all rows, and each row's own is picked.
    """
    architecture = libmtl_architecture()
    assert architecture is not None
    names = [str(task) for task in range(TASKS)]
    heads = nn.ModuleDict({name: nn.Linear(CODE, CLASSES) for name in names})
    network = architecture.MMoE(
        task_name=names,
        encoder_class=PublishedExpert,
        decoders=heads,
        rep_grad=False,
        multi_input=batch_a_task,
        device=torch.device("cpu"),
        img_size=list(IMAGE),
        num_experts=[experts],
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)

    def step(images: Tensor, task: Tensor, label: Tensor) -> None:
        total = torch.zeros(())
        whole = None if batch_a_task else network(images)
        for number, name in enumerate(names):
            rows = (task == number).nonzero()[:, 0]
            if not len(rows):
                continue
            said = network(images[rows], name)[name] if whole is None else whole[name][rows]
            total = total + functional.cross_entropy(said, label[rows], reduction="sum")
        _learn(optimizer, total / len(images))

    return step


@cache
def libmtl_architecture() -> types.ModuleType | None:
    """Return LibMTL's architectures without the rest of it, which needs torchvision."""
    spec = importlib.util.find_spec("LibMTL")
    if spec is None or spec.submodule_search_locations is None:
        return None
    package = types.ModuleType("LibMTL")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["LibMTL"] = package
    return importlib.import_module("LibMTL.architecture")


def _by_task(codes: Tensor, task: Tensor, heads: nn.ModuleList) -> Tensor:
    said = codes.new_zeros(len(codes), CLASSES)
    for number, head in enumerate(heads):
        rows = (task == number).nonzero()[:, 0]
        if len(rows):
            said = said.index_copy(0, rows, head(codes[rows]))
    return said


def _learn(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    optimizer.step()


def contestants(experts: int) -> dict[str, Callable[[], Step]]:
    """Return everything that is compared: its name and what makes its step."""
    clustering = MultiClustering(experts=experts, density_cost=0)
    found: dict[str, Callable[[], Step]] = {
        LOOP: lambda: dense(DenseLoop(experts)),
        "convolutions alone, channels last": lambda: convolutions(experts),
        "grouped convolutions": lambda: dense(Grouped(experts)),
        "ungated (dense mixture)": lambda: ours(Ungated(experts=experts)),
        "mmoe": lambda: ours(Mmoe(experts=experts)),
    }
    for count in (2, 4):
        if count < experts:
            step = partial(ours, clustering, count / experts)
            found[f"multi_clustering, k = {count}"] = step
    if libmtl_architecture() is not None:
        found["LibMTL's MMoE, all rows"] = partial(libmtl, experts, batch_a_task=False)
        found["LibMTL's MMoE, a batch a task"] = partial(libmtl, experts, batch_a_task=True)
    return found

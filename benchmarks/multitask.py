"""One training step of 20 tasks on M experts: dense, sparse, and LibMTL's where it is installed.

python benchmarks/multitask.py [--experts 8 20] [--batch 64] [--steps 10] [--rounds 3] [--threads 2]

Every contestant gets the same images, one task a row, the same Adam, and a turn of some steps in
every round: it trains undisturbed, and whatever else the machine does, it does to all of them. The
expert is that of Yan 2020: four times a 3x3 convolution of 32 filters, ReLU, 2x2 maximum, on 32x32.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
import time
import types
from collections.abc import Callable, Iterator
from functools import cache
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
WARM_UP = 3

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


def dense(network: nn.Module) -> Step:
    """Return the step of a network that is told the task of each row."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)

    def step(images: Tensor, task: Tensor, label: Tensor) -> None:
        _learn(optimizer, functional.cross_entropy(network(images, task), label))

    return step


def libmtl(experts: int, *, batch_a_task: bool) -> Step | None:
    """Return the step of LibMTL's MMoE, or None where LibMTL is not installed.

    Args:
        batch_a_task: each task's rows are a batch of their own (its `multi_input`); else all tasks
            are predicted for all rows, and each row's own is picked.
    """
    architecture = libmtl_architecture()
    if architecture is None:
        return None
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


def contestants(experts: int) -> Iterator[tuple[str, Step]]:
    """Yield name and step of everything that is compared."""
    yield "loop over all experts, NCHW", dense(DenseLoop(experts))
    yield "grouped convolutions", dense(Grouped(experts))
    yield "ungated (dense mixture)", ours(Ungated(experts=experts))
    for count in (2, 4):
        scheme = MultiClustering(experts=experts, density_cost=0)
        yield f"multi_clustering, k = {count}", ours(scheme, count / experts)
    yield "mmoe", ours(Mmoe(experts=experts))
    for name, alone in (("all rows", False), ("a batch a task", True)):
        step = libmtl(experts, batch_a_task=alone)
        if step is not None:
            yield f"LibMTL's MMoE, {name}", step


def milliseconds(steps: dict[str, Step], batch: int, count: int, rounds: int) -> dict[str, float]:
    """Return the median time of a step of each, over all rounds."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(rounds):
        for name, step in steps.items():
            generator = torch.Generator().manual_seed(turn)
            for number in range(WARM_UP + count):
                images = torch.rand(batch, *IMAGE, generator=generator)
                task = torch.randint(TASKS, (batch,), generator=generator)
                label = torch.randint(CLASSES, (batch,), generator=generator)
                started = time.perf_counter()
                step(images, task, label)
                if number >= WARM_UP:
                    times[name].append(time.perf_counter() - started)
    return {name: 1000 * float(np.median(taken)) for name, taken in times.items()}


def main() -> None:
    """Print milliseconds a step, and how often each is as fast as the loop and as LibMTL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experts", type=int, nargs="+", default=[8, 20])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    if libmtl_architecture() is None:
        print("LibMTL is not installed (`pip install --no-deps LibMTL==1.1.5`): left out")
    for experts in options.experts:
        torch.manual_seed(0)
        steps = dict(contestants(experts))
        taken = milliseconds(steps, options.batch, options.steps, options.rounds)
        plain = taken["loop over all experts, NCHW"]
        theirs = min((ms for name, ms in taken.items() if "LibMTL" in name), default=None)
        print(
            f"\n{TASKS} tasks, M = {experts}, batch {options.batch}, {options.threads} threads, "
            f"median of {options.rounds} x {options.steps} steps"
        )
        print(f"{'':32}{'ms a step':>10}{'x loop':>8}{'x LibMTL':>10}")
        for name, ms in taken.items():
            against = f"{theirs / ms:10.1f}" if theirs else ""
            print(f"{name:32}{ms:10.1f}{plain / ms:8.1f}{against}")


if __name__ == "__main__":
    main()

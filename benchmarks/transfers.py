"""First-order transfers: ours against the naive way, on the same work and the same weights.

The naive way runs the frozen encoder again for every transfer and step, one transfer after
another. Ours runs each encoder once, stores the codes, and trains all readouts of a target in
step. Both start from the same weights and see the same shuffles, so their losses must agree.

    python benchmarks/transfers.py [--sources 12] [--size 8] [--encoder small_conv] [--seed 0]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor, nn

from taskspace.components import ComponentSpec, Dataset, Encoder, Readout, Task
from taskspace.registry import Registry
from taskspace.studies.taxonomy.cells.networks import apply
from taskspace.studies.taxonomy.cells.numerics import generator, seeded, settled
from taskspace.studies.taxonomy.cells.training import Learner, Schedule, fit, shuffles

TASKS = (
    "identity", "parity", "at_least_five", "loops", "autoencoding", "edges_2d", "ink_moments",
    "stroke_thickness",
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    """What both ways are given."""

    encoders: Sequence[nn.Module]
    readouts: Readout
    tasks: Sequence[Task]
    dataset: Dataset
    images: Tensor
    targets: Sequence[Tensor]
    code: tuple[int, int, int]
    schedule: Schedule
    seed: int

    def readout(self, source: int, target: int) -> nn.Module:
        """Return the readout of a pair, the same for both ways."""
        fields = self.dataset.fields()
        channels, height, width = self.images.shape[1:]
        with seeded(self.seed, source, target):
            return self.readouts.build(
                self.code, self.tasks[target].head(fields), (channels, height, width)
            )


def naive(work: Work) -> list[float]:
    """Return each pair's final training loss; the encoder runs in every step."""
    losses = []
    for target, task in enumerate(work.tasks):
        for source, encoder in enumerate(work.encoders):
            readout = work.readout(source, target)
            optimiser = torch.optim.Adam(readout.parameters(), lr=work.schedule.learning_rate)
            order_of = shuffles(work.seed + source)
            samples = len(work.images)
            steps = work.schedule.epochs * ceil(samples / work.schedule.batch)
            step = 0
            for _ in range(work.schedule.epochs):
                order = torch.randperm(samples, generator=order_of)
                for start in range(0, samples, work.schedule.batch):
                    rows = order[start : start + work.schedule.batch]
                    optimiser.param_groups[0]["lr"] = work.schedule.rate(step, steps)
                    with torch.no_grad():
                        code = encoder(work.images[rows])
                    value, _ = task.loss(readout(code), work.targets[target][rows])
                    optimiser.zero_grad()
                    value.mean().backward()
                    optimiser.step()
                    step += 1
            losses.append(_final(readout, apply(encoder, work.images), task, work.targets[target]))
    return losses


def ours(work: Work) -> list[float]:
    """Return each pair's final training loss; every encoder has run once."""
    codes = [apply(encoder, work.images).clone() for encoder in work.encoders]
    losses = []
    for target, task in enumerate(work.tasks):
        learners = [
            Learner(
                f"{source}->{task.name}",
                work.readout(source, target),
                codes[source],
                work.targets[target],
                task,
                shuffles(work.seed + source),
            )
            for source in range(len(codes))
        ]
        fit(learners, work.schedule)
        losses += [
            _final(learner.network, code, task, work.targets[target])
            for learner, code in zip(learners, codes, strict=True)
        ]
    return losses


def _final(readout: nn.Module, codes: Tensor, task: Task, target: Tensor) -> float:
    return float(task.loss(apply(readout, codes), target).value.mean())


def prepare(options: argparse.Namespace) -> Work:
    """Return the work: digits at the wanted size, random encoders, eight targets."""
    registry = Registry.load(plugins=False)

    def component(kind: str, name: str, **parameters: int) -> object:
        return registry.component(ComponentSpec(kind, name, parameters))

    dataset = component("dataset", "digits")
    encoder = component("encoder", options.encoder)
    readouts = component("readout", "two_conv")
    assert isinstance(dataset, Dataset)
    assert isinstance(encoder, Encoder)
    assert isinstance(readouts, Readout)
    sample = dict(dataset.read(range(options.images)))
    scale = options.size // 8
    sample["image"] = sample["image"].repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    shape = (1, options.size, options.size)
    tasks = [component("task", name) for name in TASKS]
    encoders = []
    for source in range(options.sources):
        with seeded(options.seed, "encoder", source):
            encoders.append(encoder.build(shape).eval())
    examples = [
        task.example(sample, generator(options.seed)) for task in tasks if isinstance(task, Task)
    ]
    return Work(
        encoders,
        readouts,
        [task for task in tasks if isinstance(task, Task)],
        dataset,
        sample["image"],
        [example.target for example in examples],
        encoder.code_shape(shape),
        Schedule(options.epochs, options.batch, 3e-3),
        options.seed,
    )


def main() -> None:
    """Print the seconds of both ways, their ratio, and how far their losses are apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=12)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--size", type=int, default=8, help="a multiple of 8")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--encoder", default="small_conv")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    work = prepare(options)
    with settled(1):
        ours(work)  # warm: allocator and kernels
        seconds = []
        for way in (naive, ours):
            started = time.perf_counter()
            losses = way(work)
            seconds.append(time.perf_counter() - started)
            print(
                f"{way.__name__:6} {seconds[-1]:7.2f} s  mean loss {sum(losses) / len(losses):.6f}"
            )
            if way is naive:
                reference = losses
    apart = max(abs(a - b) / max(abs(a), 1e-9) for a, b in zip(reference, losses, strict=True))
    print(
        f"{options.sources} sources x {len(work.tasks)} targets, {options.images} images "
        f"{options.size}x{options.size}, {options.encoder}, {options.epochs} epochs, one thread of "
        f"{os.cpu_count()}, seed {options.seed}: ratio {seconds[0] / seconds[1]:.1f}, "
        f"losses apart by {apart:.1e} at most"
    )


if __name__ == "__main__":
    main()

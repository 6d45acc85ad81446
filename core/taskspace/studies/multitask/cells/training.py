"""Training one gated network on the labels that its samples have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import torch
from torch import Tensor, nn

from taskspace.components import Shape, Task
from taskspace.components.gated import GatedNetwork
from taskspace.components.loss_weights import LossWeights
from taskspace.errors import CellError
from taskspace.learning.adam import Adam
from taskspace.learning.numerics import generator
from taskspace.studies.multitask.cells.data import Data
from taskspace.studies.multitask.cells.evaluation import expert_work
from taskspace.studies.multitask.cells.losses import Update, pair_losses

CURVE_POINTS = 40
"""Points of the loss curve where the job does not say when to test."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast; `window` steps are one point of the loss curve."""

    steps: int
    batch: int
    learning_rate: float
    window: int


@dataclass
class Course:
    """How a training went.

    Attributes:
        ends: the last step of each window, from 1.
        losses: the mean loss of each task in each window; None where no batch had the task.
        multiply_adds: of experts for a sample, forward, counted from what was applied.
        seconds: for a step, on the wall; never equal twice.
    """

    ends: list[int] = field(default_factory=list)
    losses: list[list[float | None]] = field(default_factory=list)
    multiply_adds: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Draws:
    """The generators of a training: each draws for one purpose, so that none shifts another."""

    shuffles: torch.Generator
    gates: torch.Generator
    weights: torch.Generator

    @classmethod
    def of(cls, seed: int) -> Draws:
        """Return the generators of a cell's seed."""
        return cls(*(generator(seed, purpose) for purpose in ("shuffles", "gates", "weights")))


@dataclass(frozen=True)
class Learner:
    """A network with what it learns from.

    Attributes:
        names: of the tasks in the job, and `where` the cell's: for errors.
    """

    network: GatedNetwork
    weights: LossWeights
    tasks: Sequence[Task]
    names: Sequence[str]
    data: Data
    image: Shape
    draws: Draws
    where: str


def train(learner: Learner, schedule: Schedule, at_window: Callable[[int], None]) -> Course:
    """Train the network in place with Adam; call `at_window(step)` after each window.

    Within a window the device is waited for only where a scheme has to know which rows each expert
    gets (`Experts`, the layers of gated mixtures); losses are looked at after it.

    Raises:
        CellError: naming the tasks whose loss stopped being finite, and the step.
    """
    network, data = learner.network, learner.data
    device = data.targets[0].device
    optimiser = Adam([p for p in network.parameters() if p.requires_grad])
    update = Update.of(network, learner.weights, learner.image, learner.draws.weights)
    course = Course()
    batches = _batches(len(data.labelled), schedule.batch, learner.draws.shuffles)
    costs = tuple(cost.to(device) for cost in network.costs())
    work = torch.zeros((), dtype=torch.float64, device=device)
    samples, done, busy = 0, 0, 0.0
    epoch = -(-len(data.labelled) // schedule.batch)
    while done < schedule.steps:
        started = perf_counter()
        network.train()
        seen: list[Tensor] = []
        for _ in range(min(schedule.window, schedule.steps - done)):
            rows = next(batches)
            network.zero_grad(set_to_none=True)
            asked = data.labelled[rows]
            output = network(data.images[rows], asked, generator=learner.draws.gates)
            losses = pair_losses(learner.tasks, output, data, rows)
            by_task = update.backward(output, losses)
            optimiser.step(schedule.learning_rate)
            seen.append(torch.stack((by_task.value, by_task.present.to(by_task.value.dtype))))
            work += expert_work(output, costs)
            samples += len(rows)
            if (done + len(seen)) % epoch == 0:
                learner.weights.end_epoch()
        window = torch.stack(seen).cpu()
        busy += perf_counter() - started
        _require_finite(window, learner, done)
        done += len(seen)
        course.ends.append(done)
        course.losses.append(_means(window))
        at_window(done)
    network.eval()
    course.multiply_adds = float(work) / samples
    course.seconds = busy / schedule.steps
    return course


def _batches(samples: int, batch: int, shuffles: torch.Generator) -> Iterator[Tensor]:
    """Yield rows for ever: each pass over the samples in another order."""
    while True:
        order = torch.randperm(samples, generator=shuffles)
        yield from torch.split(order, batch)


def _means(window: Tensor) -> list[float | None]:
    """Return the mean loss of each task over the steps [steps, 2, N] that have it."""
    value, present = window[:, 0].nan_to_num(), window[:, 1]
    totals, counts = (value * present).sum(dim=0).tolist(), present.sum(dim=0).tolist()
    return [total / count if count else None for total, count in zip(totals, counts, strict=True)]


def _require_finite(window: Tensor, learner: Learner, before: int) -> None:
    wrong = ~torch.isfinite(window[:, 0]) & (window[:, 1] > 0)
    steps = wrong.any(dim=1).nonzero()[:, 0]
    if not len(steps):
        return
    first = int(steps[0])
    named = [name for name, bad in zip(learner.names, wrong[first].tolist(), strict=True) if bad]
    value = float(window[first, 0][wrong[first]][0])
    said = f"the task {named[0]!r}" if len(named) == 1 else f"the tasks {', '.join(named)}"
    raise CellError(
        f"The loss of {said} became {value} at step {before + first + 1}.",
        where=learner.where,
        advice="Look for infinite or enormous labels or for a `scale` of the task that makes them "
        "so, or lower `train.learning_rate`. It stops no other training.",
    )


def parameter_count(network: nn.Module) -> int:
    """Return how many numbers a network has learnt."""
    return sum(parameter.numel() for parameter in network.parameters())

"""Training several small networks in step: each on its own data, losses and shuffles.

Networks share nothing but the moment of their steps, so a result never depends on company: each
one's parameters are one flat tensor, one fused Adam call moves all of them, and one backward pass
runs through all of their separate graphs. What is saved is the overhead, which is most of the time
of a step at these sizes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, cos, pi
from typing import Any

import torch
from torch import Tensor, nn

from taskspace.components import Loss, Task
from taskspace.errors import CellError
from taskspace.learning.adam import Adam
from taskspace.learning.numerics import generator
from taskspace.learning.rows import Rows
from taskspace.studies.taxonomy.cells.held_out import BestEpoch


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn; the rate falls from its start to 0 on a cosine.

    Attributes:
        held_out: share of the images that is not learned from and picks the epoch that is kept.
    """

    epochs: int
    batch: int
    learning_rate: float
    held_out: float = 0.0

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Schedule:
        """Return the schedule in a cell's parameters."""
        return cls(
            parameters["epochs"],
            parameters["batch"],
            parameters["learning_rate"],
            parameters.get("held_out", 0.0),  # Absent where it is 0, so that old keys stay.
        )

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of a step."""
        return self.learning_rate * 0.5 * (1.0 + cos(pi * step / steps))


@dataclass
class Learner:
    """A network with what it learns from.

    Attributes:
        inputs: [N, ...] on the device; `targets` [N, ...] likewise.
        best: which of these rows are held out, and the epoch that is kept; all are learned from,
            and the last epoch is kept, where None.
        error: why it was taken out, if it was.
    """

    name: str
    network: nn.Module
    inputs: Rows
    targets: Rows
    task: Task
    shuffles: torch.Generator
    best: BestEpoch | None = None
    history: list[Tensor] = field(default_factory=list)
    labels: list[Tensor] = field(default_factory=list)
    error: CellError | None = None

    def samples(self) -> int:
        """Return how many samples it learns from."""
        return len(self.inputs if self.best is None else self.best.division.learned)

    def order(self) -> Tensor:
        """Return the rows of the next epoch, shuffled."""
        order = torch.randperm(self.samples(), generator=self.shuffles)
        return order if self.best is None else self.best.division.learned[order]


def fit(learners: Sequence[Learner], schedule: Schedule) -> None:
    """Train the networks in place, in step, with Adam.

    A learner whose loss stops being finite gets an `error` that names its task and the step, and
    is taken out at the end of that epoch; the others go on as if it had never been there.

    Args:
        learners: all with equally many samples to learn from.
        schedule: epochs, samples a step, learning rate.
    """
    active = list(learners)
    flat = {id(learner): _flatten(learner.network) for learner in active}
    for learner in active:
        learner.network.train()
    samples = learners[0].samples()
    steps = schedule.epochs * ceil(samples / schedule.batch)
    optimiser = Adam([*flat.values()])
    step = 0
    for epoch in range(schedule.epochs):
        orders = [learner.order() for learner in active]
        losses: list[list[Tensor]] = [[] for _ in active]
        for start in range(0, samples, schedule.batch):
            for learner in active:
                flat[id(learner)].grad.zero_()  # type: ignore[union-attr]
            step_losses = [
                _loss(learner, order[start : start + schedule.batch])
                for learner, order in zip(active, orders, strict=True)
            ]
            torch.autograd.backward(step_losses)
            optimiser.step(schedule.rate(step, steps))
            step += 1
            for history, loss in zip(losses, step_losses, strict=True):
                history.append(loss.detach())
        for learner, history in zip(active, losses, strict=True):
            learner.error = _lost(learner, history)
            learner.history += history
        if any(learner.error for learner in active):
            active = [learner for learner in active if not learner.error]
            optimiser.keep([flat[id(learner)] for learner in active])
        if not active:
            return
        for learner in active:
            if learner.best is not None:
                _judge(learner, learner.best, epoch + 1, schedule.batch)
    for learner in active:
        learner.network.eval()
        if learner.best is not None:
            _restore(learner, learner.best)


@torch.no_grad()
def _judge(learner: Learner, best: BestEpoch, epoch: int, batch: int) -> None:
    """Measure the mean loss on the held-out images in evaluation mode, after an epoch."""
    learner.network.eval()
    total, labels, held_out = 0.0, 0, best.division.held_out
    for start in range(0, len(held_out), batch):
        value, valid = _losses(learner, held_out[start : start + batch])
        total += float(value[valid].sum())
        labels += int(valid.sum())
    best.offer(epoch, total / labels, learner.network)
    learner.network.train()


def _restore(learner: Learner, best: BestEpoch) -> None:
    try:
        best.restore(learner.network)
    except CellError as error:
        learner.error = error


def _losses(learner: Learner, rows: Tensor) -> Loss:
    rows = rows.to(learner.inputs.device)
    prediction = learner.network(learner.inputs[rows])
    return learner.task.loss(prediction, learner.targets[rows])


def _loss(learner: Learner, rows: Tensor) -> Tensor:
    value, valid = _losses(learner, rows)
    count = valid.sum()
    learner.labels.append(count)
    return torch.where(valid, value, 0.0).sum() / count.clamp(min=1)


def _lost(learner: Learner, losses: Sequence[Tensor]) -> CellError | None:
    """Return an error for a loss of this epoch that is not finite, or for one without any label."""
    labels = torch.stack(learner.labels).sum()
    learner.labels.clear()
    if not labels:
        return CellError(
            f"No image that the task {learner.task.name!r} should learn from has its label.",
            where=learner.name,
            advice="Label some of them, or give their split a larger share (`splits:`).",
        )
    found = torch.stack(list(losses))
    wrong = (~torch.isfinite(found)).nonzero()
    if not len(wrong):
        return None
    first = int(wrong[0])
    return CellError(
        f"The loss of the task {learner.task.name!r} became {float(found[first])} at step "
        f"{len(learner.history) + first + 1}.",
        where=learner.name,
        advice="Look for infinite or enormous labels, or lower the learning rate.",
    )


def _flatten(network: nn.Module) -> nn.Parameter:
    """Move all trainable parameters into one tensor; they and their gradients become its views."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    flat = nn.Parameter(torch.cat([p.detach().reshape(-1) for p in parameters]))
    flat.grad = torch.zeros_like(flat)
    offset = 0
    for parameter in parameters:
        end = offset + parameter.numel()
        parameter.data = flat.data[offset:end].view_as(parameter)
        parameter.grad = flat.grad[offset:end].view_as(parameter)
        offset = end
    return flat


def shuffles(seed: int) -> torch.Generator:
    """Return the generator of a learner's shuffles from its cell's seed."""
    return generator(seed, "shuffles")

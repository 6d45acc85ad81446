"""A network with what it learns from, how far it is step by step, and its checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

import torch
from torch import Tensor, nn

from taskspace.components import Call, Checkpoint, Loss, Snapshot, Task
from taskspace.errors import CellError
from taskspace.learning.examples import Examples, Rows
from taskspace.learning.fitting.held_out import BestEpoch, Division
from taskspace.learning.networks import fits, generator, named_tensors, restore, size_of

PARTS = ("history", "losses", "labels")
"""What grows by a number each step: past epochs' losses, and losses and labels of this one."""


@dataclass
class Learner:
    """A network with what it learns from.

    Attributes:
        inputs: [N, ...] on the device; `targets` [N, ...] likewise.
        best: which of these rows are held out, and the epoch that is kept; all are learned from,
            and the last epoch is kept, where None.
        checkpoint: where the state of its training is kept; nowhere where None.
        history: the loss of each step, once its epoch has ended.
        error: why it was taken out, if it was.
    """

    name: str
    network: nn.Module
    inputs: Rows
    targets: Rows
    task: Task
    shuffles: torch.Generator
    best: BestEpoch | None = None
    checkpoint: Checkpoint | None = None
    history: list[Tensor] = field(default_factory=list)
    error: CellError | None = None

    @classmethod
    def of(
        cls, call: Call, network: nn.Module, data: Examples, division: Division | None = None
    ) -> Learner:
        """Return a learner of the call's task, shuffled by the seed of its cell."""
        best = None if division is None else BestEpoch(division)
        order = shuffles(call.parameters["seed"])
        task = call.component("task", Task)
        return cls(call.name, network, *data, task, order, best, call.checkpoint)

    def samples(self) -> int:
        """Return how many samples it learns from."""
        return len(self.inputs if self.best is None else self.best.division.learned)

    def order(self) -> Tensor:
        """Return the rows of the next epoch, shuffled."""
        order = torch.randperm(self.samples(), generator=self.shuffles)
        return order if self.best is None else self.best.division.learned[order]

    def losses(self, rows: Tensor) -> Loss:
        """Return the loss of each of these rows, and whether it counts."""
        rows = rows.to(self.inputs.device)
        prediction = self.network(self.inputs[rows])
        return self.task.loss(prediction, self.targets[rows])


def shuffles(seed: int) -> torch.Generator:
    """Return the generator of a learner's shuffles from its cell's seed."""
    return generator(seed, "shuffles")


class Progress:
    """A learner under way.

    Attributes:
        flat: all trainable parameters; they and their gradients are its views.
        step: how many steps are done.
    """

    def __init__(self, learner: Learner, batch: int, steps: int) -> None:
        self.learner = learner
        self.flat = _flatten(learner.network)
        self.step = 0
        self._batch = batch
        self._steps = steps
        self._start = learner.shuffles.get_state()
        self._rows: tuple[Tensor, ...] = ()
        self._losses: list[Tensor] = []
        self._labels: list[Tensor] = []
        learner.network.train()

    def loss(self) -> Tensor:
        """Return the mean loss of the next batch over those rows that have a label."""
        if not self._rows:
            self._shuffle()
        value, valid = self.learner.losses(self._rows[self.step % len(self._rows)])
        count = valid.sum()
        self._labels.append(count)
        return torch.where(valid, value, 0.0).sum() / count.clamp(min=1)

    def advance(self, loss: Tensor) -> None:
        """Count a step whose gradients have moved the network; look at losses after an epoch."""
        self.step += 1
        self._losses.append(loss.detach())
        if self.step % len(self._rows) == 0 or self.step == self._steps:
            self._end_epoch(ceil(self.step / len(self._rows)))

    def finish(self) -> None:
        """Put the network into evaluation mode, with the weights of its best epoch."""
        learner = self.learner
        learner.network.eval()
        if learner.best is not None:
            try:
                learner.best.restore(learner.network)
            except CellError as error:
                learner.error = error

    def size(self, averages: Mapping[str, Tensor]) -> int:
        """Return the bytes of a checkpoint, nearly; 0 where there is no place for it."""
        if self.learner.checkpoint is None:
            return 0
        kept = 2 if self.learner.best is not None else 1
        return kept * size_of(named_tensors("network", self.learner.network)) + size_of(averages)

    def save(self, averages: Mapping[str, Tensor]) -> None:
        """Write the state between two steps to the learner's checkpoint, if it has one."""
        learner = self.learner
        if learner.checkpoint is None:
            return
        grown = dict(zip(PARTS, (learner.history, self._losses, self._labels), strict=True))
        tensors = {name: torch.stack(values) for name, values in grown.items() if values}
        if learner.best is not None:
            tensors |= learner.best.saved()
        tensors |= {"epoch": self._start, **self._restored(averages)}
        learner.checkpoint.save(Snapshot({"step": self.step}, tensors))

    def resume(self, averages: Mapping[str, Tensor]) -> None:
        """Go on from the learner's checkpoint, if it has one that fits."""
        learner = self.learner
        snapshot = None if learner.checkpoint is None else learner.checkpoint.load()
        if snapshot is None:
            return
        saved, step = snapshot.tensors, snapshot.record.get("step", -1)
        tensors = self._restored(averages)
        if not self._counts(saved, step) or not fits(saved, {"epoch": self._start, **tensors}):
            return
        if learner.best is not None and not learner.best.resume(saved, learner.network):
            return
        restore(saved, tensors)
        learner.history, self._losses, self._labels = (self._grown(saved, name) for name in PARTS)
        learner.shuffles.set_state(saved["epoch"])
        self.step = step
        self._shuffle()

    def _restored(self, averages: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return named_tensors("network", self.learner.network) | dict(averages)

    def _counts(self, saved: Mapping[str, Tensor], step: int) -> bool:
        """Return whether there are as many losses as steps, and labels as steps of the epoch."""
        history, losses, labels = (len(saved.get(name, ())) for name in PARTS)
        epoch = -(-self.learner.samples() // self._batch)
        begun = 0 if step == self._steps else step % epoch
        return history + losses == step <= self._steps and losses == labels == begun

    def _grown(self, saved: Mapping[str, Tensor], name: str) -> list[Tensor]:
        return list(saved[name].to(self.flat.device).unbind()) if name in saved else []

    def _shuffle(self) -> None:
        self._start = self.learner.shuffles.get_state()
        self._rows = torch.split(self.learner.order(), self._batch)

    def _end_epoch(self, epoch: int) -> None:
        """Look for a loss that is not finite, judge the epoch, and begin the next one."""
        learner = self.learner
        learner.error = _lost(learner, self._losses, self._labels)
        learner.history += self._losses
        self._losses, self._labels, self._rows = [], [], ()
        self._start = learner.shuffles.get_state()
        if learner.error is None and learner.best is not None:
            _judge(learner, learner.best, epoch, self._batch)


@torch.no_grad()
def _judge(learner: Learner, best: BestEpoch, epoch: int, batch: int) -> None:
    """Measure the mean loss on the held-out images in evaluation mode, after an epoch."""
    learner.network.eval()
    total, labels, held_out = 0.0, 0, best.division.held_out
    for start in range(0, len(held_out), batch):
        value, valid = learner.losses(held_out[start : start + batch])
        total += float(value[valid].sum())
        labels += int(valid.sum())
    best.offer(epoch, total / labels, learner.network)
    learner.network.train()


def unlabelled(learner: Learner) -> CellError:
    """Return the error of a task whose label no image has."""
    return CellError(
        f"No image that the task {learner.task.name!r} should learn from has its label.",
        where=learner.name,
        advice="Label some of them, or give their split a larger share (`splits:`).",
    )


def _lost(learner: Learner, losses: list[Tensor], labels: list[Tensor]) -> CellError | None:
    """Return an error for a loss of this epoch that is not finite, or for one without any label."""
    if not torch.stack(labels).sum():
        return unlabelled(learner)
    found = torch.stack(losses)
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

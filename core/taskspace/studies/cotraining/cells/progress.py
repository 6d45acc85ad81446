"""How far the training of an arm is, step by step, and its state in a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import torch
from torch import Tensor

from taskspace.components import Checkpoint, Snapshot
from taskspace.learning.fitting.fit import Adam
from taskspace.learning.networks import fits, named_tensors, restore, size_of
from taskspace.studies.cotraining.cells.learners import TaskLearner
from taskspace.studies.cotraining.cells.network import CotrainedNetwork
from taskspace.studies.cotraining.job import CentralTraining

CURVE_POINTS = 40
"""Points of the loss curve where the job does not say when to test."""


@dataclass
class ArmCurve:
    """How a training went.

    Attributes:
        step: the last step of each window, from 1.
        loss: the mean loss of each task in each window; None where it did not learn.
        metric: of the central task on test images after each window, where the job asks for it.
    """

    step: list[int] = field(default_factory=list)
    loss: list[list[float | None]] = field(default_factory=list)
    metric: list[float | None] = field(default_factory=list)


class ArmProgress:
    """A network under way with the tasks that it learns.

    Attributes:
        steps: in all, and `done` so far.
        seen: images that each task has learnt from, repeated ones counted again.
        window: the loss of each task [T] in each step of the open window, NaN where it rested.
        busy: seconds on the wall, without tests and checkpoints.
    """

    def __init__(
        self,
        network: CotrainedNetwork,
        learners: Sequence[TaskLearner],
        training: CentralTraining,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.network = network
        self.learners = learners
        self.steps = training.total(len(learners[0].data.targets))
        self.done = 0
        self.seen = [0 for _ in learners]
        self.window: list[Tensor] = []
        self.busy = 0.0
        self.curve = ArmCurve()
        self._branches = list(network.branches())
        self._parameters = [p for p in network.parameters() if p.requires_grad]
        self._adam = Adam(self._parameters)
        self._training = training
        self._window = training.eval_every or max(1, -(-self.steps // CURVE_POINTS))
        self._checkpoint = checkpoint

    def step(self) -> None:
        """Move the network by the next batch of each task that learns in this step.

        Gradients of the tasks add up where they share weights. A weight that no task of the step
        uses stays where it is, and so do its averages.
        """
        if not self.window:
            self.network.train()
        self.network.zero_grad(set_to_none=True)
        losses = [self._backward(learner) for learner in self.learners]
        self._adam.step(self._training.rate(self.done, self.steps))
        self.window.append(torch.stack(losses))
        self.done += 1

    def _backward(self, learner: TaskLearner) -> Tensor:
        """Add a task's weighted gradient, and return its mean loss []; NaN where it rests."""
        if not learner.learns_in(self.done):
            return torch.tensor(torch.nan, device=learner.data.targets.device)
        rows = learner.batches.next()
        rows_there = rows.to(learner.data.inputs.device)
        value, valid = self._branches[learner.number].loss(
            learner.data.inputs[rows_there], learner.data.targets[rows_there], learner.task
        )
        loss = torch.where(valid, value, 0.0).sum() / valid.sum().clamp(min=1)
        torch.autograd.backward(learner.weight * loss)
        self.seen[learner.number] += len(rows)
        return loss.detach()

    def ends_window(self) -> bool:
        """Return whether the open window is full, or the training at its end."""
        return len(self.window) == self._window or self.done == self.steps

    def size(self) -> int:
        """Return the bytes of a checkpoint, nearly; 0 where there is no place for it."""
        return size_of(self._restored()) if self._checkpoint else 0

    def save(self) -> None:
        """Write the state between two steps to the checkpoint, if there is one."""
        if self._checkpoint is None:
            return
        record = {
            "done": self.done,
            "seen": self.seen,
            "busy": self.busy,
            "curve": asdict(self.curve),
        }
        tensors = {**self._restored(), **self._drawn()}
        if self.window:
            tensors["window"] = torch.stack(self.window)
        self._checkpoint.save(Snapshot(record, tensors))

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one that fits."""
        snapshot = None if self._checkpoint is None else self._checkpoint.load()
        live = {**self._restored(), **self._drawn()}
        if snapshot is None or "done" not in snapshot.record or not fits(snapshot.tensors, live):
            return
        record, saved = snapshot.record, snapshot.tensors
        restore(saved, self._restored())
        for learner in self.learners:
            prefix = f"batches{learner.number}."
            own = {n.removeprefix(prefix): t for n, t in saved.items() if n.startswith(prefix)}
            learner.batches.restore(own)
        self.done, self.seen, self.busy = (record[key] for key in ("done", "seen", "busy"))
        self.curve = ArmCurve(**record["curve"])
        if "window" in saved:
            device = self.learners[0].data.targets.device
            self.window = list(saved["window"].to(device).unbind())
        self.network.train()

    def _restored(self) -> dict[str, Tensor]:
        """Return what a checkpoint gives its values back to, in place."""
        network = named_tensors("network", self.network)
        return {**network, **self._adam.averages(self._parameters)}

    def _drawn(self) -> dict[str, Tensor]:
        return {
            f"batches{learner.number}.{name}": tensor
            for learner in self.learners
            for name, tensor in learner.batches.saved().items()
        }

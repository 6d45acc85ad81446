"""How far the training of a gated network is, step by step, and its state in a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from taskspace.components import Snapshot
from taskspace.components.gated import Layers
from taskspace.learning.fitting.fit import Adam
from taskspace.learning.networks import fits, named_tensors, restore, size_of
from taskspace.studies.multitask.cells.evaluation import expert_work
from taskspace.studies.multitask.cells.learner import Course, GatedLearner, Test
from taskspace.studies.multitask.cells.losses import Update, pair_losses
from taskspace.studies.multitask.job import MultitaskTraining

CURVE_POINTS = 40
"""Points of the loss curve where the job does not say when to test."""


class GatedProgress:
    """A learner under way.

    Attributes:
        steps: in all.
        done: steps so far, and `samples` that they have read.
        window: mean losses and presence of tasks [2, N] of each step of the open window.
        busy: seconds on the wall, without tests and checkpoints.
        work: multiply-adds of experts, counted from what was applied.
    """

    def __init__(self, learner: GatedLearner, training: MultitaskTraining) -> None:
        network, data = learner.network, learner.data
        self.learner = learner
        self.steps = training.total(len(data.labelled))
        self.device = data.targets[0].device
        self.done = self.samples = 0
        self.busy = 0.0
        self.course = Course()
        self.window: list[Tensor] = []
        self.work = torch.zeros((), dtype=torch.float64, device=self.device)
        self._parameters = [p for p in network.parameters() if p.requires_grad]
        self._adam = Adam(self._parameters)
        draws = learner.draws
        self._update = Update.of(network, learner.weights, learner.image, draws.weights)
        self._training = training
        self._window = training.eval_every or max(1, -(-self.steps // CURVE_POINTS))
        self._epoch = training.steps_of_epoch(len(data.labelled))
        self._start = draws.shuffles.get_state()
        self._rows: tuple[Tensor, ...] = ()

    def step(self, costs: Layers) -> None:
        """Move the network by the next batch; each pass over the samples has another order."""
        learner, place = self.learner, self.done % self._epoch
        if not place:
            self._shuffle()
        network, rows = learner.network, self._rows[place]
        if not self.window:
            network.train()
        network.zero_grad(set_to_none=True)
        asked = learner.data.labelled[rows]
        output = network(learner.data.images[rows], asked, generator=learner.draws.gates)
        losses = pair_losses(learner.tasks, output, learner.data, rows)
        by_task = self._update.backward(output, losses)
        self._adam.step(self._training.rate(self.done, self.steps))
        self.window.append(torch.stack((by_task.value, by_task.present.to(by_task.value.dtype))))
        self.work += expert_work(output, costs)
        self.samples += len(rows)
        self.done += 1
        if self.done % self._epoch == 0:
            learner.weights.end_epoch()
            self._start = learner.draws.shuffles.get_state()

    def ends_window(self) -> bool:
        """Return whether the open window is full, or the training at its end."""
        return len(self.window) == self._window or self.done == self.steps

    def close_window(self, losses: list[float | None], test: Test) -> None:
        """Put a point on the curve."""
        self.window = []
        self.course.ends.append(self.done)
        self.course.losses.append(losses)
        metric = test()
        if metric is not None:
            self.course.metrics.append(metric)

    def size(self) -> int:
        """Return the bytes of a checkpoint, nearly."""
        return size_of(self._restored())

    def save(self) -> None:
        """Write the state between two steps to the learner's checkpoint, if it has one."""
        if self.learner.checkpoint is None:
            return
        record = {
            "done": self.done,
            "samples": self.samples,
            "busy": self.busy,
            "course": asdict(self.course),
        }
        tensors = {**self._restored(), **self._generators()}
        if self.window:
            tensors["window"] = torch.stack(self.window)
        self.learner.checkpoint.save(Snapshot(record, tensors))

    def resume(self) -> None:
        """Go on from the learner's checkpoint, if it has one that fits."""
        checkpoint = self.learner.checkpoint
        snapshot = None if checkpoint is None else checkpoint.load()
        live = {**self._restored(), **self._generators()}
        if snapshot is None or "done" not in snapshot.record or not fits(snapshot.tensors, live):
            return
        record, saved = snapshot.record, snapshot.tensors
        restore(saved, self._restored())
        draws = self.learner.draws
        for name in ("shuffles", "gates", "weights"):
            getattr(draws, name).set_state(saved[f"draws.{name}"])
        self.done, self.samples, self.busy = (record[k] for k in ("done", "samples", "busy"))
        self.course = Course(**record["course"])
        if "window" in saved:
            self.window = list(saved["window"].to(self.device).unbind())
        self.learner.network.train()
        if self.done % self._epoch:
            self._shuffle()

    def _restored(self) -> Mapping[str, Tensor]:
        """Return what a checkpoint gives its values back to, in place."""
        return {
            **named_tensors("network", self.learner.network),
            **named_tensors("weights", self.learner.weights),
            **self._adam.averages(self._parameters),
            "work": self.work,
        }

    def _generators(self) -> dict[str, Any]:
        """Return the states of the generators, that of the shuffles before this pass."""
        draws = self.learner.draws
        return {
            "draws.shuffles": self._start,
            "draws.gates": draws.gates.get_state(),
            "draws.weights": draws.weights.get_state(),
        }

    def _shuffle(self) -> None:
        shuffles = self.learner.draws.shuffles
        self._start = shuffles.get_state()
        order = torch.randperm(len(self.learner.data.labelled), generator=shuffles)
        self._rows = torch.split(order, self._training.batch)

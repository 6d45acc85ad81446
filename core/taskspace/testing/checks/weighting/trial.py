"""What a weighting is tried on: the losses of three tasks, of which batches lack some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from taskspace.components import Weighting
from taskspace.components.gated import TaskLosses
from taskspace.components.loss_weights import LossWeights, TaskWeights
from taskspace.testing.subject import NotApplicable, Subject, returned

TASKS = 3
PARAMETERS = 5
EPOCH = 3
"""Batches of an epoch."""
PRESENT: tuple[tuple[bool, ...], ...] = (
    (True, True, True),
    (True, False, True),
    (True, True, True),
    (False, True, False),
    (True, True, True),
    (True, True, False),
    (False, False, False),
    (True, True, True),
    (False, True, True),
)


@dataclass(frozen=True)
class WeightingTrial:
    """A weighting of some tasks."""

    weighting: Weighting
    tasks: int

    def weights(self) -> LossWeights:
        """Return fresh weights."""
        made = self.weighting.build(self.tasks)
        wanted = "taskspace.components.loss_weights.LossWeights"
        return returned("build()", made, LossWeights, f"a {wanted}")

    def losses(self, step: int) -> TaskLosses:
        """Return the losses of a step, 0 where the batch lacks a task."""
        present = torch.tensor(PRESENT[step % len(PRESENT)][: self.tasks])
        drawn = torch.rand(self.tasks, generator=torch.Generator().manual_seed(step)) + 0.1
        return TaskLosses(torch.where(present, drawn, 0.0), present)

    def gramian(self, step: int) -> torch.Tensor:
        """Return the products of made-up gradients, 0 where the batch lacks a task."""
        generator = torch.Generator().manual_seed(1000 + step)
        rows = torch.randn(self.tasks, PARAMETERS, generator=generator)
        rows = torch.where(self.losses(step).present[:, None], rows, 0.0)
        return rows @ rows.T

    def step(
        self,
        weights: LossWeights,
        step: int,
        losses: TaskLosses | None = None,
        generator: torch.Generator | None = None,
    ) -> TaskWeights:
        """Return what the weights say of a step; by default with a generator of the step's own."""
        said = weights(
            losses or self.losses(step),
            self.gramian(step) if weights.reads_gradients else None,
            generator=generator or torch.Generator().manual_seed(2000 + step),
        )
        wanted = "taskspace.components.loss_weights.TaskWeights(own, shared)"
        found = returned("forward()", said, TaskWeights, wanted)
        if step % EPOCH == EPOCH - 1:
            weights.end_epoch()
        return found


def trials(subject: Subject) -> Iterator[WeightingTrial]:
    """Yield the weighting with three tasks, and with one."""
    weighting = subject.made(Weighting)
    missing = weighting.missing()
    if missing is not None:
        raise NotApplicable(missing)
    for tasks in (TASKS, 1):
        yield WeightingTrial(weighting, tasks)

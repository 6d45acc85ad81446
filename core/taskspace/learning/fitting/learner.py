"""What is learned: a network and its examples."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from taskspace.components import Call, Checkpoint, Loss, Task
from taskspace.errors import CellError
from taskspace.learning.examples import Examples
from taskspace.learning.fitting.held_out import BestEpoch, Division
from taskspace.learning.numerics import generator
from taskspace.learning.rows import Rows


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

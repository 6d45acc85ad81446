"""What a training of a gated network is given, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import torch

from taskspace.components import Checkpoint, Shape, Task
from taskspace.components.gated import GatedNetwork
from taskspace.components.loss_weights import LossWeights
from taskspace.learning.networks import generator
from taskspace.studies.multitask.cells.data import Data

Test: TypeAlias = Callable[[], list[float | None] | None]
"""Returns the metric of each task on the test samples, or None where the curve has no metrics."""


@dataclass
class Course:
    """How a training went.

    Attributes:
        ends: the last step of each window, from 1.
        losses: the mean loss of each task in each window; None where no batch had the task.
        metrics: of each task after each window, where the job asks for them.
        multiply_adds: of experts for a sample, forward, counted from what was applied.
        seconds: for a step, on the wall; never equal twice.
    """

    ends: list[int] = field(default_factory=list)
    losses: list[list[float | None]] = field(default_factory=list)
    metrics: list[list[float | None]] = field(default_factory=list)
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
class GatedLearner:
    """A network with what it learns from.

    Attributes:
        names: of the tasks in the job, and `where` the cell's: for errors.
        checkpoint: where the state of its training is kept; nowhere where None.
    """

    network: GatedNetwork
    weights: LossWeights
    tasks: Sequence[Task]
    names: Sequence[str]
    data: Data
    image: Shape
    draws: Draws
    where: str
    checkpoint: Checkpoint | None = None

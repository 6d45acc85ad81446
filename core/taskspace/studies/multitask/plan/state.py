"""What the cells of a plan have measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from taskspace.components import Stored
from taskspace.learning.metrics import RISING
from taskspace.learning.study_state import StudyState
from taskspace.studies.multitask.plan.cells import MultitaskPlan, Trial

SEPARATE = "separate"
"""The scheme that shares nothing: what delta_m compares with."""


@dataclass(frozen=True)
class MultitaskState(StudyState):
    """The cells of a plan and their outcomes."""

    plan: MultitaskPlan

    @cached_property
    def trials(self) -> Mapping[Trial, Stored]:
        """Return the trainings that have a result."""
        found = {trial: self.get(cell) for trial, cell in self.plan.trials.items()}
        return {trial: stored for trial, stored in found.items() if stored is not None}

    @property
    def counts(self) -> Mapping[str, Any]:
        """Return how many samples and labels there are; empty where they were not counted."""
        return self.record(self.plan.counts)

    @cached_property
    def metric(self) -> str | None:
        """Return the metric of all tasks, or None where they differ: then no mean means much."""
        metrics = {task.metric for task in self.plan.tasks.values()}
        return metrics.pop() if len(metrics) == 1 else None

    @cached_property
    def rising(self) -> list[bool]:
        """Return for each task whether more of its metric is better."""
        return [task.metric in RISING for task in self.plan.tasks.values()]

    @cached_property
    def baseline(self) -> str | None:
        """Return what the job calls its first scheme `separate`, if it has one."""
        named = (name for name, gating in self.plan.schemes.items() if gating.name == SEPARATE)
        return next(named, None)

    def probabilities(self, trial: Trial) -> list[np.ndarray]:
        """Return the gate probabilities of a training, [N, M] a layer."""
        stored = self.trials[trial]
        layers = len(stored.record["experts"])
        return [stored.array(f"probabilities{layer}") for layer in range(layers)]

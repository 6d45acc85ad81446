"""What the cells of a plan have measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from taskspace.components import Dataset, Failure, Outcomes, Planner, Stored
from taskspace.learning.metrics import RISING
from taskspace.learning.outcomes import failures_of, results_of
from taskspace.learning.splits import split_of
from taskspace.studies.multitask.job import MultitaskJob
from taskspace.studies.multitask.plan.cells import MultitaskPlan, Trial
from taskspace.studies.multitask.plan.facts import check_sizes, check_stages, entries_of, schemes_of

SEPARATE = "separate"
"""The scheme that shares nothing: what delta_m compares with."""


def plan_of(job: MultitaskJob, planner: Planner) -> MultitaskPlan:
    """Return the plan of a job.

    Raises:
        InputError: if its tasks, sizes, split or gating layers cannot be had.
    """
    dataset = planner.component(job.dataset.spec(), Dataset)
    entries = entries_of(job, dataset, planner)
    check_sizes(job, split_of(dataset, job.test, job.seed))
    plan = MultitaskPlan(job, planner, dataset, entries, schemes_of(job, planner))
    check_stages(plan.encoder, plan.schemes)
    return plan


@dataclass(frozen=True)
class Measured:
    """What a plan's cells have given so far."""

    plan: MultitaskPlan
    outcomes: Outcomes

    @cached_property
    def trials(self) -> Mapping[Trial, Stored]:
        """Return the trainings that have a result."""
        return results_of(self.outcomes, self.plan.trials)

    @cached_property
    def labels(self) -> Mapping[str, Any]:
        """Return what the cell `labels` has counted; empty where it has no result."""
        stored = self.outcomes.get(self.plan.labels.key)
        return {} if stored is None or isinstance(stored, Failure) else stored.record

    def failures(self) -> Sequence[Failure]:
        """Return the cells that have no result."""
        return failures_of(self.outcomes, self.plan.cells())

    @cached_property
    def metric(self) -> str | None:
        """Return the metric of all tasks, or None where they differ: then no mean means much."""
        metrics = {entry.task.metric for entry in self.plan.entries}
        return metrics.pop() if len(metrics) == 1 else None

    @cached_property
    def rising(self) -> list[bool]:
        """Return for each task whether more of its metric is better."""
        return [entry.task.metric in RISING for entry in self.plan.entries]

    @cached_property
    def baseline(self) -> str | None:
        """Return what the job calls its first scheme `separate`, if it has one."""
        named = (s.name for s in self.plan.schemes if s.gating.name == SEPARATE)
        return next(named, None)

    def probabilities(self, trial: Trial) -> list[np.ndarray]:
        """Return the gate probabilities of a training, [N, M] a layer."""
        stored = self.trials[trial]
        layers = len(stored.record["experts"])
        return [stored.array(f"probabilities{layer}") for layer in range(layers)]

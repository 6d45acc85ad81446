"""What the cells of a plan have measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from taskspace.components import Stored
from taskspace.learning.study_state import StudyState
from taskspace.studies.cotraining.plan.arms import ArmTraining
from taskspace.studies.cotraining.plan.cells import CotrainingPlan


@dataclass(frozen=True)
class CotrainingState(StudyState):
    """The cells of a plan and their outcomes."""

    plan: CotrainingPlan

    @cached_property
    def trials(self) -> Mapping[ArmTraining, Stored]:
        """Return the trainings that have a result."""
        results = {trial: self.get(cell) for trial, cell in self.plan.trials.items()}
        return {trial: stored for trial, stored in results.items() if stored is not None}

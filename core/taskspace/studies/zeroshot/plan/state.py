"""What the cells of a plan have measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from taskspace.components import Stored
from taskspace.learning.study_state import StudyState
from taskspace.studies.zeroshot.plan.cells import PlannedTraining, ZeroshotPlan


@dataclass(frozen=True)
class ZeroshotState(StudyState):
    """The cells of a plan and their outcomes."""

    plan: ZeroshotPlan

    @property
    def is_described(self) -> bool:
        """Return whether the words of a repetition have vectors, so that something can learn."""
        return any(self.has(cell) for cell in self.plan.words.values())

    @cached_property
    def trials(self) -> Mapping[PlannedTraining, Stored]:
        """Return the trainings that have a result."""
        found = {trial: self.get(cell) for trial, cell in self.plan.trials.items()}
        return {trial: stored for trial, stored in found.items() if stored is not None}

    @cached_property
    def maps(self) -> Mapping[tuple[str, str], Stored]:
        """Return the pictures that were drawn, by generator and kind."""
        found = {key: self.get(cell) for key, cell in self.plan.maps.items()}
        return {key: stored for key, stored in found.items() if stored is not None}

"""What the cells of a plan have found and measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from taskspace.components import Stored
from taskspace.learning.splits import Split, random_part, split_of
from taskspace.learning.study_state import StudyState
from taskspace.studies.discovery.plan.cells import DiscoveryPlan
from taskspace.studies.discovery.plan.sets import TaskSet


@dataclass(frozen=True)
class JudgedColumn:
    """One task of a set: its labels and what its judges say.

    Attributes:
        labels: class ids of all images [N]; -1 is missing.
        predictions: of each judge on the test images [S, n].
        fitted: the judges' mean accuracy on what they have learnt.
    """

    number: int
    labels: np.ndarray
    predictions: np.ndarray
    fitted: float


@dataclass(frozen=True)
class DiscoveryState(StudyState):
    """The cells of a plan and their outcomes."""

    plan: DiscoveryPlan

    @cached_property
    def rows(self) -> Split:
        """Return the images that are learnt from and those that test."""
        job = self.plan.job
        split = split_of(self.plan.dataset, job.test, job.seed)
        if job.images is None or job.images >= len(split.train):
            return split
        return Split(random_part(split.train, job.images, job.seed), split.test)

    @cached_property
    def used(self) -> np.ndarray:
        """Return the numbers of all images that are used, sorted."""
        return np.sort(np.concatenate([self.rows.train, self.rows.test]))

    def sets(self) -> Iterator[tuple[TaskSet, Stored]]:
        """Yield the sets that have labels."""
        for own in self.plan.sets:
            stored = self.get(own.cell)
            if stored is not None:
                yield own, stored

    def columns(self, own: TaskSet, stored: Stored) -> list[JudgedColumn]:
        """Return the tasks of a set that all judges have learnt."""
        labels = stored.array("labels")
        judged = []
        for number in range(own.tasks):
            cells = self.plan.judges.get((own.name, own.seed, number), [])
            results = self.every(cells)
            if results:
                judged.append(
                    JudgedColumn(
                        number,
                        labels[:, number].astype(np.int64),
                        np.stack([each.array("predictions") for each in results]).astype(np.int64),
                        float(np.mean([each.record["fitted"] for each in results])),
                    )
                )
        return judged

    @cached_property
    def known(self) -> dict[str, np.ndarray]:
        """Return the class ids [N] of each task with labels, as far as they were stored."""
        known = {}
        for name, cells in self.plan.stored.examples.items():
            parts = self.every(cells)
            if parts:
                known[name] = np.concatenate([part.array("target") for part in parts])
        return {name: ids.astype(np.int64) for name, ids in known.items()}

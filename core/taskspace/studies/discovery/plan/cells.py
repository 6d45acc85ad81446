"""The cells of the study: what each is called, what it reads, what decides its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from taskspace.components import JSON, Cell, CellFunction, Dataset, Planner
from taskspace.learning.example_cells import numbered
from taskspace.studies.discovery.job import OF_SEARCH, DiscoveryJob
from taskspace.studies.discovery.plan.cell_functions import HALVES, JUDGE, LOSSES
from taskspace.studies.discovery.plan.facts import check_images, compared_size, tasks_of
from taskspace.studies.discovery.plan.sets import SearchPlan, TaskSet, once


class HalvingTrial(NamedTuple):
    """A target learnt on a half: the rule, its number among the rule's, and the repetition."""

    target: str
    rule: str
    seed: int
    number: int


@dataclass
class DiscoveryPlan(SearchPlan):
    """Makes the cells of one job; equal wishes give equal cells."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.judges = {
            (own.name, own.seed, task): [self._judge(own, task, i) for i in range(self.job.judges)]
            for own in self.sets
            if own.name not in self.frozen
            for task in range(own.tasks)
        }
        self.trials = dict(self._trials())

    def judged(self) -> list[Cell]:
        """Return what judges the tasks that were found, and the splits that they make."""
        cells = [cell for judges in self.judges.values() for cell in judges]
        if self.job.splits is not None:
            cells += [self._losses(t, s) for t in self.job.splits.targets for s in self.seeds]
        return once([*cells, *self.trials.values()])

    def _judge(self, own: TaskSet, task: int, number: int) -> Cell:
        return self.planner.cell(
            f"judge/{own.name}/{own.seed}/{task + 1}/{number + 1}",
            JUDGE,
            parameters={
                "task": task,
                "classes": own.classes,
                "train": self.job.train.parameters(),
                "seed": self.derived_seed("judge", own.seed, number),
                **self.rows(),
            },
            components=self.networks(),
            inputs={"labels": own.cell, **numbered("image", self.stored.images)},
            batch=f"judge/{own.name}/{own.seed}",
        )

    def _trials(self) -> Iterator[tuple[HalvingTrial, Cell]]:
        if self.job.splits is None:
            return
        for target in self.job.splits.targets:
            for seed in self.seeds:
                tasks, _ = compared_size(self.job)
                for number in range(tasks):
                    yield self._trial(HalvingTrial(target, "random", seed, number), None)
                yield self._trial(
                    HalvingTrial(target, "highest_loss", seed, 0), self._losses(target, seed)
                )
                for own in self.sets:
                    if own.seed == seed and self._splits_by(own):
                        for number in range(own.tasks):
                            yield self._trial(
                                HalvingTrial(target, own.name, seed, number), own.cell
                            )

    def _splits_by(self, own: TaskSet) -> bool:
        """Return whether a set has scores for all images, and is no part of a search."""
        return own.name != "human" and own.name not in OF_SEARCH | {s.as_ for s in self.job.free}

    def _trial(self, trial: HalvingTrial, scores: Cell | None) -> tuple[HalvingTrial, Cell]:
        rule = trial.rule if trial.rule in ("random", "highest_loss") else "scores"
        return trial, self._halving(
            f"split/{trial.target}/{trial.rule}/{trial.seed}/{trial.number + 1}",
            HALVES,
            trial.target,
            {
                "rule": rule,
                "task": trial.number,
                "share": self.job.splits.share if self.job.splits else 0.5,
                # Networks of all rules start alike; what they differ in is what they see.
                "seed": self.derived_seed("split", trial.target, trial.seed, trial.number),
            },
            {} if scores is None else {"scores": scores},
            batch=f"split/{trial.target}/{trial.rule}/{trial.seed}",
        )

    def _losses(self, target: str, seed: int) -> Cell:
        parameters: dict[str, JSON] = {"seed": self.derived_seed("losses", target, seed)}
        return self._halving(f"losses/{target}/{seed}", LOSSES, target, parameters, {})

    def _halving(
        self,
        name: str,
        function: CellFunction,
        target: str,
        parameters: Mapping[str, JSON],
        inputs: Mapping[str, Cell],
        batch: str | None = None,
    ) -> Cell:
        assert self.job.splits is not None
        return self.planner.cell(
            name,
            function,
            parameters={
                **parameters,
                "classes": self.counts[target],
                "train": self.job.splits.train.parameters(),
                **self.rows(),
            },
            components=self.networks(),
            inputs={
                **inputs,
                **numbered("image", self.stored.images),
                **numbered("target", self.stored.examples[target]),
            },
            batch=batch,
        )


def plan_of(job: DiscoveryJob, planner: Planner) -> DiscoveryPlan:
    """Return the plan of a job.

    Raises:
        InputError: if a task or a control cannot be had.
        DataError: if there are too few images, or a task has no head on this dataset.
    """
    dataset = planner.component(job.dataset.spec(), Dataset)
    tasks = tasks_of(job, dataset, planner)
    check_images(job, dataset)
    return DiscoveryPlan(job, planner, dataset, tasks)

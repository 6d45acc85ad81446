"""The cells of the study: what each is called, what it reads, what decides its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from taskspace.components import (
    JSON,
    Cell,
    Component,
    Dataset,
    Encoder,
    Gating,
    Planner,
    Shape,
    Task,
    Weighting,
    stable_seed,
)
from taskspace.learning.example_cells import ExampleCells, numbered
from taskspace.learning.usable import usable_readout
from taskspace.studies.multitask.job import MultitaskJob
from taskspace.studies.multitask.plan.cell_functions import COUNT, TRAIN
from taskspace.studies.multitask.plan.facts import check_sizes, check_stages, schemes_of, tasks_of


class Trial(NamedTuple):
    """One training: a scheme on so many samples (all where None), in one repetition."""

    scheme: str
    size: int | None
    seed: int

    @property
    def name(self) -> str:
        """Return what the cell of the training is called."""
        return f"train/{self.scheme}/{self.size or 'all'}/{self.seed}"


@dataclass
class MultitaskPlan:
    """Makes the cells of one job; equal wishes give equal cells."""

    job: MultitaskJob
    planner: Planner
    dataset: Dataset
    tasks: Mapping[str, Task]
    schemes: Mapping[str, Gating]

    def __post_init__(self) -> None:
        job, planner = self.job, self.planner
        self.encoder = planner.component(job.encoder.spec(), Encoder)
        self.readout = usable_readout(planner, job.readout.spec())
        self.weighting = planner.component(job.weighting.spec(), Weighting)
        self._split: dict[str, JSON] = {"share": job.test, "seed": job.seed}
        self.stored = ExampleCells(planner, self.dataset, self.tasks, job.seed)
        self.counts = self._counts()
        self.trials = {trial: self._trial(trial) for trial in self._wanted()}

    @property
    def image(self) -> Shape:
        """Return the shape (C, H, W) of the dataset's images."""
        channels, height, width = self.dataset.fields()["image"].shape
        return channels, height, width

    def cells(self) -> list[Cell]:
        """Return all cells: data first, then the trainings."""
        return [*self.stored.cells(), self.counts, *self.trials.values()]

    def _wanted(self) -> Iterator[Trial]:
        """Yield the trainings, small ones first; all schemes of one repetition together."""
        for size in sorted(self.job.sizes) if self.job.sizes else [None]:
            for seed in self.job.repetitions():
                for scheme in self.schemes:
                    yield Trial(scheme, size, seed)

    def _trial(self, trial: Trial) -> Cell:
        """Return the cell of a training, whose seed is the same for all schemes and sizes.

        So networks of different schemes see the same samples in the same order, and what they
        differ in is the scheme.
        """
        job = self.job
        components: dict[str, Component] = {
            "dataset": self.dataset,
            "encoder": self.encoder,
            "readout": self.readout,
            "gating": self.schemes[trial.scheme],
            "weighting": self.weighting,
            **self._tasks(),
        }
        return self.planner.cell(
            trial.name,
            TRAIN,
            parameters={
                "split": self._split,
                "size": trial.size,
                "train": job.train.parameters(),
                "rules": list(job.rules),
                "tasks": list(self.tasks),
                "seed": stable_seed(job.seed, "train", trial.seed),
            },
            components=components,
            inputs=numbered("image", self.stored.images) | self._label_cells(),
        )

    def _counts(self) -> Cell:
        return self.planner.cell(
            "labels",
            COUNT,
            parameters={"split": self._split, "tasks": list(self.tasks)},
            components={"dataset": self.dataset, **self._tasks()},
            inputs=self._label_cells(),
        )

    def _tasks(self) -> dict[str, Component]:
        return {f"task{number}": task for number, task in enumerate(self.tasks.values())}

    def _label_cells(self) -> dict[str, Cell]:
        slots: dict[str, Cell] = {}
        for number, cells in enumerate(self.stored.examples.values()):
            slots |= numbered(f"target{number}_", cells)
        return slots


def plan_of(job: MultitaskJob, planner: Planner) -> MultitaskPlan:
    """Return the plan of a job.

    Raises:
        InputError: if its tasks, sizes, split or gating layers cannot be had.
    """
    dataset = planner.component(job.dataset.spec(), Dataset)
    tasks = tasks_of(job, dataset, planner)
    check_sizes(job, dataset)
    plan = MultitaskPlan(job, planner, dataset, tasks, schemes_of(job, planner))
    check_stages(plan.encoder, plan.schemes)
    return plan

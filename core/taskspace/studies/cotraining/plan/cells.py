"""The cells of the study: what each is called, what it reads, what decides its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from taskspace.components import (
    JSON,
    Cell,
    Component,
    Dataset,
    Encoder,
    Planner,
    Readout,
    Task,
    stable_seed,
)
from taskspace.learning.example_cells import ExampleCells, numbered
from taskspace.learning.usable import check_heads, check_installed, usable_readout
from taskspace.studies.cotraining.job import AuxiliarySettings, CotrainingJob
from taskspace.studies.cotraining.plan.arms import Arm, ArmTraining, arms_of
from taskspace.studies.cotraining.plan.cell_functions import TRAIN
from taskspace.studies.cotraining.plan.facts import check_images, shared_stages, tasks_of


@dataclass
class CotrainingPlan:
    """Makes the cells of one job; equal wishes give equal cells.

    Attributes:
        tasks: by what the job calls them, the central one first.
    """

    job: CotrainingJob
    planner: Planner
    dataset: Dataset
    tasks: Mapping[str, Task]

    def __post_init__(self) -> None:
        job, planner = self.job, self.planner
        self.encoder = planner.component(job.encoder.spec(), Encoder)
        check_installed(self.encoder, "encoder")
        self.shared = shared_stages(job, self.encoder)
        self.auxiliary = {each.name: each for each in job.auxiliary}
        self.readouts = {name: self._readout(name) for name in self.tasks}
        check_heads(self.readouts, self.tasks, self.dataset)
        self.stored = ExampleCells(planner, self.dataset, self.tasks, job.seed)
        self.arms = {arm.name: arm for arm in arms_of(job)}
        self.trials = {trial: self._trial(trial) for trial in self._wanted()}

    def cells(self) -> list[Cell]:
        """Return all cells: data first, then the trainings."""
        return [*self.stored.cells(), *self.trials.values()]

    def _wanted(self) -> Iterator[ArmTraining]:
        """Yield the trainings, few labels first; all arms of one repetition together."""
        for labels in sorted(self.job.labels) if self.job.labels else [None]:
            for seed in self.job.repetitions():
                for name in self.arms:
                    yield ArmTraining(name, labels, seed)

    def _trial(self, trial: ArmTraining) -> Cell:
        """Return the cell of a training, whose seed is the same for all arms.

        So the central task starts from equal weights and learns from equal batches in all of
        them, and what arms differ in is what is trained with it.
        """
        job, arm = self.job, self.arms[trial.arm]
        names = [job.central.name, *arm.auxiliary]
        components: dict[str, Component] = {"dataset": self.dataset, "encoder": self.encoder}
        inputs: dict[str, Cell] = {}
        for number, name in enumerate(names):
            components[f"task{number}"] = self.tasks[name]
            components[f"readout{number}"] = self.readouts[name]
            inputs |= numbered(f"task{number}_", self.stored.examples[name])
        if any(self.tasks[name].plain_input for name in names):
            inputs |= numbered("image", self.stored.images)
        return self.planner.cell(
            f"train/{arm.path}/{trial.labels or 'all'}/{trial.seed}",
            TRAIN,
            parameters={
                "split": {"share": job.test, "seed": job.seed},
                "labels": trial.labels,
                "share": self.shared,
                "train": job.train.parameters(),
                "central": job.central.name,
                "auxiliary": [_settings(self.auxiliary[name], arm) for name in arm.auxiliary],
                "seed": stable_seed(job.seed, "cotraining", trial.seed),
            },
            components=components,
            inputs=inputs,
        )

    def _readout(self, name: str) -> Readout:
        own = self.auxiliary[name].readout if name in self.auxiliary else None
        where = "readout" if own is None else f"auxiliary: {name}: readout"
        spec = (own or self.job.readout).spec()
        return usable_readout(self.planner, spec, where=where, own_loss=True)


def _settings(each: AuxiliarySettings, arm: Arm) -> dict[str, JSON]:
    """Return what a cell is told of an auxiliary task of an arm."""
    own = each.model_dump(mode="json", include={"weight", "batch", "every", "images"})
    return {"name": each.name, "shuffled": arm.shuffled, **own}


def plan_of(job: CotrainingJob, planner: Planner) -> CotrainingPlan:
    """Return the plan of a job.

    Raises:
        InputError: if a task, a readout or the encoder cannot be used here, or the encoder has too
            few stages.
        DataError: if there are too few images, or a task has no head on this dataset.
    """
    dataset = planner.component(job.dataset.spec(), Dataset)
    tasks = tasks_of(job, dataset, planner)
    check_images(job, dataset)
    return CotrainingPlan(job, planner, dataset, tasks)

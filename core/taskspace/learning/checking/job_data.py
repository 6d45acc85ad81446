"""The data of a job, looked at as a run would read them, before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskspace.components import Answer, Cell, ComponentSpec, Dataset, Finding, Task
from taskspace.components.exchanged.class_fields import own_fields
from taskspace.engine.data_findings import dataset_findings
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.run import study_of
from taskspace.errors import DataError, InputError
from taskspace.jobs import LoadedJob, check_components
from taskspace.jobs.located_error import LocatedErrors
from taskspace.jobs.text.places import Steps
from taskspace.learning.checking.labels import label_findings
from taskspace.learning.checking.planned_splits import planned_splits
from taskspace.learning.checking.samples import Listener, LookedAt, look_at
from taskspace.learning.fields import check_fields
from taskspace.registry import Registry

MOST_NAMED = 10
"""Samples that cannot be read and are named; `tasks data check` lists all."""

OF_TABLE = "table-"
"""How findings begin that say what was read of a table; the others are of a run's answer."""

Counting = Callable[[str], Listener | None]
"""Gives the listener that shows how far reading the dataset of this name is."""


def names_files(loaded: LoadedJob, paths: Mapping[Steps, Path]) -> bool:
    """Return whether a job reads a file: a dataset's, or a table in place of one.

    Datasets that are rendered or come with a package declare no path, and are not looked at.
    """
    inside = {steps[:depth] for steps in paths for depth in range(len(steps))}
    parts = {steps: spec for steps, spec in loaded.components.items() if steps in inside}
    of_job = [s for s in paths if not any(s[: len(part)] == part for part in parts)]
    return bool(of_job) or any(spec.kind == "dataset" for spec in parts.values())


@dataclass(frozen=True)
class CheckedDataset:
    """A dataset of a job; `looked` where its samples are in files, which were all read."""

    path: str
    name: str
    looked: LookedAt | None


@dataclass(frozen=True)
class CheckedJob:
    """What the data of a job are, and what a reader must know before it is run."""

    datasets: tuple[CheckedDataset, ...]
    findings: tuple[Finding, ...]


@dataclass
class _Opened:
    """A dataset of the job, and the tasks that are learnt on it."""

    steps: Steps
    dataset: Dataset
    tasks: list[Task] = field(default_factory=list)
    looked: LookedAt | None = None

    def task_fields(self) -> set[str]:
        """Return what the tasks read; every field where the job names no tasks."""
        fields = self.dataset.fields()
        return {name for task in self.tasks for name in task.needs(fields)} or set(fields)

    def shown_fields(self) -> set[str]:
        """Return what the tasks read, and what there is beside it at no cost: labels of images."""
        used = self.task_fields()
        return used | {
            name
            for name, each in own_fields(self.dataset.fields()).items()
            if not each.shape and each.as_classes not in used
        }


def check_data(
    loaded: LoadedJob, paths: Mapping[Steps, Path], registry: Registry, counting: Counting
) -> CheckedJob:
    """Return what the data of a job are: every sample that lies in a file is read once.

    Args:
        paths: those of the job.

    Raises:
        JobInvalid: with everything for which a run would fail before its first cell, or with its
            first cells: each at its place in the job.
    """
    check_components(loaded, registry)
    errors = LocatedErrors(loaded, paths)
    opened = _open(loaded, registry, errors)
    for each in opened:
        own = [path for steps, path in paths.items() if steps[: len(each.steps)] == each.steps]
        if own:
            _look(each, own[0], errors, counting)
    if errors:
        raise errors.error()
    cells, findings = _planned(loaded, registry, errors)
    findings += dataset_findings(each.dataset for each in opened)
    for each in opened:
        if each.looked is not None:
            used = each.task_fields()
            labels = {name: f for name, f in each.looked.fields.items() if name in used}
            findings += label_findings(labels, planned_splits(cells, each.dataset))
    datasets = [
        CheckedDataset(".".join(map(str, each.steps)), each.dataset.name, each.looked)
        for each in opened
    ]
    return CheckedJob(tuple(datasets), tuple(findings))


def _open(loaded: LoadedJob, registry: Registry, errors: LocatedErrors) -> list[_Opened]:
    """Open every dataset and check that it has what the tasks beside it in the job need."""
    opened = []
    for steps, spec in loaded.components.items():
        if spec.kind != "dataset":
            continue
        try:
            each = _Opened(steps, _dataset(registry, spec))
            each.dataset.fields()
            each.dataset.length()
        except InputError as error:
            errors.add(error, steps)
            continue
        opened.append(each)
        beside = (*steps[:-1], "tasks")
        for place, task_spec in loaded.components.items():
            if task_spec.kind == "task" and place[:-1] == beside:
                _check_task(each, place, loaded, registry.component(task_spec), errors)
    return opened


def _dataset(registry: Registry, spec: ComponentSpec) -> Dataset:
    dataset = registry.component(spec)
    if not isinstance(dataset, Dataset):
        raise TypeError(f"{spec.name!r} is not a dataset.")
    return dataset


def _check_task(
    opened: _Opened, place: Steps, loaded: LoadedJob, task: object, errors: LocatedErrors
) -> None:
    if not isinstance(task, Task):
        raise TypeError(f"{task!r} is not a task.")
    use = _part(loaded, place)
    try:
        check_fields(str(getattr(use, "name", task.name)), task, opened.dataset)
    except InputError as error:
        errors.add(error, place)
    else:
        opened.tasks.append(task)


def _part(loaded: LoadedJob, steps: Steps) -> Any:
    part: Any = loaded.job
    for step in steps:
        part = getattr(part, step) if isinstance(step, str) else part[step]
    return part


def _look(opened: _Opened, path: Path, errors: LocatedErrors, counting: Counting) -> None:
    try:
        looked = look_at(opened.dataset, opened.shown_fields(), counting(opened.dataset.name))
    except InputError as error:
        errors.add(error, opened.steps)
        return
    if looked.unreadable:
        errors.add(_unreadable(path, looked), opened.steps)
    opened.looked = looked


def _unreadable(path: Path, looked: LookedAt) -> DataError:
    count = len(looked.unreadable)
    first = looked.unreadable[:MOST_NAMED]
    advice = looked.advice or "Repair or remove what is named."
    shown = " ".join(f"Sample {each.sample}: {each.problem}" for each in first)
    more = f" And {count - MOST_NAMED:,} more." if count > MOST_NAMED else ""
    return DataError(
        f"{count:,} of {looked.samples:,} samples cannot be read. {shown}{more}",
        where=str(path),
        advice=f"{advice} `tasks data check` lists all.",
    )


def _planned(
    loaded: LoadedJob, registry: Registry, errors: LocatedErrors
) -> tuple[list[Cell], list[Finding]]:
    """Return the cells of the job's first stage, and what was read of a table in its place.

    Raises:
        JobInvalid: if the study refuses the job.
    """
    stages = study_of(loaded, registry, None).stages(loaded.job, KeyedPlanner(registry), None)
    with closing(stages):
        try:
            return list(next(stages).cells), []
        except StopIteration as answered:
            found = answered.value.findings if isinstance(answered.value, Answer) else ()
            return [], [finding for finding in found if finding.code.startswith(OF_TABLE)]
        except InputError as error:
            errors.add(error, _task_place(loaded, error))
            raise errors.error() from error


def _task_place(loaded: LoadedJob, error: InputError) -> Steps:
    """Return where the task stands that a study's error names; the job where it names none."""
    name = (error.where or "").removeprefix("tasks: ")
    tasks = (steps for steps, spec in loaded.components.items() if spec.kind == "task")
    return next((s for s in tasks if getattr(_part(loaded, s), "name", None) == name), ())

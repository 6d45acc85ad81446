"""What is known of a job before anything is trained: its tasks, its samples, its schemes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taskspace.components import (
    ComponentSpec,
    Dataset,
    Encoder,
    Gating,
    Planner,
    Task,
    Weighting,
)
from taskspace.errors import DataError, InputError
from taskspace.learning.fields import check_fields
from taskspace.learning.splits import Split
from taskspace.studies.multitask.job import MultitaskJob


@dataclass(frozen=True)
class NamedGating:
    """A scheme as the job calls it."""

    name: str
    gating: Gating


@dataclass(frozen=True)
class Entry:
    """A task as the job calls it."""

    name: str
    task: Task


def schemes_of(job: MultitaskJob, planner: Planner) -> list[NamedGating]:
    """Return the schemes of the job."""
    return [NamedGating(use.name, planner.component(use.spec(), Gating)) for use in job.schemes]


def check_weighting(weighting: Weighting) -> None:
    """Check that a weighting can be used here.

    Raises:
        InputError: if something that it needs is not installed.
    """
    missing = weighting.missing()
    if missing is not None:
        raise InputError(
            f"The weighting {weighting.name!r} needs something that is not here: {missing}",
            where="weighting",
            advice="Install it, or choose another: `tasks components weighting` lists them.",
        )


def entries_of(job: MultitaskJob, dataset: Dataset, planner: Planner) -> list[Entry]:
    """Return the tasks of the job, or those that the dataset names.

    Raises:
        InputError: if the dataset names none, lacks a field that a task needs, or a task cannot
            share an encoder.
        DataError: if a task has no head on this dataset.
    """
    named = {use.name: use.spec() for use in job.tasks or ()} or {
        field: ComponentSpec("task", "classification", {"field": field})
        for field in dataset.task_fields()
    }
    if not named:
        raise InputError(
            f"The dataset {dataset.name!r} does not say which of its fields are tasks.",
            where="tasks",
            advice="List them: `tasks: [{use: classification, field: NAME, as: NAME}, ...]`. It "
            f"has the fields {', '.join(sorted(dataset.fields()))}.",
        )
    entries = [Entry(name, planner.component(spec, Task)) for name, spec in named.items()]
    for entry in entries:
        check_fields(entry.name, entry.task, dataset)
        _refuse_what_cannot_share(entry)
    return entries


def check_sizes(job: MultitaskJob, split: Split) -> None:
    """Check that there are as many training samples as are asked for.

    Raises:
        DataError: if there are fewer.
    """
    there = len(split.train)
    for size in job.sizes or ():
        if size > there:
            raise DataError(
                f"There are {there} samples to train on, and {size} are asked for.",
                where="sizes",
                advice="Ask for fewer, or leave `sizes` out to train on all.",
            )


def check_stages(encoder: Encoder, schemes: Sequence[NamedGating]) -> None:
    """Check that the encoder can be cut into the gating layers of every scheme.

    Raises:
        InputError: if it has too few stages for one.
    """
    there = encoder.stage_count()
    for scheme in schemes:
        needed = scheme.gating.least_stages()
        if needed > there:
            raise InputError(
                f"The scheme {scheme.name!r} needs an encoder of {needed} stages, and "
                f"{encoder.name!r} has {there}.",
                where=f"schemes: {scheme.name}",
                advice="Ask for fewer layers, or for a deeper encoder such as `conv_pool`.",
            )


def _refuse_what_cannot_share(entry: Entry) -> None:
    task = entry.task
    if not task.plain_input or task.views > 1 or task.inputs != {"image"}:
        reason = "changes the image that its network sees" if task.views == 1 else "sees views"
        raise InputError(
            f"The task {entry.name!r} {reason}; tasks that share experts see one image.",
            where=f"tasks: {entry.name}",
            advice="Leave it out; `study: taxonomy` compares tasks with inputs of their own.",
        )
    if not task.trained:
        raise InputError(
            f"The task {entry.name!r} is not trained, so there is nothing to share.",
            where=f"tasks: {entry.name}",
            advice="Leave it out.",
        )

"""What is known of a job before anything is trained: its tasks, its samples, its schemes."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components import (
    ComponentSpec,
    Dataset,
    Encoder,
    Gating,
    Planner,
    Task,
)
from taskspace.components.exchanged.class_fields import own_fields
from taskspace.errors import DataError, InputError
from taskspace.learning.fields import check_fields
from taskspace.learning.splits import split_of
from taskspace.studies.multitask.job import MultitaskJob


def schemes_of(job: MultitaskJob, planner: Planner) -> dict[str, Gating]:
    """Return the schemes as the job calls them."""
    return {use.name: planner.component(use.spec(), Gating) for use in job.schemes}


def tasks_of(job: MultitaskJob, dataset: Dataset, planner: Planner) -> dict[str, Task]:
    """Return the tasks as the job calls them, or those that the dataset names.

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
            f"has the fields {', '.join(sorted(own_fields(dataset.fields())))}.",
        )
    tasks = {name: planner.component(spec, Task) for name, spec in named.items()}
    for name, task in tasks.items():
        check_fields(name, task, dataset)
        _refuse_what_cannot_share(name, task)
    return tasks


def check_sizes(job: MultitaskJob, dataset: Dataset) -> None:
    """Check that there are as many training samples as are asked for.

    Raises:
        DataError: if there are fewer.
    """
    there = len(split_of(dataset, job.test, job.seed).train)
    for size in job.sizes or ():
        if size > there:
            raise DataError(
                f"There are {there} samples to train on, and {size} are asked for.",
                where="sizes",
                advice="Ask for fewer, or leave `sizes` out to train on all.",
            )


def check_stages(encoder: Encoder, schemes: Mapping[str, Gating]) -> None:
    """Check that the encoder can be cut into the gating layers of every scheme.

    Raises:
        InputError: if it has too few stages for one.
    """
    there = encoder.stage_count()
    for name, gating in schemes.items():
        needed = gating.least_stages()
        if needed > there:
            raise InputError(
                f"The scheme {name!r} needs an encoder of {needed} stages, and "
                f"{encoder.name!r} has {there}.",
                where=f"schemes: {name}",
                advice="Ask for fewer layers, or for a deeper encoder such as `conv_pool`.",
            )


def _refuse_what_cannot_share(name: str, task: Task) -> None:
    if not task.plain_input or task.views > 1 or task.inputs != {"image"}:
        reason = "changes the image that its network sees" if task.views == 1 else "sees views"
        raise InputError(
            f"The task {name!r} {reason}; tasks that share experts see one image.",
            where=f"tasks: {name}",
            advice="Leave it out; `study: taxonomy` compares tasks with inputs of their own.",
        )
    if not task.trained:
        raise InputError(
            f"The task {name!r} is not trained, so there is nothing to share.",
            where=f"tasks: {name}",
            advice="Leave it out.",
        )

"""What is known of the tasks of a job before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

from taskspace.components import Dataset, Encoder, Planner, Task
from taskspace.errors import DataError, InputError
from taskspace.jobs import TaskUse
from taskspace.learning.fields import check_fields
from taskspace.learning.splits import split_indices
from taskspace.studies.taxonomy.job import TaxonomyJob


@dataclass(frozen=True)
class TaxonomyEntry:
    """A task in its part in the job.

    `labels_itself`: its labels are computed from the image, so nobody has to make them.
    """

    task: Task
    is_source: bool
    is_target: bool
    importance: float
    label_cost: float
    labels_itself: bool


def entries_of(job: TaxonomyJob, dataset: Dataset, planner: Planner) -> dict[str, TaxonomyEntry]:
    """Return the tasks as the job calls them, with their parts.

    Raises:
        InputError: for a task whose fields the dataset does not have, or a job without any source
            or without targets.
    """
    entries = {u.name: _entry(u, planner.component(u.spec(), Task)) for u in job.task_uses()}
    for name, entry in entries.items():
        check_fields(name, entry.task, dataset)
    for part in ("target",) if job.sources else ("source", "target"):
        if not any(getattr(entry, f"is_{part}") for entry in entries.values()):
            raise InputError(
                f"No task of the job is a {part}.",
                where="tasks",
                advice=f"Add a task with `role: {part}` or `role: both`.",
            )
    return entries


def untrained_of(encoder: Encoder) -> Encoder:
    """Return what scratch and the random encoder are made of: the encoder at random weights.

    Raises:
        InputError: if it starts from weights and cannot do without them.
    """
    untrained = encoder.untrained()
    if untrained is None:
        raise InputError(
            f"The encoder {encoder.name!r} starts from {encoder.starts_from()} and cannot start at "
            "random, so there would be no training from scratch to compare with.",
            where="encoder",
            advice="Name it under `sources`, and another `encoder` for the task networks.",
        )
    return untrained


def check_images(job: TaxonomyJob, dataset: Dataset) -> None:
    """Check that the transfer split has as many images as are asked for.

    Raises:
        DataError: if it has fewer, or a split would be empty.
    """
    shares = job.splits.model_dump()
    size, groups = dataset.length(), dataset.groups()
    there = min(
        len(split_indices(size, groups, shares, job.seed, number)["transfer"])
        for number in job.repetitions()
    )
    wanted = job.transfer.images
    if wanted is not None and wanted > there:
        raise DataError(
            f"The transfer split has {there} images and {wanted} were asked for.",
            where="transfer.images",
            advice="Ask for fewer, or give the split a larger share (`splits:`).",
        )


def _entry(use: TaskUse, task: Task) -> TaxonomyEntry:
    return TaxonomyEntry(
        task=task,
        is_source=use.role != "target",
        # A class that is source-only by nature becomes a target only where the job says so.
        is_target=use.role == "target"
        or (use.role == "both" and ("role" in use.model_fields_set or not task.source_only)),
        importance=use.importance,
        label_cost=task.default_label_cost() if use.label_cost is None else use.label_cost,
        labels_itself=task.labels_itself(),
    )

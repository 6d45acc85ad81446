"""What a dataset must have so that a task can be learnt on it."""

from __future__ import annotations

from taskspace.components import Dataset, Task
from taskspace.components.exchanged.class_fields import own_fields
from taskspace.errors import InputError
from taskspace.registry import nearest


def check_fields(name: str, task: Task, dataset: Dataset) -> None:
    """Check that a dataset has what a task needs, and that its head can be made.

    Args:
        name: what the job calls the task.

    Raises:
        InputError: with a field that is missing.
    """
    fields = dataset.fields()
    missing = sorted(task.needs(fields) - set(fields))
    if missing:
        own = own_fields(fields)
        guess = nearest(missing[0], own)
        raise InputError(
            f"The task {name!r} needs the field {missing[0]!r}, which the dataset "
            f"{dataset.name!r} does not have; it has {', '.join(sorted(own))}.",
            where=f"tasks: {name}",
            advice=f"Did you mean {guess!r}?" if guess else "Leave the task out.",
        )
    task.head(fields)

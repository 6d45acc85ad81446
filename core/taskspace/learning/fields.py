"""What a dataset must have so that a task can be learnt on it."""

from __future__ import annotations

from taskspace.components import Dataset, Task
from taskspace.components.exchanged.class_fields import own_fields
from taskspace.errors import InputError
from taskspace.registry import nearest


def check_fields(name: str, task: Task, dataset: Dataset, *, any_size: bool = False) -> None:
    """Check that a dataset has what a task needs, and that its head can be made.

    Args:
        name: what the job calls the task.
        any_size: whether networks here may see inputs of another size than the images have.

    Raises:
        InputError: with a field that is missing, or inputs of another size.
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
    image, seen = fields["image"].shape, task.input_shape(fields)
    if seen != image and not any_size:
        raise InputError(
            f"The task {name!r} shows networks {seen[1]}x{seen[2]} pixels of images that have "
            f"{image[1]}x{image[2]}, and here all tasks see images of one size.",
            where=f"tasks: {name}",
            advice="Give it `shrink: 1`, or use it in `study: cotraining`.",
        )

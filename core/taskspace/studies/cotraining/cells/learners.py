"""The tasks of an arm, each with the images that it learns from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch

from taskspace.components import Call, Dataset, Head, Readout, Shape, Task
from taskspace.errors import CellError
from taskspace.learning.examples import Examples, labelled, stored_parts, stored_rows
from taskspace.learning.fitting.batches import Batches
from taskspace.learning.networks import generator
from taskspace.learning.samples import growing_order
from taskspace.learning.splits import Split, random_part, split_of


@dataclass(frozen=True)
class TaskLearner:
    """A task with what it learns from.

    Attributes:
        number: in the arm; 0 is the central one.
        weight: what its loss is multiplied by.
        every: it learns in the first of so many steps.
        data: inputs and targets of the images it learns from.
        batches: rows of the data.
    """

    number: int
    name: str
    task: Task
    weight: float
    every: int
    data: Examples
    batches: Batches

    def learns_in(self, step: int) -> bool:
        """Return whether it learns in a step, counted from 0; never with weight 0."""
        return bool(self.weight) and step % self.every == 0


def arm_split(call: Call) -> Split:
    """Return the published parts, or a split of which each side has central labels if it can."""
    draw = call.parameters["split"]
    has_label = labelled(call, slot(0))
    return split_of(call.component("dataset", Dataset), draw["share"], draw["seed"], has_label)


def central_learner(call: Call, split: Split) -> TaskLearner:
    """Return the central task with as many labels as the cell says."""
    rows = central_rows(call, split)
    draws = generator(call.parameters["seed"], "central")
    return TaskLearner(
        0,
        call.parameters["central"],
        call.component("task0", Task),
        1.0,
        1,
        task_examples(call, 0, rows),
        Batches(len(rows), call.parameters["train"]["batch"], draws),
    )


def auxiliary_learner(call: Call, number: int, split: Split) -> TaskLearner:
    """Return an auxiliary task, which learns from all training images that have its label.

    Its batches are drawn from a generator of its own, by its name: the same in every arm.
    """
    settings = call.parameters["auxiliary"][number - 1]
    name, seed = settings["name"], call.parameters["seed"]
    rows = _pool(call, number, name, split.train, settings["images"])
    if settings["images"] is not None:
        rows = random_part(rows, settings["images"], seed % 2**32)
    if settings["shuffled"]:
        order = torch.randperm(len(rows), generator=generator(seed, "shuffled", name)).numpy()
        data = task_examples(call, number, rows, rows[order])
    else:
        data = task_examples(call, number, rows)
    batches = Batches(len(rows), settings["batch"], generator(seed, "auxiliary", name))
    task = call.component(f"task{number}", Task)
    return TaskLearner(number, name, task, settings["weight"], settings["every"], data, batches)


def central_rows(call: Call, split: Split) -> np.ndarray:
    """Return the numbers of the images whose central label is learnt from, int64, sorted.

    A larger set holds a smaller; of classes each has its share.

    Raises:
        CellError: if fewer have a label.
    """
    count = call.parameters["labels"]
    pool = _pool(call, 0, call.parameters["central"], split.train, count)
    if count is None:
        return pool
    classes = class_ids(call, 0)
    strata = np.zeros(len(pool), dtype=np.int64) if classes is None else classes[pool]
    order = growing_order(strata, call.parameters["seed"] % 2**32)
    return np.sort(pool[order[:count]])


def _pool(call: Call, number: int, name: str, rows: np.ndarray, count: int | None) -> np.ndarray:
    """Return those of the images that have a task's label.

    Raises:
        CellError: if there are fewer than are asked for, or none.
    """
    pool: np.ndarray = rows[labelled(call, slot(number))[rows]]
    if len(pool) < (count or 1):
        raise CellError(
            f"{len(pool)} training images have a label of the task {name!r}, and "
            f"{count or 1} are asked for.",
            where=f"tasks: {name}",
            advice="Label more, or ask for fewer in `labels` or `images`.",
        )
    return pool


def task_examples(
    call: Call, number: int, rows: np.ndarray, labels: np.ndarray | None = None
) -> Examples:
    """Return inputs and targets of a task of the arm.

    Args:
        rows: numbers of the images [n].
        labels: numbers of the images [n] whose targets they get; their own where None.
    """
    plain = call.component(f"task{number}", Task).plain_input
    own = slot(number)
    inputs = stored_rows(call, "image" if plain else own, "image" if plain else "input", rows)
    return Examples(inputs, stored_rows(call, own, "target", rows if labels is None else labels))


def class_ids(call: Call, number: int) -> np.ndarray | None:
    """Return the class of each image for a task, int64 [samples]; None where it has none."""
    parts = stored_parts(call, slot(number), "target")
    whole = all(np.issubdtype(part.values.dtype, np.integer) for part in parts)
    if parts[0].values.ndim > 1 or not whole or any(part.levels is not None for part in parts):
        return None
    return np.concatenate([part.values for part in parts]).astype(np.int64)


def slot(number: int) -> str:
    """Return the input of the call that holds the examples of a task."""
    return f"task{number}_"


class ArmTask(NamedTuple):
    """A task of the arm as its network is built for it.

    Attributes:
        name: as the job calls it.
        head: what it predicts.
        input: the shape (C, H, W) of its input, or of one view.
    """

    name: str
    task: Task
    readout: Readout
    head: Head
    input: Shape

    @property
    def output(self) -> tuple[int, ...]:
        """Return the shape of a prediction."""
        return self.head.shape(self.input)


def arm_task(call: Call, number: int) -> ArmTask:
    """Return a task of the arm; 0 is the central one."""
    auxiliary: list[dict[str, Any]] = call.parameters["auxiliary"]
    name = call.parameters["central"] if number == 0 else auxiliary[number - 1]["name"]
    task = call.component(f"task{number}", Task)
    fields = call.component("dataset", Dataset).fields()
    readout = call.component(f"readout{number}", Readout)
    return ArmTask(name, task, readout, task.head(fields), task.input_shape(fields))

"""Errors of models on tasks, and which of them are candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError

Floats = NDArray[np.float64]
"""Errors, or values that rank like them: [T tasks, M models] by default; less is better."""

Indices = NDArray[np.int64]

NO_TASK = -1
"""Stands for the task of a model that was trained on none of the table's."""


@dataclass(frozen=True)
class ErrorTable:
    """Errors of M models on T tasks.

    Attributes:
        errors: [T, M] at least 0, in percent or any other unit; NaN where not measured.
        own: the task [M] that each model was trained on, a row of the table, or NO_TASK. No model
            is a candidate for its own task.
        groups: the group [T] of each task, such as the dataset it is from; tasks of one group are
            left out together. By default each task is its own.
    """

    tasks: tuple[str, ...]
    models: tuple[str, ...]
    errors: Floats
    own: Indices
    groups: Indices

    @classmethod
    def of(
        cls,
        tasks: Sequence[str],
        models: Sequence[str],
        errors: Floats,
        *,
        own: Indices | None = None,
        groups: Indices | None = None,
    ) -> ErrorTable:
        """Return the table of these errors; without `own` a model is of the task of its name.

        Raises:
            InputError: if a name is there twice, or an error is negative or infinite.
        """
        for what, names in (("task", tasks), ("model", models)):
            if len(set(names)) < len(names):
                twice = sorted({name for name in names if names.count(name) > 1})
                raise InputError(f"The {what} {twice[0]!r} is there twice.")
        values = np.array(errors, dtype=np.float64)
        if values.shape != (len(tasks), len(models)):
            raise InputError(
                f"Found errors of shape {values.shape} for {len(tasks)} tasks and {len(models)} "
                "models."
            )
        wrong = np.argwhere(np.isinf(values) | (values < 0))
        if len(wrong):
            task, model = wrong[0]
            raise InputError(
                f"The error of {models[model]!r} on {tasks[task]!r} is {values[task, model]:g}.",
                advice="An error is a finite number, at least 0; NaN where nothing was measured.",
            )
        rows = {name: row for row, name in enumerate(tasks)}
        if own is None:
            own = np.array([rows.get(name, NO_TASK) for name in models], dtype=np.int64)
        if groups is None:
            groups = np.arange(len(tasks))
        return cls(tuple(tasks), tuple(models), values, own, groups)

    def candidates(self) -> Floats:
        """Return the errors [T, M] with NaN also where a model meets its own task.

        Raises:
            InputError: if a task is left without any candidate.
        """
        errors = self.errors.copy()
        trained = np.flatnonzero(self.own != NO_TASK)
        errors[self.own[trained], trained] = np.nan
        bare = np.flatnonzero(np.isnan(errors).all(axis=1))
        if len(bare):
            raise InputError(
                f"The task {self.tasks[bare[0]]!r} has no candidate: no model but its own was "
                "measured on it.",
                advice="Leave the task out, or measure other models on it.",
            )
        return errors

    def known_without(self, held: Indices) -> Floats:
        """Return the candidates' errors with NaN in all that the tasks `held` bring.

        Those are their rows, and the columns of the models trained on them: had the task not been
        there, those models would not be either.
        """
        errors = self.candidates()
        errors[held] = np.nan
        errors[:, np.isin(self.own, held)] = np.nan
        return errors

    def held_with(self, task: int) -> Indices:
        """Return the tasks of the group of `task`, itself among them."""
        return np.flatnonzero(self.groups == self.groups[task])

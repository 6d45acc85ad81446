"""What is read of a table of errors, pair by pair, before it is a table."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from taskspace.errors import TableError
from taskspace.studies.recommend.maths.errors import Floats
from taskspace.studies.recommend.table.description import ErrorFile
from taskspace.tables import Numbers


@dataclass
class ErrorCells:
    """What was read so far; names in the order in which they first stand in the file."""

    file: ErrorFile
    numbers: Numbers
    tasks: dict[str, int] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    values: dict[str, dict[tuple[str, str], float]] = field(default_factory=dict)
    constants: dict[tuple[str, str], str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    largest: float = -np.inf

    def add(self, task: str, model: str, where: str) -> None:
        """Enter a pair, once."""
        if not task or not model:
            raise TableError("A task or model has no name.", where=where)
        if (before := self.places.setdefault((task, model), where)) is not where:
            raise TableError(
                f"The error of {model!r} on {task!r} was there before, at {before}.",
                where=where,
                advice="Keep one of the two.",
            )
        self.tasks.setdefault(task, len(self.tasks))
        self.models.setdefault(model, len(self.models))

    def put(self, column: str, task: str, model: str, value: float | None) -> None:
        """Enter a number of a pair."""
        if value is not None:
            self.values.setdefault(column, {})[task, model] = value

    def put_constant(self, column: str, name: str, cell: str, where: str) -> None:
        """Enter what must be the same in all rows of a task or of a model."""
        if (before := self.constants.setdefault((column, name), cell)) != cell:
            raise TableError(
                f"The {column} of {name!r} is {cell!r}, and {before!r} in a row before.",
                where=where,
                advice="It must be the same in all of its rows.",
            )

    def matrix(self, column: str) -> Floats:
        """Return a column's numbers as [T, M]."""
        found = np.full((len(self.tasks), len(self.models)), np.nan)
        for (task, model), value in self.values.get(column, {}).items():
            found[self.tasks[task], self.models[model]] = value
        return found

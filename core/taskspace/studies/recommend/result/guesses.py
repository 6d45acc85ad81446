"""What every method expects of models on tasks, as tables that can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from taskspace.studies.recommend.maths.errors import ErrorTable, Floats
from taskspace.studies.recommend.maths.leave_out import leave_out
from taskspace.studies.recommend.maths.static import (
    average_ranking,
    parameter_ranking,
    single_model,
    uniform_ranking,
)
from taskspace.studies.recommend.result.model import MethodKind

BRUTE = "best on test images"
AVERAGE = "best average (left out)"
AVERAGE_GROUP = "best average (dataset left out)"
HINDSIGHT = "best average (hindsight)"
PARAMETERS = "most parameters"
GENERIC = "generic"
CHANCE = "chance"
HONEST = (AVERAGE, AVERAGE_GROUP, PARAMETERS, GENERIC)
"""Static rankings that need no hindsight."""


@dataclass(frozen=True)
class Guess:
    """What a method expects, lower meaning better.

    Attributes:
        expected: [T, M] for each draw, NaN for what it does not rank.
        seconds: that all its estimates took; None where they are free.
    """

    name: str
    kind: MethodKind
    expected: Sequence[Floats] = field(repr=False)
    seconds: float | None = None


def one_by_one(table: ErrorTable) -> ErrorTable:
    """Return the table with each task a group of its own, so that one at a time is left out."""
    return replace(table, groups=np.arange(len(table.tasks), dtype=np.int64))


def static_guesses(
    table: ErrorTable, parameters: Mapping[str, int | None], generic: str | None
) -> Iterator[Guess]:
    """Yield chance, the static rankings, and hindsight; those that the table does not admit not."""
    errors = table.candidates()
    tasks, models = errors.shape
    yield Guess(CHANCE, "reference", [uniform_ranking(tasks, models)])
    if generic in table.models:
        ranked = single_model(table.models.index(generic), tasks, models)
        yield Guess(GENERIC, "static", [ranked])
    counts = np.array([float(parameters.get(name) or np.nan) for name in table.models])
    if len(np.unique(counts[~np.isnan(counts)])) > 1:
        yield Guess(PARAMETERS, "static", [parameter_ranking(counts, tasks)])
    if tasks > 1:
        yield Guess(AVERAGE, "static", [leave_out(one_by_one(table), average_ranking).expected])
        hindsight = average_ranking(errors, np.arange(tasks))[0]
        yield Guess(HINDSIGHT, "reference", [hindsight])
    if 1 < len(np.unique(table.groups)) < tasks:
        yield Guess(AVERAGE_GROUP, "static", [leave_out(table, average_ranking).expected])
    yield Guess(BRUTE, "reference", [errors])

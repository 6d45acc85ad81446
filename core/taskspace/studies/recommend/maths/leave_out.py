"""Recommenders judged on tasks that they have not seen, their settings chosen without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.errors import ErrorTable, Floats, Indices
from taskspace.studies.recommend.maths.evaluator import picked_errors, regrets, relative_errors

Recommender: TypeAlias = Callable[[Floats, Indices], Floats]
"""(known errors [T, M], tasks [K]) -> expected errors [S, K, M], with each of S settings.

What is hidden is NaN in the known errors, the rows of `tasks` among it. NaN where there is no
telling, as of a model without any known error.
"""


class LeftOut(NamedTuple):
    """Expected errors of each task, without its measurements.

    Attributes:
        expected: [T, M].
        chosen: which of the settings was used for each task [T].
    """

    expected: Floats
    chosen: Indices


def leave_out(table: ErrorTable, recommender: Recommender, folds: int | None = None) -> LeftOut:
    """Return what a recommender expects of each task, its group left out.

    Which setting is used is decided by the other groups alone: each is left out once more, and
    the setting with the least mean relative error of its picks there is taken (nested
    cross-validation). Models trained on a task that is left out are left out with it.

    Args:
        table: errors of at least three groups, or two where there is one setting.
        recommender: what is judged.
        folds: of the inner division, where a fit is dear; None leaves out one group at a time.

    Raises:
        InputError: if there are too few groups.
    """
    groups = np.unique(table.groups)
    if len(groups) < 2:
        raise _too_few(len(groups), 2)
    expected = np.full(table.errors.shape, np.nan)
    chosen = np.zeros(len(table.tasks), dtype=np.int64)
    for group in groups:
        held = np.flatnonzero(table.groups == group)
        known = table.known_without(held)
        found = recommender(known, held)
        setting = 0
        if len(found) > 1:
            if len(groups) < 3:
                raise _too_few(len(groups), 3)
            inner = inner_expected(table, known, recommender, folds)
            setting = int(np.argmin([pick_loss(known, one) for one in inner]))
        expected[held] = found[setting]
        chosen[held] = setting
    return LeftOut(expected, chosen)


def inner_expected(
    table: ErrorTable, known: Floats, recommender: Recommender, folds: int | None
) -> Floats:
    """Return what is expected [S, T, M] of the known tasks, each of their groups left out."""
    parts = {}
    for held in _divided(table, known, folds):
        without = known.copy()
        without[held] = np.nan
        without[:, np.isin(table.own, held)] = np.nan
        parts[tuple(held)] = recommender(without, held)
    settings = len(next(iter(parts.values())))
    expected = np.full((settings, *known.shape), np.nan)
    for rows, part in parts.items():
        expected[:, rows] = part
    return expected


def pick_loss(known: Floats, expected: Floats) -> float:
    """Return the mean relative error of the picks on the known tasks, both [T, M].

    In points where no task has a relative error. A task of which nothing is told gets chance.
    """
    rows = ~np.isnan(known).all(axis=1)
    errors, guesses = known[rows], expected[rows]
    blind = np.isnan(guesses + errors).all(axis=1, keepdims=True)
    picked = picked_errors(errors, np.where(blind, 0.0, guesses))
    relative = relative_errors(errors, picked)
    return float(np.nanmean(regrets(errors, picked) if np.isnan(relative).all() else relative))


def _divided(table: ErrorTable, known: Floats, folds: int | None) -> Iterator[Indices]:
    """Yield the known tasks in parts that cut through no group."""
    present = np.flatnonzero(~np.isnan(known).all(axis=1))
    groups = np.unique(table.groups[present])
    count = min(folds or len(groups), len(groups))
    for part in range(count):
        yield present[np.isin(table.groups[present], groups[part::count])]


def _too_few(groups: int, needed: int) -> InputError:
    return InputError(
        f"Found {groups} groups of tasks; leaving one out takes {needed}.",
        advice="Measure more tasks, or group fewer of them together.",
    )

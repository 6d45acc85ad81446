"""What the rows of a policy problem must satisfy, checked on whole columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from taskspace.errors import InputError
from taskspace.policy.model.names import listed_names
from taskspace.policy.model.unchecked import LARGEST_VALUE, UncheckedProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from taskspace.policy.model.columns import Transfers


def check_rows(problem: UncheckedProblem) -> None:
    """Refuse rows that are no transfers, or are there twice.

    Raises:
        InputError: with the transfer.
    """
    columns = problem.columns
    if (row := _first(columns.order == 0)) is not None:
        raise InputError(f"A transfer into {columns[row].target!r} has no source.")
    if (row := _repeating(columns)) is not None:
        raise InputError(f"The transfer {_label(columns, row)} names a source twice.")
    _check_values(columns)
    if (entry := _first(~columns.among(problem.sources)[columns.member])) is not None:
        row = int(columns.row[entry])
        unknown = {*columns[row].sources} - {*problem.sources}
        raise InputError(
            f"The transfer {_label(columns, row)} has sources that cannot be supervised: "
            f"{listed_names(unknown)}.",
            advice="A source is a target that is not target-only, or is named in source_only.",
        )
    if (twice := columns.duplicate()) is not None:
        raise InputError(
            f"The transfer {_label(columns, twice[1])} is there twice.",
            advice="Keep one value for it.",
        )


def _check_values(columns: Transfers) -> None:
    if (row := _first(~np.isfinite(columns.value))) is not None:
        raise InputError(
            f"The value of the transfer {_label(columns, row)} is {float(columns.value[row])!r}.",
            advice="Leave out transfers that were not measured.",
        )
    if (row := _first(np.abs(columns.value) > LARGEST_VALUE)) is not None:
        raise InputError(
            f"The value of the transfer {_label(columns, row)} is {float(columns.value[row])!r}.",
            advice=f"Use a unit in which values are below {LARGEST_VALUE:g}.",
        )
    cost = np.zeros(0) if columns.cost is None else columns.cost
    if (row := _first(~((cost >= 0) & (cost <= LARGEST_VALUE)))) is not None:
        raise InputError(
            f"The cost of the transfer {_label(columns, row)} is {float(cost[row])!r}.",
            advice=f"It must be a number from 0 to {LARGEST_VALUE:g}.",
        )
    for name, shares in (("gain", columns.gain), ("quality", columns.quality)):
        if shares is not None and (row := _first((shares < 0) | (shares > 1))) is not None:
            raise InputError(
                f"The {name} of the transfer {_label(columns, row)} is {float(shares[row])!r}.",
                advice="It is a win rate: a fraction from 0 to 1.",
            )


def check_served(problem: UncheckedProblem) -> None:
    """Refuse targets that nothing could serve at any budget.

    Raises:
        InputError: with their names.
    """
    columns = problem.columns
    supervised = columns.named(columns.target[columns.supervised])
    without = {*problem.targets} - problem.target_only - supervised
    if without:
        raise InputError(
            f"There is no supervised network among the transfers into {listed_names(without)}.",
            advice="Add a record whose only source is its target, or name these tasks in "
            "target_only.",
        )
    out = columns.among(problem.forbidden)[columns.member]
    left = np.bincount(columns.row[out], minlength=len(columns)) == 0
    served = columns.named(columns.target[left])
    without = {*problem.targets} - served
    if without:
        raise InputError(
            f"With {listed_names(problem.forbidden)} forbidden, nothing is left that can serve "
            f"{listed_names(without)}.",
            advice="Forbid fewer tasks, or add transfers from others.",
        )


def _repeating(columns: Transfers) -> int | None:
    """Return the first row that names a source twice."""
    row = columns.row
    order = np.lexsort((columns.member, row))
    row, member = row[order], columns.member[order]
    twice = (row[1:] == row[:-1]) & (member[1:] == member[:-1])
    return int(row[1:][twice][0]) if twice.any() else None


def _first(bad: NDArray[np.bool_]) -> int | None:
    found = np.flatnonzero(bad)
    return int(found[0]) if len(found) else None


def _label(columns: Transfers, row: int) -> str:
    transfer = columns[row]
    return f"{'+'.join(transfer.sources)} -> {transfer.target}"

"""What a policy problem must satisfy before any solver sees it, rows checked as whole columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from taskspace.errors import InputError
from taskspace.policy.model.names import listed_names
from taskspace.policy.model.problem import LARGEST_VALUE, UncheckedProblem
from taskspace.policy.model.transfers import Transfers
from taskspace.registry import nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray


def check(problem: UncheckedProblem) -> None:
    """Refuse a problem whose answer would be wrong or would depend on how it is read.

    Raises:
        InputError: with what is wrong and the names of the tasks that it concerns.
    """
    if not problem.transfers:
        raise InputError(
            "There is no transfer, so there is no target to serve.",
            advice="Give at least one record {target, sources, value}.",
        )
    if problem.rule not in ("own", "best"):
        raise InputError(f"The rule is {problem.rule!r}; it is one of 'own' and 'best'.")
    _check_roles(problem)
    _check_numbers("importance", problem.importance, problem.targets, "target")
    _check_numbers("label cost", problem.label_cost, problem.sources, "task to supervise")
    _check_rows(problem)
    _check_decided(problem)
    _check_served(problem)


def _check_roles(problem: UncheckedProblem) -> None:
    targets = set(problem.targets)
    for names, sentence in (
        (problem.source_only & targets, "source-only and have transfers into them"),
        (problem.target_only - targets, "target-only and have no transfer into them"),
        (problem.source_only & problem.target_only, "source-only and target-only at once"),
    ):
        if names:
            raise InputError(
                f"These tasks are {sentence}: {listed_names(names)}.",
                advice="Change their role, or the transfers.",
            )


def _check_numbers(what: str, values: Mapping[str, float], known: Iterable[str], role: str) -> None:
    unknown = set(values) - set(known)
    if unknown:
        raise InputError(
            f"There is a number for the {what} of {listed_names(unknown)}, which is no {role}.",
            advice=f"Each {role} that is known: {listed_names(known)}.",
        )
    for name, value in values.items():
        if not 0 <= value <= LARGEST_VALUE:
            raise InputError(
                f"The {what} of {name!r} is {value!r}.",
                advice=f"It must be a number from 0 to {LARGEST_VALUE:g}.",
            )


def _check_decided(problem: UncheckedProblem) -> None:
    """What is required or forbidden can be supervised, and nothing is both."""
    for what, names in (("required", problem.required), ("forbidden", problem.forbidden)):
        unknown = sorted(names - set(problem.sources))
        if unknown:
            guess = nearest(unknown[0], problem.sources)
            raise InputError(
                f"These tasks are {what} and cannot be supervised: {listed_names(unknown)}.",
                advice=f"Did you mean {guess!r}?"
                if guess
                else f"Each task to supervise that is known: {listed_names(problem.sources)}.",
            )
    both = problem.required & problem.forbidden
    if both:
        raise InputError(
            f"These tasks are required and forbidden at once: {listed_names(both)}.",
            advice="Take each out of one of the two.",
        )


def _check_rows(problem: UncheckedProblem) -> None:
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


def _check_served(problem: UncheckedProblem) -> None:
    """Refuse targets that nothing could serve at any budget.

    Raises:
        InputError: with their names.
    """
    columns = problem.columns
    supervised = columns.named(columns.target[columns.supervised])
    without = {*problem.targets} - problem.target_only - supervised
    if without:
        serving = without & columns.named(columns.member)
        # A task that is target-only cannot be a source.
        first = f"leave out the transfers from {listed_names(serving)} and " if serving else ""
        raise InputError(
            f"There is no supervised network among the transfers into {listed_names(without)}.",
            advice=f"Add a record whose only source is its target, or {first}name these tasks in "
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

"""What a policy problem must satisfy before any solver sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from taskspace.errors import InputError
from taskspace.registry import nearest

if TYPE_CHECKING:
    from taskspace.studies.taxonomy.policy.problem import PolicyProblem

MOST_LISTED = 8
"""So many names are in a message; beyond it, their number."""

LARGEST_VALUE = 1e100
"""Beyond it, sums of values times importance would not be numbers."""


def check(problem: PolicyProblem) -> None:
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
    from taskspace.studies.taxonomy.policy.row_checks import (  # noqa: PLC0415  NumPy
        check_rows,
        check_served,
    )

    check_rows(problem)
    _check_decided(problem)
    check_served(problem)


def _check_roles(problem: PolicyProblem) -> None:
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


def _check_decided(problem: PolicyProblem) -> None:
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


def listed_names(names: Iterable[str]) -> str:
    """Return names as an error message lists them."""
    listed = sorted(names)
    shown = ", ".join(repr(name) for name in listed[:MOST_LISTED])
    return shown if len(listed) <= MOST_LISTED else f"{shown} and {len(listed) - MOST_LISTED} more"

"""What a policy problem must satisfy before any solver sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from taskspace.errors import InputError
from taskspace.policy.model.names import listed_names
from taskspace.policy.model.unchecked import LARGEST_VALUE, UncheckedProblem
from taskspace.registry import nearest


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
    # NumPy, which no problem without transfers needs.
    from taskspace.policy.model.row_checks import check_rows, check_served  # noqa: PLC0415

    check_rows(problem)
    _check_decided(problem)
    check_served(problem)


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

"""What a policy problem must satisfy before any solver sees it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from taskspace.errors import InputError
from taskspace.registry import nearest

if TYPE_CHECKING:
    from taskspace.studies.taxonomy.policy.problem import PolicyProblem, Transfer

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
    _check_transfers(problem)
    _check_served(problem)
    _check_decided(problem)


def _check_roles(problem: PolicyProblem) -> None:
    targets = set(problem.targets)
    for names, sentence in (
        (problem.source_only & targets, "source-only and have transfers into them"),
        (problem.target_only - targets, "target-only and have no transfer into them"),
        (problem.source_only & problem.target_only, "source-only and target-only at once"),
    ):
        if names:
            raise InputError(
                f"These tasks are {sentence}: {_names(names)}.",
                advice="Change their role, or the transfers.",
            )


def _check_numbers(what: str, values: Mapping[str, float], known: Iterable[str], role: str) -> None:
    unknown = set(values) - set(known)
    if unknown:
        raise InputError(
            f"There is a number for the {what} of {_names(unknown)}, which is no {role}.",
            advice=f"Each {role} that is known: {_names(known)}.",
        )
    for name, value in values.items():
        if not 0 <= value <= LARGEST_VALUE:
            raise InputError(
                f"The {what} of {name!r} is {value!r}.",
                advice=f"It must be a number from 0 to {LARGEST_VALUE:g}.",
            )


def _check_transfers(problem: PolicyProblem) -> None:
    sources = set(problem.sources)
    seen: set[tuple[str, frozenset[str]]] = set()
    for transfer in problem.transfers:
        label = f"{'+'.join(transfer.sources)} -> {transfer.target}"
        if not transfer.sources:
            raise InputError(f"A transfer into {transfer.target!r} has no source.")
        if len(set(transfer.sources)) < len(transfer.sources):
            raise InputError(f"The transfer {label} names a source twice.")
        _check_values(transfer, label)
        unknown = set(transfer.sources) - sources
        if unknown:
            raise InputError(
                f"The transfer {label} has sources that cannot be supervised: {_names(unknown)}.",
                advice="A source is a target that is not target-only, or is named in source_only.",
            )
        key = (transfer.target, frozenset(transfer.sources))
        if key in seen:
            raise InputError(
                f"The transfer {label} is there twice.", advice="Keep one value for it."
            )
        seen.add(key)


def _check_values(transfer: Transfer, label: str) -> None:
    if not math.isfinite(transfer.value):
        raise InputError(
            f"The value of the transfer {label} is {transfer.value!r}.",
            advice="Leave out transfers that were not measured.",
        )
    if abs(transfer.value) > LARGEST_VALUE:
        raise InputError(
            f"The value of the transfer {label} is {transfer.value!r}.",
            advice=f"Use a unit in which values are below {LARGEST_VALUE:g}.",
        )
    if not 0 <= transfer.cost <= LARGEST_VALUE:
        raise InputError(
            f"The cost of the transfer {label} is {transfer.cost!r}.",
            advice=f"It must be a number from 0 to {LARGEST_VALUE:g}.",
        )
    for name, share in (("gain", transfer.gain), ("quality", transfer.quality)):
        if share is not None and not 0 <= share <= 1:
            raise InputError(
                f"The {name} of the transfer {label} is {share!r}.",
                advice="It is a win rate: a fraction from 0 to 1.",
            )


def _check_served(problem: PolicyProblem) -> None:
    """Every target can be supervised, or has a transfer from tasks that can be."""
    supervised = {t.target for t in problem.transfers if t.is_supervised}
    without = {*problem.targets} - problem.target_only - supervised
    if without:
        raise InputError(
            f"There is no supervised network among the transfers into {_names(without)}.",
            advice="Add a record whose only source is its target, or name these tasks in "
            "target_only.",
        )


def _check_decided(problem: PolicyProblem) -> None:
    """What is required can be supervised, and what is forbidden leaves every target a transfer."""
    for what, names in (("required", problem.required), ("forbidden", problem.forbidden)):
        unknown = sorted(names - set(problem.sources))
        if unknown:
            guess = nearest(unknown[0], problem.sources)
            raise InputError(
                f"These tasks are {what} and cannot be supervised: {_names(unknown)}.",
                advice=f"Did you mean {guess!r}?"
                if guess
                else f"Each task to supervise that is known: {_names(problem.sources)}.",
            )
    both = problem.required & problem.forbidden
    if both:
        raise InputError(
            f"These tasks are required and forbidden at once: {_names(both)}.",
            advice="Take each out of one of the two.",
        )
    served = {t.target for t in problem.transfers if not problem.forbidden.intersection(t.sources)}
    without = {*problem.targets} - served
    if without:
        raise InputError(
            f"With {_names(problem.forbidden)} forbidden, nothing is left that can serve "
            f"{_names(without)}.",
            advice="Forbid fewer tasks, or add transfers from others.",
        )


def _names(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))

"""What a reader must know of a taxonomy, warnings first: all findings that a run can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from taskspace.components import Finding, MissingCell
from taskspace.learning.findings import missing_finding
from taskspace.studies.taxonomy.result.advice import (
    advice_findings,
    evidence_findings,
    shown_findings,
)
from taskspace.studies.taxonomy.result.evaluation import evaluation_findings
from taskspace.studies.taxonomy.result.small_data import small_data_findings
from taskspace.studies.taxonomy.result.surroundings import surrounding_findings
from taskspace.studies.taxonomy.result.tables import policy_findings

Result = Mapping[str, Any]

SANE = 0.6
"""Below this win rate against a baseline a task network is not to be trusted (our threshold)."""
_BASELINES = {"constant": "the best constant", "probe": "a decoder on a random encoder"}


def measured_findings(result: Result) -> list[Finding]:
    """Return the findings of a job that trains.

    First whether there is evidence at all, then what else casts doubt on the answer, then the
    advice, a budget at a time, and notes.
    """
    sources: Sequence[Callable[[Result], Iterator[Finding]]] = (
        evidence_findings,
        _stability,
        _missing,
        _sanity,
        small_data_findings,
        _untested,
        _not_proven,
        shown_findings,
        advice_findings,
        _floors,
        evaluation_findings,
        _own_encoders,
    )
    return [finding for source in sources for finding in source(result)]


def _stability(result: Result) -> Iterator[Finding]:
    """Say which budgets' labels depend on the seed, or that one seed cannot tell."""
    policies = [policy for policy in result["policies"] if policy["transfers"]]
    if not policies:
        return
    if len(result["seeds"]) == 1:
        yield Finding(
            "one-seed",
            "warning",
            "One seed: another one may choose other labels, and the intervals are over images "
            "alone. `seeds: 3` measures how far the answer depends on it.",
        )
        return
    unstable = [p for p in policies if p["stability"] and not p["stability"]["stable"]]
    if unstable:
        yield Finding(
            "labels-unstable",
            "warning",
            f"The labels to buy depend on the seed at {len(unstable)} of {len(policies)} budgets "
            f"({_budgets(unstable)}): at least one of them is chosen by fewer than two thirds of "
            f"the {len(result['seeds'])} seeds.",
            tuple(
                f"Budget {p['budget']:g}: "
                + ", ".join(f"{n} {share:.0%}" for n, share in p["stability"]["shares"].items())
                for p in unstable
            ),
        )


def _budgets(policies: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{policy['budget']:g}" for policy in policies)


def _missing(result: Result) -> Iterator[Finding]:
    if result["missing"]:
        yield missing_finding([MissingCell(**row) for row in result["missing"]])
    unserved = _without_policy(result)
    if unserved:
        yield Finding(
            "target-unserved",
            "warning",
            f"In no policy, since nothing that could serve them was measured: "
            f"{', '.join(unserved)}.",
        )


def _without_policy(result: Result) -> list[str]:
    found = [policy for policy in result["policies"] if policy["transfers"]]
    if not found:
        return []
    return [
        task["name"]
        for task in result["tasks"]
        if task["target"] and task["name"] not in found[0]["transfers"]
    ]


def _sanity(result: Result) -> Iterator[Finding]:
    """Name the task networks that are no better than their baselines, and those that overfit."""
    for baseline, rival in _BASELINES.items():
        weak = [
            f"{task['name']} ({wins[0]:.0%})"
            for task in result["tasks"]
            if (wins := (task["sanity"] or {}).get(baseline)) and wins[0] < SANE
        ]
        if weak:
            yield Finding(
                f"network-below-{baseline}",
                "warning",
                f"Task networks that beat {rival} on fewer than {SANE:.0%} of the test images: "
                f"{', '.join(weak)}. Do not trust transfers from them.",
            )
    overfitted = [
        f"{task['name']} (training loss {task['training_loss'][-1]:.3g}, test loss "
        f"{task['losses']['supervised']:.3g}, constant {task['losses']['constant']:.3g})"
        for task in result["tasks"]
        if _has_overfitted(task)
    ]
    if overfitted:
        yield Finding(
            "network-overfitted",
            "warning",
            "Task networks that have memorised their training images - training loss less than "
            f"half the constant's, test loss above it: {', '.join(overfitted)}. More images, or "
            "early stopping (`train.held_out: 0.15`), would help.",
        )


def _has_overfitted(task: Mapping[str, Any]) -> bool:
    losses, fitted = task["losses"] or {}, task["constant_training_loss"]
    supervised, constant = losses.get("supervised"), losses.get("constant")
    if supervised is None or constant is None or fitted is None or not task["training_loss"]:
        return False
    return bool(supervised > constant and task["training_loss"][-1] < 0.5 * fitted)


def _untested(result: Result) -> Iterator[Finding]:
    names = [
        task["name"]
        for task in result["tasks"]
        if task["metrics"] and None in task["metrics"].values()
    ]
    if names:
        yield Finding(
            "task-untested",
            "warning",
            f"No test image has a label for {', '.join(names)}: the means leave them out.",
        )


def _not_proven(result: Result) -> Iterator[Finding]:
    yield from policy_findings(result["policies"])
    yield from surrounding_findings(result["policies"])


def _floors(result: Result) -> Iterator[Finding]:
    """Say how many transfers are worse than the best constant, with and without admission."""
    found = result["below_constant"]
    if not found or not found["all"]["share"]:
        return
    text = f"{_share(found['all'])} of {found['all']['count']} transfers"
    admitted = found["admitted"]
    if admitted["share"]:
        text = (
            f"{_share(admitted)} of the {admitted['count']} admitted transfers lose to the best "
            f"constant on test images; without admission {text}"
        )
    else:
        text += " lose to the best constant on test images; none of them is admitted"
    yield Finding("below-constant", "note", f"{text}.")


def _share(found: Mapping[str, Any]) -> str:
    share, low, high = found["share"]
    return f"{share:.0%} [{low:.0%}, {high:.0%}]"


def _own_encoders(result: Result) -> Iterator[Finding]:
    ranks = [task["own_encoder_rank"] for task in result["tasks"] if task["own_encoder_rank"]]
    if ranks:
        near = sum(rank["rank"] <= 2 for rank in ranks)
        yield Finding(
            "own-encoder-rank",
            "note",
            "Sanity check: the task's own encoder is first or second among its first-order sources "
            f"for {near} of {len(ranks)} targets (published: 18 of 22).",
        )

"""What a reader must know of a taxonomy, warnings first: all findings that a run can have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from taskspace.components import Finding
from taskspace.learning.missing import missing_finding
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.result.adapt import adapt_findings
from taskspace.studies.taxonomy.result.advice import (
    advice_findings,
    evidence_findings,
    served_by,
    shown_findings,
)
from taskspace.studies.taxonomy.result.evaluation import evaluation_findings
from taskspace.studies.taxonomy.result.model import TaxonomyResult, TaxonomyTask
from taskspace.studies.taxonomy.result.policy_model import Interval3
from taskspace.studies.taxonomy.result.pretrained_findings import (
    pretrained_findings,
    unmeasured_findings,
    untrained_findings,
)
from taskspace.studies.taxonomy.result.surroundings import not_proven_findings

SANE = 0.6
"""Below this win rate against a baseline a task network is not to be trusted (our threshold)."""
_BASELINES = {"constant": "the best constant", "probe": "a decoder on a random encoder"}

MOST_NAMED = 12
OFF_CENTRE = 2.0
NARROW, WIDE = 0.1, 10.0
"""Deviations of a regression's targets, in units that networks learn, that cost accuracy."""


def measured_findings(result: TaxonomyResult) -> list[Finding]:
    """Return the findings of a job that trains.

    First whether there is evidence at all, then what else casts doubt on the answer, then the
    advice, a budget at a time, and notes.
    """
    sources: Sequence[Callable[[TaxonomyResult], Iterator[Finding]]] = (
        evidence_findings,
        _stability,
        _missing,
        _sanity,
        _undecided,
        _not_standardised,
        _untested,
        not_proven_findings,
        untrained_findings,
        unmeasured_findings,
        pretrained_findings,
        shown_findings,
        advice_findings,
        _floors,
        evaluation_findings,
        adapt_findings,
        _own_encoders,
    )
    return [finding for source in sources for finding in source(result)]


def _stability(result: TaxonomyResult) -> Iterator[Finding]:
    """Say which budgets' labels depend on the seed, or that one seed cannot tell."""
    policies = result.decided
    if not policies:
        return
    if len(result.seeds) == 1:
        yield Finding(
            "one-seed",
            "warning",
            "One seed: another one may choose other labels, and the intervals are over images "
            "alone. `seeds: 3` measures how far the answer depends on it.",
        )
        return
    unstable = [(p.budget, p.stability) for p in policies if p.stability and not p.stability.stable]
    if unstable:
        budgets = ", ".join(f"{budget:g}" for budget, _ in unstable)
        yield Finding(
            "labels-unstable",
            "warning",
            f"The labels to buy depend on the seed at {len(unstable)} of {len(policies)} budgets "
            f"({budgets}): at least one of them is chosen by fewer than two thirds of the "
            f"{len(result.seeds)} seeds.",
            tuple(
                f"Budget {budget:g}: "
                + ", ".join(f"{name} {share:.0%}" for name, share in stability.shares.items())
                for budget, stability in unstable
            ),
        )


def _missing(result: TaxonomyResult) -> Iterator[Finding]:
    if result.missing:
        yield missing_finding(result.missing)
    served = result.decided[0].transfers if result.decided else None
    unserved = [
        task.name
        for task in result.tasks
        if served is not None and task.target and task.name not in served
    ]
    if unserved:
        yield Finding(
            "target-unserved",
            "warning",
            f"In no policy, since nothing that could serve them was measured: "
            f"{', '.join(unserved)}.",
        )


def _sanity(result: TaxonomyResult) -> Iterator[Finding]:
    """Name the task networks that are no better than their baselines, and those that overfit."""
    for baseline, rival in _BASELINES.items():
        weak = {
            task.name: wins[0]
            for task in result.tasks
            if (wins := (task.sanity or {}).get(baseline)) and wins[0] < SANE
        }
        if weak:
            yield Finding(
                f"network-below-{baseline}",
                "warning",
                f"Task networks that beat {rival} on fewer than {SANE:.0%} of the test images: "
                f"{', '.join(f'{name} ({rate:.0%})' for name, rate in weak.items())}. "
                f"{_doubted(result, weak)}",
            )
    overfitted = [words for task in result.tasks if (words := _overfitting(task))]
    if overfitted:
        yield Finding(
            "network-overfitted",
            "warning",
            "Task networks that have memorised their training images - training loss less than "
            f"half the constant's, test loss above it: {', '.join(overfitted)}. More images, or "
            "early stopping (`train.held_out: 0.15`), would help.",
        )


def _doubted(result: TaxonomyResult, weak: Collection[str]) -> str:
    """Return what not to trust; a transfer that is shown on test images is not among it."""
    shown = [
        f"{row.target} {served_by(row.competitor)}"
        for row in result.evidence
        if row.shown and row.competitor != SUPERVISED and {*row.competitor.split("+")} & {*weak}
    ]
    if not shown:
        return (
            "Do not trust transfers from them: none is shown to beat both scratch and a constant."
        )
    return (
        "Do not trust transfers from them but those that are shown to beat both scratch and a "
        f"constant: {', '.join(shown)}."
    )


def _overfitting(task: TaxonomyTask) -> str | None:
    """Return the losses of a network that has memorised its training images; None of others."""
    losses, fitted = task.losses or {}, task.constant_training_loss
    supervised, constant = losses.get("supervised"), losses.get("constant")
    if supervised is None or constant is None or fitted is None or not task.training_loss:
        return None
    last = task.training_loss[-1]
    if supervised > constant and last < 0.5 * fitted:
        tested = f"test loss {supervised:.3g}, constant {constant:.3g}"
        return f"{task.name} (training loss {last:.3g}, {tested})"
    return None


def _untested(result: TaxonomyResult) -> Iterator[Finding]:
    names = [task.name for task in result.tasks if task.metrics and None in task.metrics.values()]
    if names:
        yield Finding(
            "task-untested",
            "warning",
            f"No test image has a label for {', '.join(names)}: the means leave them out.",
        )


def _floors(result: TaxonomyResult) -> Iterator[Finding]:
    """Say how many transfers are worse than the best constant, with and without admission."""
    everything, admitted = result.below_constant.all, result.below_constant.admitted
    if not everything or not admitted or not everything.share:
        return
    text = f"{_share(everything.share)} of {everything.count} transfers"
    if result.admit == "all":
        text += " lose to the best constant on test images, and policies may use all of them"
        if admitted.share:
            text += (
                f"; of the {admitted.count} that have a lower loss than their floor on `select`, "
                f"{_share(admitted.share)} do"
            )
    elif admitted.share:
        text = (
            f"{_share(admitted.share)} of the {admitted.count} admitted transfers lose to the best "
            f"constant on test images; without admission {text}"
        )
    else:
        text += " lose to the best constant on test images; none of them is admitted"
    yield Finding("below-constant", "note", f"{text}.")


def _share(interval: Interval3) -> str:
    share, low, high = interval
    return f"{share:.0%} [{low:.0%}, {high:.0%}]"


def _own_encoders(result: TaxonomyResult) -> Iterator[Finding]:
    ranks = [task.own_encoder_rank.rank for task in result.tasks if task.own_encoder_rank]
    if ranks:
        near = sum(rank <= 2 for rank in ranks)
        yield Finding(
            "own-encoder-rank",
            "note",
            "Sanity check: the task's own encoder is first or second among its first-order sources "
            f"for {near} of {len(ranks)} targets (published: 18 of 22).",
        )


def _undecided(result: TaxonomyResult) -> Iterator[Finding]:
    """Name the comparisons whose interval holds 0, with the number of images that would do."""
    lines = []
    for row in result.evidence:
        if row.mean > 0 and row.low <= 0:
            number = "no number" if row.needed is None else f"about {row.needed:,}"
            how = row.competitor.replace(SUPERVISED, "its own network")
            against = f" against {row.against}" if row.against else ""
            lines.append(
                f"{row.target} by {how}{against}: {row.images} test images; {number} would do"
            )
    if lines:
        more = [f"and {len(lines) - MOST_NAMED} more"] if len(lines) > MOST_NAMED else []
        yield Finding(
            "interval-too-wide",
            "warning",
            f"Too few test images to decide, for {len(lines)} of {len(result.evidence)} "
            "claims, whether a transfer or network beats both scratch and the best constant.",
            (*lines[:MOST_NAMED], *more),
        )


def _not_standardised(result: TaxonomyResult) -> Iterator[Finding]:
    lines = []
    for task in result.tasks:
        trained = task.labels["train"] if task.scalable and task.labels else None
        for mean, deviation in zip(trained.mean, trained.deviation, strict=True) if trained else ():
            if abs(mean) > OFF_CENTRE or not NARROW <= deviation <= WIDE:
                lines.append(
                    f"{task.name}: mean {mean:.3g}, deviation {deviation:.3g} in the units that "
                    "networks learn"
                )
    if lines:
        yield Finding(
            "targets-not-standardised",
            "warning",
            "Regression targets that are not standardised, which costs accuracy: set `offset` to "
            "the mean of the field and `scale` to its deviation.",
            tuple(lines),
        )

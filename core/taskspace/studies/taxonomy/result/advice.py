"""Advice in plain words: which labels to buy, what each target then gets, what is shown of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from taskspace.components import Finding
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import (
    BudgetPolicy,
    PolicyEvidence,
    ServedRecord,
)

Tested: TypeAlias = tuple[float, PolicyEvidence]
"""A budget, and what is shown of its policy."""

FEW_SETS = 20
"""Of fewer sets of labels not even the best has p < 0.05."""


def evidence_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Say, before anything else, for which budgets nothing or only half is shown.

    Two nulls, told apart: that some target gets more than its floor, and that these labels do
    better than random ones of their cost.
    """
    tested = [(policy.budget, policy.evidence) for policy in result.policies if policy.evidence]
    neither = [p for p in tested if not p[1].above_floor and not p[1].above_random]
    floors = [p for p in tested if p[1].above_floor and not p[1].above_random]
    luck = [p for p in tested if not p[1].above_floor and p[1].above_random]
    if neither:
        yield Finding(
            "no-evidence",
            "warning",
            f"No evidence for the labels at {_budgets(neither, tested, 'any')}: no target is shown "
            "to get more than its floor - what scratch or the best constant gives it - and the "
            "labels are not shown to do better than random labels of the same "
            f"cost{_p_values(neither)}.",
        )
    if floors:
        yield Finding(
            "not-above-random",
            "warning",
            f"At {_budgets(floors, tested, 'every')} some targets are shown to get more than their "
            "floor - what scratch or the best constant gives them - but the labels are not shown "
            f"to do better than random labels of the same cost{_p_values(floors)}.",
        )
    if luck:
        yield Finding(
            "not-above-floor",
            "warning",
            f"At {_budgets(luck, tested, 'every')} the labels do better than random labels of the "
            f"same cost{_p_values(luck)}, but no target is shown to get more than its floor - what "
            "scratch or the best constant gives it.",
        )


def shown_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Name what is shown to be better than its floor, whether a policy uses it or not."""
    metrics = {task.name: task.metric.replace("_", " ") for task in result.tasks}
    shown = [row for row in result.evidence if row.shown]
    targets = dict.fromkeys(row.target for row in shown)
    if not shown:
        return
    yield Finding(
        "shown-above-floor",
        "advice",
        f"Shown on test images to get more than its floor: {', '.join(targets)}.",
        tuple(
            f"{row.target} {_by(row.competitor)}: "
            f"{'loss' if row.of == 'loss' else metrics[row.target]} better by "
            f"{amount(row.mean)} (p {row.p_corrected:.2g} after correction)"
            for row in shown
        ),
    )


def _by(competitor: str) -> str:
    own = competitor == SUPERVISED
    return "by its own network" if own else f"from {' + '.join(competitor.split('+'))}"


def advice_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Say for each budget which labels to buy and what each target then gets."""
    costs = {task.name: task.label_cost for task in result.tasks}
    if result.pretrained:
        costs |= {source.name: source.label_cost for source in result.pretrained.sources}
    for policy in result.policies:
        if policy.served and policy.evidence:
            yield Finding(
                "advice",
                "advice",
                " ".join(_sentences(policy, policy.evidence, costs)),
                tuple(served_line(row) for row in policy.served),
            )


def _sentences(
    policy: BudgetPolicy, evidence: PolicyEvidence, costs: Mapping[str, float]
) -> Iterator[str]:
    targets = len(policy.transfers)
    bought = [name for name in policy.supervised if costs[name]]
    head = f"Budget {policy.budget:g}:"
    doubt = _doubt(evidence)
    labels = f"label {', '.join(bought)}" if bought else "buy no labels"
    if doubt:
        yield f"{head} {doubt}. The program's choice: {labels}."
    else:
        yield f"{head} {labels}."
    if policy.free:
        yield f"Free, made from the images: {', '.join(policy.free)}."
    if policy.pretrained:
        priced = [f"{n} (cost {costs[n]:g})" if costs[n] else n for n in policy.pretrained]
        yield f"Pretrained: {', '.join(priced)}."
    stability = policy.stability
    if stability:
        stable = "Stable" if stability.stable else "Unstable"
        rare = ", ".join(f"{name} {stability.shares[name]:.0%}" for name in policy.supervised)
        yield f"{stable}: share of {stability.seeds} seeds that choose them: {rare or 'none'}."
    served = targets - len(policy.not_served)
    yield (
        f"{served} of {targets} targets are served, {len(evidence.above_floor)} of them shown "
        "to get more than their floor."
    )
    if policy.not_served:
        yield f"Not served by anything worth using: {', '.join(policy.not_served)}."
    if policy.mean_gain is not None and policy.gain_interval:
        low, high = policy.gain_interval
        yield f"Mean gain {policy.mean_gain:.2f} [{low:.2f}, {high:.2f}]."


def _doubt(evidence: PolicyEvidence) -> str | None:
    """Return what is not shown of a policy, or None where both nulls are rejected."""
    if evidence.above_floor and evidence.above_random:
        return None
    if evidence.above_floor:
        return "not shown to be better than random labels of this cost"
    if evidence.above_random:
        return "no target shown to get more than its floor"
    return "no evidence for these labels"


def _budgets(policies: Sequence[Tested], everything: Sequence[Tested], whole: str) -> str:
    """Return `budgets 1, 2`, or `any budget` where there are no others."""
    if len(policies) == len(everything) > 1:
        return f"{whole} budget"
    named = ", ".join(f"{budget:g}" for budget, _ in policies)
    return f"budgets {named}" if len(policies) > 1 else f"budget {named}"


def _p_values(policies: Sequence[Tested]) -> str:
    """Return the range of the corrected p-values against random labels, in brackets."""
    found = [random for _, evidence in policies if (random := evidence.random_labels)]
    if not found:
        return " (not tested)"
    low, high = (pick(random.p_holm for random in found) for pick in (min, max))
    shown = f"{low:.3f}" if low == high else f"{low:.3f} to {high:.3f}"
    sets = max(random.sets for random in found)
    few = f"; there are at most {sets} such sets, too few to tell" if sets < FEW_SETS else ""
    return f" (p {shown} after correction{few})"


def served_line(row: ServedRecord) -> str:
    """Return `C from A: accuracy 0.73; own network 0.77; constant 0.52`."""
    own, scratch = ("own network", row.own), ("scratch", row.scratch)
    rivals = [own, ("constant", row.constant)]
    if row.own_is_best:
        how, rivals = ", its own network", rivals[1:]
    elif row.sources:
        how = f" from {' + '.join(row.sources)}"
    else:
        how, rivals = " not served", [own, scratch, rivals[1]]
    measured = f"{row.metric_name.replace('_', ' ')} {amount(row.metric)}"
    beside = "".join(f"; {what} {amount(value)}" for what, value in rivals if value is not None)
    shown = " (not shown to be above its floor)" if row.shown is False else ""
    return f"{row.target}{how}: {measured}{beside}{shown}"


def amount(value: float | None) -> str:
    """Return a metric as people compare it: two decimals, or three digits where it is small."""
    if value is None:
        return "unknown"
    return f"{value:.2f}" if 0.1 <= abs(value) < 1000 else f"{value:.3g}"

"""Advice in plain words: which labels to buy, what each target then gets, what is shown of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from taskspace.components import Finding
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.result.model import (
    EvidenceRecord,
    TaxonomyResult,
    TaxonomyTask,
)
from taskspace.studies.taxonomy.result.policy_model import (
    BudgetPolicy,
    PolicyEvidence,
    ServedRecord,
)

Tested: TypeAlias = tuple[float, PolicyEvidence]
"""A budget, and what is shown of its policy."""

FEW_SETS = 20
"""Of so many sets of labels or fewer not even the best has p < 0.05."""

BOTH = "both scratch and the best constant"
"""What a target is shown to get more than: what needs nobody else's labels."""


def evidence_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Say, before anything else, for which budgets nothing or only half is shown.

    Two nulls, told apart: that some target gets more than scratch and a constant give it, and that
    these labels do better than random ones of their cost.
    """
    claims = f"{len(result.evidence)} claims tested" if result.evidence else "nothing to test"
    tested = [(policy.budget, policy.evidence) for policy in result.policies if policy.evidence]
    neither = [p for p in tested if not p[1].above_floor and not p[1].above_random]
    floors = [p for p in tested if p[1].above_floor and not p[1].above_random]
    luck = [p for p in tested if not p[1].above_floor and p[1].above_random]
    if neither:
        yield Finding(
            "no-evidence",
            "warning",
            f"No evidence for the labels at {_budgets(neither, tested, 'any')}: no target is shown "
            f"to beat {BOTH} ({claims}), and the labels are not shown to do better than random "
            f"labels of the same cost{_p_values(neither)}.",
        )
    if floors:
        yield Finding(
            "not-above-random",
            "warning",
            f"At {_budgets(floors, tested, 'every')} some targets are shown to beat {BOTH}, but "
            "the labels are not shown to do better than random labels of the same "
            f"cost{_p_values(floors)}.",
        )
    if luck:
        yield Finding(
            "not-above-floor",
            "warning",
            f"At {_budgets(luck, tested, 'every')} the labels do better than random labels of the "
            f"same cost{_p_values(luck)}, but no target is shown to beat {BOTH} "
            f"({claims}).",
        )


def shown_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Name what is shown to beat scratch and a constant, whether a policy uses it or not."""
    tasks = {task.name: task for task in result.tasks}
    shown = [row for row in result.evidence if row.shown]
    targets = dict.fromkeys(row.target for row in shown)
    if not shown:
        return
    yield Finding(
        "shown-above-floor",
        "advice",
        f"Shown on test images to beat {BOTH}, each in its own metric: {', '.join(targets)}. "
        f"{len(shown)} of {len(result.evidence)} claims tested hold (Holm's correction over all).",
        tuple(_claim(row, tasks[row.target]) for row in shown),
    )


def _claim(row: EvidenceRecord, task: TaxonomyTask) -> str:
    """Return `kind from class: accuracy better than scratch by 0.12 (p 0.01); scratch 0.7; ...`."""
    metrics = task.metrics or {}
    beside = "".join(
        f"; {name} {amount(metrics[name])}"
        for name in ("scratch", "constant")
        if metrics.get(name) is not None
    )
    harder = f" than {row.against}, the harder of the two," if row.against else ""
    return (
        f"{row.target} {served_by(row.competitor)}: {task.metric.replace('_', ' ')} better{harder} "
        f"by {amount(row.mean)} (p {row.p_corrected:.2g} after correction){beside}"
    )


def served_by(competitor: str) -> str:
    """Return `by its own network`, or `from a + b`."""
    own = competitor == SUPERVISED
    return "by its own network" if own else f"from {' + '.join(competitor.split('+'))}"


def advice_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Say for each budget which labels to buy and what each target then gets.

    Budgets with the same policy are said once.
    """
    costs = {task.name: task.label_cost for task in result.tasks}
    if result.pretrained:
        costs |= {source.name: source.label_cost for source in result.pretrained.sources}
    told = [policy for policy in result.policies if policy.served and policy.evidence]
    for _, alike in groupby(told, key=lambda p: (p.supervised, p.pretrained, p.transfers)):
        same = list(alike)
        if evidence := same[0].evidence:
            budgets = [policy.budget for policy in same]
            yield Finding(
                "advice",
                "advice",
                " ".join(_sentences(same[0], evidence, costs, budgets)),
                tuple(served_line(row) for row in same[0].served),
            )


def _sentences(
    policy: BudgetPolicy,
    evidence: PolicyEvidence,
    costs: Mapping[str, float],
    budgets: Sequence[float],
) -> Iterator[str]:
    targets = len(policy.transfers)
    bought = [name for name in policy.supervised if costs[name]]
    head = f"Budget{'s' if len(budgets) > 1 else ''} {', '.join(f'{one:g}' for one in budgets)}:"
    doubt = _doubt(evidence)
    labels = f"label {', '.join(bought)}" if bought else "buy no labels"
    if doubt:
        yield f"{head} {doubt}. The program's choice: {labels}."
    else:
        yield f"{head} {labels}."
    if policy.cost and policy.cost < max(budgets):
        yield f"That costs {policy.cost:g}; more of a budget up to {max(budgets):g} adds nothing."
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
        f"to beat {BOTH}."
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
        return f"no target shown to beat {BOTH}"
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
    few = f"; there are at most {sets} such sets, too few to tell" if sets <= FEW_SETS else ""
    return f" (p {shown} after correction{few})"


def served_line(row: ServedRecord) -> str:
    """Return `C from A: accuracy 0.73; own network 0.77; scratch 0.6; constant 0.52`."""
    rivals = [("own network", row.own), ("scratch", row.scratch), ("constant", row.constant)]
    if row.own_is_best:
        how, rivals = ", its own network", rivals[1:]
    elif row.sources:
        how = f" from {' + '.join(row.sources)}"
    else:
        how = " not served"
    measured = f"{row.metric_name.replace('_', ' ')} {amount(row.metric)}"
    beside = "".join(f"; {what} {amount(value)}" for what, value in rivals if value is not None)
    shown = " (not shown to beat both scratch and the constant)" if row.shown is False else ""
    return f"{row.target}{how}: {measured}{beside}{shown}"


def amount(value: float | None) -> str:
    """Return a metric as people compare it: two decimals, or three digits where it is small."""
    if value is None:
        return "unknown"
    return f"{value:.2f}" if 0.1 <= abs(value) < 1000 else f"{value:.3g}"

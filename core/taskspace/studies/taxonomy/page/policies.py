"""One budget on the report: who is supervised, what that is worth, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.components.page import PolicyView, Table
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import BudgetPolicy, Statistic
from taskspace.studies.taxonomy.result.surroundings import alternative_rows, sensitivity_rows
from taskspace.studies.taxonomy.result.tables import whole

_MEASURED: dict[str | None, str] = {
    "test": "on test images that decided nothing",
    "select": "on the images that chose it (in-sample)",
    "table": "as the table says (in-sample)",
}


def policy_view(result: TaxonomyResult, policy: BudgetPolicy) -> PolicyView:
    """Return a policy with its numbers and, where they were computed, its surroundings."""
    tables = (_alternatives(policy), _sensitivity(policy))
    return PolicyView(
        f"{policy.budget:g}",
        policy.supervised,
        policy.transfers,
        free=policy.free,
        pretrained=policy.pretrained,
        figures=[*_figures(result, policy)],
        tables=[table for table in tables if table.rows],
    )


def _figures(result: TaxonomyResult, policy: BudgetPolicy) -> Iterator[tuple[str, str, str]]:
    null = next((row.best for row in result.null if row.budget == policy.budget), {})
    yield from (*_evidence(policy, len(result.evidence)), *_stability(policy))
    yield "objective", f"{policy.objective:.3f}", _how_good(policy)
    if policy.marginal:
        yield (
            "per further label",
            f"{policy.marginal.per_label['objective']:+.3f}",
            f"of the objective, since budget {whole(policy.marginal.since)}",
        )
    meanings: dict[Statistic, str] = {
        "gain": f"win rate against scratch, {_MEASURED[policy.measured_on]}",
        "quality": "win rate against full supervision; 50 % is as good",
    }
    for statistic, meaning in meanings.items():
        rate = policy.by(statistic).mean
        if rate is None and policy.measured_on == "table":
            continue
        yield f"mean {statistic}", "unknown" if rate is None else f"{100 * rate:.0f} %", meaning
        if null and (p := null[statistic].p) is not None:
            yield (
                f"p, {statistic}",
                f"{p:.3f}",
                "against random sources of the same cost, best transfers",
            )


def _evidence(policy: BudgetPolicy, claims: int) -> Iterator[tuple[str, str, str]]:
    """Yield how many targets are shown to beat scratch and a constant; nothing for a table."""
    if policy.evidence:
        yield (
            "evidence",
            f"{len(policy.evidence.above_floor)} of {len(policy.transfers)}",
            f"targets shown to beat both scratch and the best constant; {claims} claims tested",
        )


def _stability(policy: BudgetPolicy) -> Iterator[tuple[str, str, str]]:
    """Yield whether seeds agree on the labels; nothing where there is one seed or a table."""
    if policy.stability:
        shares = [policy.stability.shares[name] for name in policy.supervised]
        yield (
            "stability",
            "stable" if policy.stability.stable else "unstable",
            f"the least agreed label is chosen by {min(shares, default=1):.0%} of "
            f"{policy.stability.seeds} seeds",
        )


def _how_good(policy: BudgetPolicy) -> str:
    """Return what is proven of the program, which says nothing about the labels."""
    if policy.status == "optimal":
        return "of the program, solved to proven optimality"
    if policy.gap is None:
        return f"{policy.status}, with no bound"
    return f"{policy.status}: at most {100 * policy.gap:.2g} % below the best"


def _alternatives(policy: BudgetPolicy) -> Table:
    return Table(
        f"alternatives-budget-{policy.budget:g}",
        ("instead of", "supervise", "lost, %"),
        [(dropped, added, lost) for dropped, added, _, lost in alternative_rows(policy)],
        "The next best sets, and the share of the objective that they lose",
        digits=2,
    )


def _sensitivity(policy: BudgetPolicy) -> Table:
    return Table(
        f"sensitivity-budget-{policy.budget:g}",
        ("task", "forced in", "left out"),
        sensitivity_rows(policy),
        "What deciding a task beforehand costs, in % of the objective",
        digits=2,
    )

"""The cells of the evaluation that follow from what was measured: orders, novel tasks, normalisers.

They read what other cells have stored, train nothing, and are only reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskspace.components import Cell, stable_seed
from taskspace.studies.taxonomy.cell_functions import EVALUATE, NOVEL
from taskspace.studies.taxonomy.competitors import SUPERVISED, label
from taskspace.studies.taxonomy.grids import Standings, best_by_order, best_transfer
from taskspace.studies.taxonomy.knowledge import Knowledge
from taskspace.studies.taxonomy.normalisers import renormalised_problems
from taskspace.studies.taxonomy.novel import TRANSFER, single_source_rivals
from taskspace.studies.taxonomy.plan import TaxonomyPlan
from taskspace.studies.taxonomy.policies import selected_values
from taskspace.studies.taxonomy.policy_cells import solve_cell


def standings_of(known: Knowledge) -> dict[str, Standings]:
    """Return every served target's transfers with their affinities on `select`."""
    return {
        target: {
            known.sources_of(target, name): measured["affinity"] or 0.0
            for name, measured in selected_values(known, target).items()
            if name != SUPERVISED
        }
        for target in known.served_targets()
    }


def assessed_orders(known: Knowledge) -> dict[int, dict[str, tuple[str, ...]]]:
    """Return, for each order, the best transfers of at most that order into assessed targets."""
    return best_by_order(
        {
            target: found
            for target, found in standings_of(known).items()
            if known.has(known.assessed.get(target))
        }
    )


def orders_cell(plan: TaxonomyPlan, known: Knowledge) -> Cell | None:
    """Return mean test gain and quality of the best transfers of order at most 1, 2, ...

    None where no target has been assessed.
    """
    orders = assessed_orders(known)
    if not orders:
        return None
    chosen = [{t: label(sources) for t, sources in served.items()} for served in orders.values()]
    return _evaluated(plan, known, "evaluate/orders", chosen)


def policies_cell(plan: TaxonomyPlan, known: Knowledge) -> Cell | None:
    """Return mean test gain and quality of the policies.

    None where there is no policy, or a target that one serves has not been assessed.
    """
    policies = known.policies()
    if not policies or not all(known.has(known.assessed[t]) for t in known.served_targets()):
        return None
    return _evaluated(plan, known, "evaluate/policies", policies)


def _evaluated(
    plan: TaxonomyPlan, known: Knowledge, name: str, policies: Sequence[Mapping[str, str]]
) -> Cell:
    """Return the cell that evaluates policies {target: competitor} on `test`."""
    return plan.planner.cell(
        name,
        EVALUATE,
        parameters={
            "policies": [dict(policy) for policy in policies],
            "seed": stable_seed(plan.job.seed, name),
        },
        inputs={target: known.assessed[target] for target in sorted(set().union(*policies))},
    )


def best_novel_transfers(known: Knowledge) -> dict[str, tuple[str, ...]]:
    """Return every target's best transfer from other tasks, where it was tested.

    Chosen by affinity on `select`, in the one tournament of the target.
    """
    best = {t: best_transfer(t, standings) for t, standings in standings_of(known).items()}
    return {
        target: sources
        for target, sources in best.items()
        if sources and known.has(known.tested.get(target, {}).get(label(sources)))
    }


def novel_cell(plan: TaxonomyPlan, known: Knowledge) -> Cell | None:
    """Return how each target fares as a new task, with transfers from all others (Fig. 10).

    None where no target has both a tested transfer from others and something to beat.
    """
    inputs: dict[str, Cell] = {}
    competitors: dict[str, dict[str, str]] = {}
    for target, best in best_novel_transfers(known).items():
        tested = known.tested[target]
        cells = {TRANSFER: tested[label(best)]}
        for kind in ("scratch", "supervised"):
            network = known.networks[kind, target]
            if known.has(network):
                cells[kind] = plan.measured(kind, network, target, "test")
        for rival in single_source_rivals(target, known.sources):
            if rival in tested:
                cells[rival] = tested[rival]
        found = {name: cell for name, cell in cells.items() if known.has(cell)}
        if len(found) > 1:
            competitors[target] = {name: f"{target}/{name}" for name in found}
            inputs |= {f"{target}/{name}": cell for name, cell in found.items()}
    if not competitors:
        return None
    name = "evaluate/novel"
    return plan.planner.cell(
        name,
        NOVEL,
        parameters={"competitors": competitors, "seed": stable_seed(plan.job.seed, name)},
        inputs=inputs,
    )


def renormalised_cells(plan: TaxonomyPlan, known: Knowledge) -> dict[str, Cell]:
    """Return the policies under each of the other normalisers, where the job asks for them."""
    job = plan.job
    if not job.solve.compare_normalisers:
        return {}
    return {
        normaliser: solve_cell(
            job, plan.planner, problem, known.budgets, f"solve/policies/{normaliser}"
        )
        for normaliser, problem in renormalised_problems(known).items()
    }

"""The cells of the evaluation that follow from what was measured: orders, novel tasks, evidence.

They read what other cells have stored, train nothing, and are only reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskspace.components import Cell, Planner, stable_seed
from taskspace.learning.metrics import RISING
from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.maths.grids import best_by_order, best_transfer
from taskspace.studies.taxonomy.maths.normalisers import renormalised_problems
from taskspace.studies.taxonomy.maths.novel import TRANSFER, single_source_rivals
from taskspace.studies.taxonomy.plan.cell_functions import BELOW_CONSTANT, EVALUATE, EVIDENCE, NOVEL
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, label
from taskspace.studies.taxonomy.plan.knowledge import Knowledge
from taskspace.studies.taxonomy.plan.policy_cells import solve_cell
from taskspace.studies.taxonomy.plan.repeated import repeated
from taskspace.studies.taxonomy.plan.standings import affinities_of, best_admitted, standings_of


def assessed_orders(known: Knowledge) -> dict[int, dict[str, tuple[str, ...]]]:
    """Return, for each order, the best transfers of at most that order into assessed targets."""
    return best_by_order(
        {
            target: affinities_of(known, target)
            for target in known.served_targets()
            if known.has(known.assessed.get(target))
        }
    )


def orders_cell(known: Knowledge, planner: Planner) -> Cell | None:
    """Return mean test gain and quality of the best transfers of order at most 1, 2, ...

    None where no target has been assessed.
    """
    orders = assessed_orders(known)
    if not orders:
        return None
    chosen = [{t: label(sources) for t, sources in served.items()} for served in orders.values()]
    return _evaluated(known, planner, "evaluate/orders", chosen)


def policies_cell(known: Knowledge, planner: Planner) -> Cell | None:
    """Return mean test gain and quality of the policies.

    None where there is no policy, or a target that one serves has not been assessed.
    """
    policies = known.policies()
    if not policies or not all(known.has(known.assessed[t]) for t in known.served_targets()):
        return None
    return _evaluated(known, planner, "evaluate/policies", policies)


def _evaluated(
    known: Knowledge, planner: Planner, name: str, policies: Sequence[Mapping[str, str]]
) -> Cell:
    """Return the cell that evaluates policies {target: competitor} on `test`."""
    return planner.cell(
        name,
        EVALUATE,
        parameters={
            "policies": [dict(policy) for policy in policies],
            "seed": stable_seed(known.job.seed, name),
        },
        inputs={target: known.assessed[target] for target in sorted(set().union(*policies))},
    )


def best_novel_transfers(known: Knowledge) -> dict[str, tuple[str, ...]]:
    """Return every target's best transfer from other tasks, where it was tested.

    Chosen by affinity on `select`, in the tournaments of the target.
    """
    best = {t: best_transfer(t, affinities_of(known, t)) for t in known.served_targets()}
    return {
        target: sources
        for target, sources in best.items()
        if sources and _tested(known, target, label(sources))
    }


def _tested(known: Knowledge, target: str, competitor: str) -> list[Cell]:
    """Return a competitor's losses on `test` in every repetition, or nothing where one has none."""
    cells = [each.tested.get(target, {}).get(competitor) for each in known.repetitions]
    found = [cell for cell in cells if cell is not None and known.has(cell)]
    return found if len(found) == len(cells) else []


def novel_cell(known: Knowledge, planner: Planner) -> Cell | None:
    """Return how each target fares as a new task, with transfers from all others (Fig. 10).

    None where no target has both a tested transfer from others and something to beat.
    """
    inputs: dict[str, Cell] = {}
    competitors: dict[str, dict[str, str]] = {}
    for target, best in best_novel_transfers(known).items():
        found = {TRANSFER: _tested(known, target, label(best))}
        for kind in ("scratch", "supervised"):
            if networks := known.network_cells(kind, target):
                found[kind] = [
                    each.plan.measured(kind, network, target, "test")
                    for each, network in zip(known.repetitions, networks, strict=True)
                ]
        for rival in single_source_rivals(target, known.sources):
            found[rival] = _tested(known, target, rival)
        found = {
            name: cells for name, cells in found.items() if cells and all(map(known.has, cells))
        }
        if len(found) > 1:
            competitors[target] = {name: f"{target}/{name}" for name in found}
            inputs |= {
                repeated(f"{target}/{name}", position): cell
                for name, cells in found.items()
                for position, cell in enumerate(cells)
            }
    if not competitors:
        return None
    name = "evaluate/novel"
    return planner.cell(
        name,
        NOVEL,
        parameters={"competitors": competitors, "seed": stable_seed(known.job.seed, name)},
        inputs=inputs,
    )


def renormalised_cells(known: Knowledge, planner: Planner) -> dict[str, Cell]:
    """Return the policies under each of the other normalisers, where the job asks for them."""
    job = known.job
    if not job.solve.compare_normalisers:
        return {}
    return {
        normaliser: solve_cell(job, planner, problem, known.budgets, f"solve/policies/{normaliser}")
        for normaliser, problem in renormalised_problems(known).items()
    }


def below_constant_cell(known: Knowledge, planner: Planner) -> Cell | None:
    """Return the share of transfers that lose to the best constant, all and admitted ones alone.

    None where no target has both an assessment and a constant.
    """
    transfers: dict[str, dict[str, bool]] = {}
    for target, found in standings_of(known).items():
        if known.has(known.assessed.get(target)) and known.network_cells("constant", target):
            transfers[target] = {
                name: found.admits(name)
                for name in found.competitors
                if name != SUPERVISED and target not in known.sources_of(target, name)
            }
    if not any(transfers.values()):
        return None
    name = "evaluate/below-constant"
    return planner.cell(
        name,
        BELOW_CONSTANT,
        parameters={"transfers": transfers, "seed": stable_seed(known.job.seed, name)},
        inputs={target: known.assessed[target] for target in transfers},
    )


def evidence_cell(known: Knowledge, planner: Planner) -> Cell | None:
    """Return whether what serves a target is better than its floor on `test`.

    Judged are the best admitted transfer into each target, its own network where that is admitted,
    and whatever else serves the target in a policy: its own network first, the others by affinity.
    None where there is nothing.
    """
    judged: dict[str, list[str]] = {}
    policies = known.policies()
    for target, found in standings_of(known).items():
        if not known.has(known.assessed.get(target)):
            continue
        best = best_admitted(known, target, found)
        wanted = {label(best or ()), SUPERVISED, *(p.get(target, FLOOR) for p in policies)}
        names = [name for name in found.competitors if name in wanted and found.admits(name)]
        names.sort(key=lambda name: name != SUPERVISED)
        if names:
            judged[target] = names
    if not judged:
        return None
    return planner.cell(
        "evaluate/evidence",
        EVIDENCE,
        parameters={
            "competitors": judged,
            "rising": {t: known.entries[t].task.metric in RISING for t in judged},
        },
        inputs={target: known.assessed[target] for target in judged},
    )

"""The cells of the evaluation that follow from what was measured: orders, novel tasks, evidence.

They read what other cells have stored, train nothing, and are only reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskspace.components import Cell
from taskspace.learning.metrics import RISING
from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.maths.grids import best_by_order, best_transfer
from taskspace.studies.taxonomy.maths.novel import TRANSFER, single_source_rivals
from taskspace.studies.taxonomy.plan.cell_functions import BELOW_CONSTANT, EVALUATE, EVIDENCE, NOVEL
from taskspace.studies.taxonomy.plan.cells import label
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.plan.repeated import repeated
from taskspace.studies.taxonomy.plan.standings import affinities_of, best_admitted, standings_of
from taskspace.studies.taxonomy.plan.state import Cells, TaxonomyState


def assessed_orders(state: TaxonomyState) -> dict[int, dict[str, tuple[str, ...]]]:
    """Return, for each order, the best transfers of at most that order into assessed targets."""
    return best_by_order(
        {
            target: affinities_of(state, target)
            for target in state.served_targets()
            if state.has(state.assessed.get(target))
        }
    )


def orders_cell(state: TaxonomyState) -> Cell | None:
    """Return mean test gain and quality of the best transfers of order at most 1, 2, ...

    None where no target has been assessed.
    """
    orders = assessed_orders(state)
    if not orders:
        return None
    chosen = [{t: label(sources) for t, sources in served.items()} for served in orders.values()]
    return _evaluated(state, "evaluate/orders", chosen)


def policies_cell(state: TaxonomyState) -> Cell | None:
    """Return mean test gain and quality of the policies.

    None where there is no policy, or a target that one serves has not been assessed.
    """
    policies = state.policies()
    if not policies or not all(state.has(state.assessed[t]) for t in state.served_targets()):
        return None
    return _evaluated(state, "evaluate/policies", policies)


def _evaluated(state: TaxonomyState, name: str, policies: Sequence[Mapping[str, str]]) -> Cell:
    """Return the cell that evaluates policies {target: competitor} on `test`."""
    inputs = {target: state.assessed[target] for target in sorted(set().union(*policies))}
    return state.cell(name, EVALUATE, {"policies": [dict(each) for each in policies]}, inputs)


def best_novel_transfers(state: TaxonomyState) -> dict[str, tuple[str, ...]]:
    """Return every target's best transfer from other tasks, where it was tested.

    Chosen by affinity on `select`, in the tournaments of the target.
    """
    best = {t: best_transfer(t, affinities_of(state, t)) for t in state.served_targets()}
    return {
        target: sources
        for target, sources in best.items()
        if sources and _tested(state, target, label(sources))
    }


def _tested(state: TaxonomyState, target: str, competitor: str) -> Cells:
    """Return a competitor's losses on `test`, or nothing where a repetition has none."""
    return state.stored_cells(state.tested.get(target, {}).get(competitor, ()))


def novel_cell(state: TaxonomyState) -> Cell | None:
    """Return how each target fares as a new task, with transfers from all others (Fig. 10).

    None where no target has both a tested transfer from others and something to beat.
    """
    inputs: dict[str, Cells] = {}
    competitors: dict[str, dict[str, str]] = {}
    for target, best in best_novel_transfers(state).items():
        tested = {
            TRANSFER: _tested(state, target, label(best)),
            **{kind: state.losses_of(kind, target, "test") for kind in ("scratch", "supervised")},
            **{
                rival: _tested(state, target, rival)
                for rival in (
                    *single_source_rivals(target, state.labelled_sources),
                    *state.pretrained,
                )
            },
        }
        tested = {name: cells for name, cells in tested.items() if state.stored_cells(cells)}
        if len(tested) > 1:
            competitors[target] = {name: f"{target}/{name}" for name in tested}
            inputs |= {f"{target}/{name}": cells for name, cells in tested.items()}
    if not competitors:
        return None
    return state.cell("evaluate/novel", NOVEL, {"competitors": competitors}, repeated(inputs))


def below_constant_cell(state: TaxonomyState) -> Cell | None:
    """Return the share of transfers that lose to the best constant, all and admitted ones alone.

    None where no target has both an assessment and a constant.
    """
    transfers: dict[str, dict[str, bool]] = {}
    for target, found in standings_of(state).items():
        if state.has(state.assessed.get(target)) and state.network_cells("constant", target):
            transfers[target] = {
                name: found.admits(name)
                for name in found.competitors
                if name != SUPERVISED and target not in state.sources_of(target, name)
            }
    if not any(transfers.values()):
        return None
    inputs = {target: state.assessed[target] for target in transfers}
    return state.cell("evaluate/below-constant", BELOW_CONSTANT, {"transfers": transfers}, inputs)


def evidence_cell(state: TaxonomyState) -> Cell | None:
    """Return whether what serves a target is better than scratch and the constant on `test`.

    Judged are the best admitted transfer into each target, its own network where that is admitted,
    and whatever else serves the target in a policy. None where there is nothing.
    """
    judged: dict[str, list[str]] = {}
    policies = state.policies()
    for target, found in standings_of(state).items():
        if not state.has(state.assessed.get(target)):
            continue
        best = best_admitted(state, target, found)
        wanted = {label(best or ()), SUPERVISED, *(p.get(target, FLOOR) for p in policies)}
        names = [name for name in found.competitors if name in wanted and found.admits(name)]
        names.sort(key=lambda name: name != SUPERVISED)
        if names:
            judged[target] = names
    if not judged:
        return None
    return state.planner.cell(
        "evaluate/evidence",
        EVIDENCE,
        parameters={
            "competitors": judged,
            "rising": {t: state.entries[t].task.metric in RISING for t in judged},
        },
        inputs={target: state.assessed[target] for target in judged},
    )

"""The cells that compare all competitors for a target: on `select`, and in the end on `test`."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components import Cell
from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.plan.cell_functions import ASSESS, TOURNAMENT
from taskspace.studies.taxonomy.plan.cells import label
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.plan.finetuned import tested_transfer
from taskspace.studies.taxonomy.plan.repeated import repeated
from taskspace.studies.taxonomy.plan.standings import standing
from taskspace.studies.taxonomy.plan.state import Cells, TaxonomyState

RIVALS = ("supervised", "scratch", "constant")
"""What is measured on `select` beside the transfers."""

TESTED = (*RIVALS, "probe")
"""What is measured on `test` beside the transfers."""


def tournament_cells(state: TaxonomyState, target: str) -> Cells:
    """Return the affinities of all that every repetition has for a target, on `select`.

    Of the rivals, `scratch` and, where there is one, `supervised` are what gain and quality are
    measured against; `scratch` and `constant` are what the floor is chosen from. Empty where there
    is no competitor, or no scratch.
    """
    rivals = {
        kind: losses
        for kind in RIVALS
        if (losses := state.stored_cells(state.selected[kind, target]))
    }
    competitors = {
        label(sources): readouts
        for sources, readouts in state.transfers[target].items()
        if state.stored_cells(readouts)
    }
    if target in state.sources and "supervised" in rivals:
        competitors[SUPERVISED] = rivals["supervised"]
    if not competitors or "scratch" not in rivals:
        return ()
    inputs = _numbered(competitors) | rivals
    return tuple(
        plan.planner.cell(
            plan.named(f"affinity/{target}"),
            TOURNAMENT,
            parameters={"competitors": list(competitors), "normaliser": plan.job.normaliser},
            inputs={slot: cells[position] for slot, cells in inputs.items()},
        )
        for position, plan in enumerate(state.plans)
    )


def tested_rivals(state: TaxonomyState, target: str) -> dict[str, Cells]:
    """Return the losses on `test` of each kind of network that every repetition has."""
    return {
        kind: state.losses_of(kind, target, "test")
        for kind in TESTED
        if state.network_cells(kind, target)
    }


def tested_competitors(
    state: TaxonomyState, target: str, rivals: Mapping[str, Cells]
) -> dict[str, Cells]:
    """Return the losses on `test` of each competitor for a target, its floor the last."""
    tested = {
        label(sources): tuple(tested_transfer(plan, sources, target) for plan in state.plans)
        for sources in state.stored_transfers(target)
    }
    if SUPERVISED in state.competitors(target):
        tested[SUPERVISED] = rivals["supervised"]
    return tested | {FLOOR: rivals[standing(state.tournament(target)).floor.kind]}


def code_rows(state: TaxonomyState, target: str) -> list[Cells]:
    """Return the codes of the test images that the transfers into a target read."""
    if state.job.transfer.decides == "finetune":
        return []  # Their encoders see the images themselves.
    return [
        tuple(plan.codes(source, target, ("test",)) for plan in state.plans)
        for sources in state.stored_transfers(target)
        for source in sources
    ]


def assessment_cell(
    state: TaxonomyState, target: str, competitors: Mapping[str, Cells], rivals: Mapping[str, Cells]
) -> Cell:
    """Return gain, quality, loss and sanity of all competitors on `test`.

    Args:
        competitors: name to its losses on `test`; `rivals` likewise.
    """
    inputs = repeated({**_numbered(competitors), **rivals})
    return state.cell(f"assess/{target}", ASSESS, {"competitors": list(competitors)}, inputs)


def _numbered(competitors: Mapping[str, Cells]) -> dict[str, Cells]:
    return {f"competitor{i}": cells for i, cells in enumerate(competitors.values())}

"""The cells that compare all competitors for a target: on `select`, and in the end on `test`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskspace.components import Cell, stable_seed
from taskspace.learning.example_cells import numbered
from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.plan.cell_functions import ASSESS, TOURNAMENT
from taskspace.studies.taxonomy.plan.cells import TaxonomyPlan
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, label
from taskspace.studies.taxonomy.plan.knowledge import Knowledge
from taskspace.studies.taxonomy.plan.repeated import repeated
from taskspace.studies.taxonomy.plan.standings import standing

TESTED = ("supervised", "scratch", "constant", "probe")
"""What is measured on `test` beside the transfers."""


def tournament_cell(
    plan: TaxonomyPlan, target: str, competitors: Mapping[str, Cell], rivals: Mapping[str, Cell]
) -> Cell:
    """Return the affinities of all competitors for a target, from losses on `select`.

    Of the rivals, `scratch` and, where there is one, `supervised` are what gain and quality are
    measured against; `scratch` and `constant` are what the floor is chosen from.
    """
    return plan.planner.cell(
        plan.named(f"affinity/{target}"),
        TOURNAMENT,
        parameters={"competitors": list(competitors), "normaliser": plan.job.normaliser},
        inputs=numbered("competitor", competitors.values()) | dict(rivals),
    )


def tested_cells(known: Knowledge, target: str) -> list[Cell]:
    """Return what measures a target's competitors and rivals on `test`, and assesses them.

    They are kept in `known`, in every repetition.
    """
    transfers = list(known.stored_transfers(target))
    kinds = [kind for kind in TESTED if known.network_cells(kind, target)]
    floor = standing(known.tournament(target)).floor.kind
    rivals: dict[str, list[Cell]] = {kind: [] for kind in kinds}
    cells: list[Cell] = []
    for repetition in known.repetitions:
        plan, tested = repetition.plan, repetition.tested.setdefault(target, {})
        for kind in kinds:
            network = repetition.networks[kind, target]
            rivals[kind].append(plan.measured(kind, network, target, "test"))
        for sources in transfers:
            cells += [plan.codes(source, target, ("test",)) for source in sources]
            tested[label(sources)] = plan.tested_transfer(sources, target)
        if SUPERVISED in known.competitors(target):
            tested[SUPERVISED] = rivals["supervised"][-1]
        tested[FLOOR] = rivals[floor][-1]
        cells += tested.values()
    competitors = {
        name: [repetition.tested[target][name] for repetition in known.repetitions]
        for name in known.first.tested[target]
    }
    known.previews[target] = known.first.plan.preview(target)
    known.assessed[target] = assessment_cell(known.first.plan, target, competitors, rivals)
    cells += [cell for found in rivals.values() for cell in found]
    return [*cells, known.previews[target], known.assessed[target]]


def assessment_cell(
    plan: TaxonomyPlan,
    target: str,
    competitors: Mapping[str, Sequence[Cell]],
    rivals: Mapping[str, Sequence[Cell]],
) -> Cell:
    """Return gain, quality, loss and sanity of all competitors on `test`.

    Args:
        competitors: name to its losses on `test`, one cell a repetition; `rivals` likewise.
    """
    name = f"assess/{target}"
    slots = {f"competitor{i}": cells for i, cells in enumerate(competitors.values())}
    return plan.planner.cell(
        name,
        ASSESS,
        parameters={"competitors": list(competitors), "seed": stable_seed(plan.job.seed, name)},
        inputs={
            repeated(slot, number): cell
            for slot, cells in {**slots, **rivals}.items()
            for number, cell in enumerate(cells)
        },
    )

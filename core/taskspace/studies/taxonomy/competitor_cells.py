"""The cells that compare all competitors for a target: on `select`, and in the end on `test`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskspace.components import Cell, stable_seed
from taskspace.studies.taxonomy.cell_functions import ASSESS, TOURNAMENT
from taskspace.studies.taxonomy.plan import TaxonomyPlan
from taskspace.studies.taxonomy.repeated import repeated


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
        inputs=_numbered(competitors) | dict(rivals),
    )


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
    numbered = {f"competitor{i}": cells for i, cells in enumerate(competitors.values())}
    return plan.planner.cell(
        name,
        ASSESS,
        parameters={"competitors": list(competitors), "seed": stable_seed(plan.job.seed, name)},
        inputs={
            repeated(slot, number): cell
            for slot, cells in {**numbered, **rivals}.items()
            for number, cell in enumerate(cells)
        },
    )


def _numbered(competitors: Mapping[str, Cell]) -> dict[str, Cell]:
    return {f"competitor{i}": cell for i, cell in enumerate(competitors.values())}

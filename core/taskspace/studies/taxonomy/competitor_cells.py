"""The cells that compare all competitors for a target: on `select`, and in the end on `test`."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components import Cell, stable_seed
from taskspace.studies.taxonomy.cell_functions import ASSESS, TOURNAMENT
from taskspace.studies.taxonomy.plan import TaxonomyPlan


def tournament_cell(
    plan: TaxonomyPlan, target: str, competitors: Mapping[str, Cell], rivals: Mapping[str, Cell]
) -> Cell:
    """Return the affinities of all competitors for a target, from losses on `select`.

    The rivals `scratch` and, where there is one, `supervised` are what gain and quality are
    measured against.
    """
    return plan.planner.cell(
        f"affinity/{target}",
        TOURNAMENT,
        parameters={"competitors": list(competitors), "normaliser": plan.job.normaliser},
        inputs=_numbered(competitors) | dict(rivals),
    )


def assessment_cell(
    plan: TaxonomyPlan, target: str, competitors: Mapping[str, Cell], rivals: Mapping[str, Cell]
) -> Cell:
    """Return gain, quality and sanity of all competitors on `test`."""
    name = f"assess/{target}"
    return plan.planner.cell(
        name,
        ASSESS,
        parameters={"competitors": list(competitors), "seed": stable_seed(plan.job.seed, name)},
        inputs=_numbered(competitors) | dict(rivals),
    )


def _numbered(competitors: Mapping[str, Cell]) -> dict[str, Cell]:
    return {f"competitor{i}": cell for i, cell in enumerate(competitors.values())}

"""A part of a stage: cells are asked for, and what became of them joins the state."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace
from math import comb
from typing import TypeAlias

from taskspace.components import Cell, Outcomes, Stage
from taskspace.studies.taxonomy.plan.state import TaxonomyState
from taskspace.studies.taxonomy.stages.search import searched_orders

Staged: TypeAlias = Generator[Stage, Outcomes, TaxonomyState]


def staged(state: TaxonomyState, name: str, cells: Iterable[Cell | None]) -> Staged:
    """Yield cells as a part of the stage `name`; return the state with their outcomes.

    Args:
        cells: None stands for a cell that is not wanted.
    """
    wanted = [cell for cell in cells if cell]
    if not wanted:
        return state
    outcomes = yield Stage(name, wanted, _upcoming(state, name))
    return replace(state, outcomes=outcomes)


def _upcoming(state: TaxonomyState, stage: str) -> dict[str, int]:
    """Return how many cells follow whose choice depends on what this stage measures."""
    targets, sources = len(state.targets), len(state.sources)
    seeds, transfer = len(state.plans), state.job.transfer
    best, most = min(transfer.beam, sources), min(transfer.max_order, transfer.subsets)
    higher = sum(comb(best, k) for k in range(2, most + 1))
    higher += len(searched_orders(state)) * transfer.width**2
    first = {"first-order transfers": seeds * targets * sources}
    later = {"higher-order transfers": seeds * targets * higher} if higher else {}
    after = {"tournaments": seeds * targets, "policies": 1, "assessments": targets}
    return {"train": first | later | after, "transfer": later | after}.get(stage, {})

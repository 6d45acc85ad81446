"""Transitive transfers, source to intermediate task to target: which are tried, and their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from taskspace.components import Cell, stable_seed
from taskspace.components.page import Scalar, Table
from taskspace.studies.taxonomy.plan.cell_functions import COMPARE_CHAINS
from taskspace.studies.taxonomy.plan.competitors import Sources, ranked
from taskspace.studies.taxonomy.plan.knowledge import Knowledge
from taskspace.studies.taxonomy.plan.repeated import repeated


class Chain(NamedTuple):
    """From the encoder of `source` over a prediction of `through` to `target`."""

    source: str
    through: str
    target: str


def chains_of(known: Knowledge) -> list[Chain]:
    """Return, for each target, chains from its best source through each of its next best ones.

    As many as the beam is wide. All three see the image as it is; the intermediate task is one
    that the source has been transferred to.
    """
    chains = []
    for target in known.targets:
        losses: dict[Sources, Sequence[np.ndarray]] = {
            sources: [one.array("loss") for one in stored]
            for sources, stored in known.stored_transfers(target).items()
            if len(sources) == 1 and sources != (target,)
        }
        order = [source for (source,) in ranked(losses, known.job.normaliser)]
        if not order or not known.entries[target].task.plain_input:
            continue
        source, *others = order[: known.job.transfer.beam]
        chains += [
            Chain(source, through, target)
            for through in others
            if through in known.targets
            and known.entries[through].task.plain_input
            and (source,) in known.stored_transfers(through)
        ]
    return chains


def chain_cells(known: Knowledge, chains: Sequence[Chain]) -> list[Cell]:
    """Return the readouts at the ends of the chains, with what they read."""
    cells = []
    for plan in (each.plan for each in known.repetitions):
        for chain in chains:
            cells += [plan.chain_codes(*chain, ("transfer", "select")), plan.chain(*chain)]
    return cells


def compared_cells(known: Knowledge, chains: Sequence[Chain]) -> list[Cell]:
    """Return the chains' losses on `test`, and last how they compare with direct transfers."""
    cells: list[Cell] = []
    inputs: dict[str, Cell] = {}
    compared = [
        chain
        for chain in chains
        if all(
            known.has(each.plan.chain(*chain)) and chain.source in each.tested.get(chain.target, {})
            for each in known.repetitions
        )
    ]
    if not compared:
        return []
    for position, repetition in enumerate(known.repetitions):
        plan = repetition.plan
        for index, chain in enumerate(compared):
            tested = plan.tested_chain(*chain)
            inputs[repeated(f"chain{index}", position)] = tested
            direct = repetition.tested[chain.target][chain.source]
            inputs[repeated(f"direct{index}", position)] = direct
            cells += [plan.chain_codes(*chain, ("test",)), tested]
    name = "evaluate/chains"
    return [
        *cells,
        known.first.plan.planner.cell(
            name,
            COMPARE_CHAINS,
            parameters={
                "chains": [chain._asdict() for chain in compared],
                "seed": stable_seed(known.job.seed, name),
            },
            inputs=inputs,
        ),
    ]


def chain_table(compared: Sequence[Mapping[str, Any]]) -> Table:
    """Return the chains beside the direct transfers, best first."""
    rows: list[Sequence[Scalar]] = [
        (
            row["target"],
            row["source"],
            row["through"],
            row["loss"],
            row["direct_loss"],
            round(100 * row["wins"][0]) if row["wins"] else None,
        )
        for row in sorted(compared, key=lambda row: -(row["wins"] or [0.0])[0])
    ]
    return Table(
        "transitive",
        ("target", "source", "through", "loss", "direct loss", "% beat direct"),
        rows,
        "Transitive transfers: the source's readout for the intermediate task, and a second "
        "readout on what it predicts. % beat direct: the share of test images on which the chain "
        "has a lower loss than the direct transfer from the same source.",
    )

"""Transitive transfers, source to intermediate task to target: which are tried, and their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskspace.components import Cell
from taskspace.studies.taxonomy.plan.cell_functions import COMPARE_CHAINS
from taskspace.studies.taxonomy.plan.chain_cells import chain_codes, tested_chain
from taskspace.studies.taxonomy.plan.competitors import Chain
from taskspace.studies.taxonomy.plan.repeated import repeated
from taskspace.studies.taxonomy.plan.standings import ranked_transfers
from taskspace.studies.taxonomy.plan.state import Cells, TaxonomyState


def chains_of(state: TaxonomyState) -> list[Chain]:
    """Return, for each target, chains from its best source through each of its next best ones.

    As many as the beam is wide. All three see the image as it is; the intermediate task is one
    that the source has been transferred to.
    """
    chains = []
    for target in state.targets:
        order = [source for (source,) in ranked_transfers(state, target, 1)]
        if not order or not state.entries[target].task.plain_input:
            continue
        source, *others = order[: state.job.transfer.beam]
        chains += [
            Chain(source, through, target)
            for through in others
            if through in state.targets
            and state.entries[through].task.plain_input
            and (source,) in state.stored_transfers(through)
        ]
    return chains


def chain_rows(
    state: TaxonomyState, readers: Mapping[Chain, Cells], splits: Sequence[str]
) -> list[Cells]:
    """Return cells that read chains, each after the codes of the splits that it reads."""
    rows: list[Cells] = []
    for chain, cells in readers.items():
        rows += [tuple(chain_codes(plan, chain, splits) for plan in state.plans), cells]
    return rows


def comparable_chains(state: TaxonomyState) -> dict[Chain, Cells]:
    """Return the chains with a direct transfer to compare with, and their losses on `test`."""
    return {
        chain: tuple(tested_chain(plan, chain) for plan in state.plans)
        for chain, readouts in state.chains.items()
        if state.stored_cells(readouts) and chain.source in state.tested.get(chain.target, {})
    }


def comparison_cell(state: TaxonomyState, chains: Mapping[Chain, Cells]) -> Cell:
    """Return how chains compare with the direct transfers from the same sources on `test`."""
    inputs: dict[str, Cells] = {}
    for index, (chain, tested) in enumerate(chains.items()):
        inputs[f"chain{index}"] = tested
        inputs[f"direct{index}"] = state.tested[chain.target][chain.source]
    parameters = {"chains": [chain._asdict() for chain in chains]}
    return state.cell("evaluate/chains", COMPARE_CHAINS, parameters, repeated(inputs))

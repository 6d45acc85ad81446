"""The second stage: readouts of growing order, chains, and the tournaments of what competes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taskspace.studies.taxonomy.plan.cells import Sources
from taskspace.studies.taxonomy.plan.chain_cells import chain_cell
from taskspace.studies.taxonomy.plan.chains import chain_rows, chains_of
from taskspace.studies.taxonomy.plan.competitor_cells import RIVALS, tournament_cells
from taskspace.studies.taxonomy.plan.finetuned import (
    deciding_transfer,
    finetuned,
    finetuned_pairs,
    timed,
)
from taskspace.studies.taxonomy.plan.state import Cells, TaxonomyState, by_repetition
from taskspace.studies.taxonomy.stages.search import extensions, searched_orders, subsets
from taskspace.studies.taxonomy.stages.staged import Staged, staged


def transfer(trained: TaxonomyState) -> Staged:
    """Transfer from every source, then from the best sets of them; compare what there is."""
    state = yield from _first_order(trained)
    state = yield from _higher_order(state, subsets(state))
    for order in searched_orders(state):
        state = yield from _higher_order(state, extensions(state, order))
    if state.job.transfer.compares:
        state = yield from _finetuned(state)
    if state.job.transfer.transitive:
        state = yield from _chains(state)
    return (yield from _tournaments(state))


def _first_order(trained: TaxonomyState) -> Staged:
    scratch = {
        ("scratch", target): tuple(plan.scratch(target) for plan in trained.plans)
        for target in trained.targets
    }
    state = replace(trained, networks={**trained.networks, **scratch})
    selected = {
        (kind, target): state.losses_of(kind, target, "select")
        for target in state.targets
        for kind in RIVALS
    }
    pairs = [((source,), target) for target in state.targets for source in state.sources]
    state = replace(_with_transfers(state, pairs), selected=selected)
    rows: list[Cells] = []
    for target in state.targets:
        rows.append(scratch["scratch", target])
        for source in state.sources:
            splits = ("transfer", "select")
            rows += _encoded(state, source, target)
            rows.append(tuple(plan.codes(source, target, splits) for plan in state.plans))
            rows.append(state.transfers[target][(source,)])
        rows += [selected[kind, target] for kind in RIVALS]
    return (yield from staged(state, "transfer", by_repetition(rows)))


def _encoded(state: TaxonomyState, source: str, target: str) -> list[Cells]:
    """Return what a pretrained source makes of all images, chunk by chunk; nothing of a task."""
    chunks = (plan.encoded(source, target).values() for plan in state.plans)
    return list(zip(*chunks, strict=True))


def _higher_order(state: TaxonomyState, transfers: Iterable[tuple[Sources, str]]) -> Staged:
    pairs = list(transfers)
    state = _with_transfers(state, pairs)
    rows = [state.transfers[target][sources] for sources, target in pairs]
    return (yield from staged(state, "transfer", by_repetition(rows)))


def _with_transfers(state: TaxonomyState, pairs: Iterable[tuple[Sources, str]]) -> TaxonomyState:
    """Return the state with the readouts of these sources and targets asked for."""
    transfers = {target: dict(readouts) for target, readouts in state.transfers.items()}
    for sources, target in pairs:
        readouts = tuple(deciding_transfer(plan, sources, target) for plan in state.plans)
        transfers.setdefault(target, {})[sources] = readouts
    return replace(state, transfers=transfers)


def _finetuned(state: TaxonomyState) -> Staged:
    found = {
        pair: tuple(finetuned(plan, *pair) for plan in state.plans)
        for pair in finetuned_pairs(state)
    }
    times = {pair: tuple(timed(plan, *pair) for plan in state.plans) for pair in found}
    cells = by_repetition([*found.values(), *times.values()])
    return (yield from staged(replace(state, finetuned=found, timed=times), "transfer", cells))


def _chains(state: TaxonomyState) -> Staged:
    chains = {
        chain: tuple(chain_cell(plan, chain) for plan in state.plans) for chain in chains_of(state)
    }
    cells = by_repetition(chain_rows(state, chains, ("transfer", "select")))
    return (yield from staged(replace(state, chains=chains), "transfer", cells))


def _tournaments(state: TaxonomyState) -> Staged:
    """Let everything that every repetition has for a target compete, in each of them."""
    tournaments = {target: tournament_cells(state, target) for target in state.targets}
    cells = [cell for target in tournaments.values() for cell in target]
    return (yield from staged(replace(state, tournaments=tournaments), "transfer", cells))

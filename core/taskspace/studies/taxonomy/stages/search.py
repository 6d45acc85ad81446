"""Which transfers of higher order are tried, given what the lower orders have measured.

Every repetition trains the same: which are best follows from all of them together.
"""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.studies.taxonomy.plan.cells import Sources
from taskspace.studies.taxonomy.plan.competitors import all_subsets, extended
from taskspace.studies.taxonomy.plan.standings import ranked_transfers
from taskspace.studies.taxonomy.plan.state import TaxonomyState


def subsets(state: TaxonomyState) -> Iterator[tuple[Sources, str]]:
    """Yield the best first-order sources of each target, combined; its own encoder is not one."""
    transfer = state.job.transfer
    most = min(transfer.max_order, transfer.subsets, transfer.beam)
    for target in state.targets:
        for subset in all_subsets(_best(state, target)[: transfer.beam], most):
            yield subset, target


def searched_orders(state: TaxonomyState) -> range:
    """Return the orders beyond those whose subsets are all combined."""
    transfer = state.job.transfer
    first = min(transfer.subsets, transfer.beam) + 1
    return range(first, min(transfer.max_order, len(state.sources)) + 1)


def extensions(state: TaxonomyState, order: int) -> Iterator[tuple[Sources, str]]:
    """Yield each target's best sets of the order before, with one source more."""
    width = state.job.transfer.width
    for target in state.targets:
        best_sets = ranked_transfers(state, target, order - 1)
        for sources in extended(best_sets, _best(state, target), width):
            yield sources, target


def _best(state: TaxonomyState, target: str) -> list[str]:
    """Return all first-order sources of a target but its own encoder, best first."""
    return [source for (source,) in ranked_transfers(state, target, 1)]

"""Transfers that can be left out because another one always takes their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

SUBSETS_UP_TO = 6
"""Up to this order, looking up all subsets is cheaper than comparing with all transfers."""


class _Masked(Protocol):
    @property
    def mask(self) -> int: ...

    @property
    def cost(self) -> int: ...


OptionT = TypeVar("OptionT", bound=_Masked)


def undominated(best_first: Sequence[OptionT]) -> Iterator[OptionT]:
    """Yield the options of one target whose sources contain no better or equal option's sources.

    Exact: whenever such an option is admissible, so is the one inside it, which is worth no less
    and costs no more. `best_first` is sorted by weight and then by number of sources, so what
    could dominate an option stands before it.
    """
    kept: dict[int, int] = {}
    for option in best_first:
        if option.mask.bit_count() <= SUBSETS_UP_TO:
            inside = (kept[subset] for subset in _subsets(option.mask) if subset in kept)
        else:
            inside = (cost for mask, cost in kept.items() if not mask & ~option.mask)
        if not any(cost <= option.cost for cost in inside):
            kept[option.mask] = option.cost
            yield option


def _subsets(mask: int) -> Iterator[int]:
    subset = mask
    while subset:
        yield subset
        subset = (subset - 1) & mask

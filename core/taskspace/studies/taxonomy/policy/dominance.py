"""Transfers that can be left out because another one always takes their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

SUBSETS_UP_TO = 6
"""Up to this order, looking up all subsets is cheaper than comparing with all transfers."""


class _Masked(Protocol):
    @property
    def mask(self) -> int: ...


OptionT = TypeVar("OptionT", bound=_Masked)


def undominated(best_first: Sequence[OptionT]) -> Iterator[OptionT]:
    """Yield the options of one target whose sources contain no better or equal option's sources.

    Exact: whenever such an option is admissible, so is the one inside it, which is worth no less.
    `best_first` is sorted by weight and then by number of sources, so what could dominate an
    option stands before it.
    """
    kept: set[int] = set()
    for option in best_first:
        if option.mask.bit_count() <= SUBSETS_UP_TO:
            dominated = any(subset in kept for subset in _subsets(option.mask))
        else:
            dominated = any(not mask & ~option.mask for mask in kept)
        if not dominated:
            kept.add(option.mask)
            yield option


def _subsets(mask: int) -> Iterator[int]:
    subset = mask
    while subset:
        yield subset
        subset = (subset - 1) & mask

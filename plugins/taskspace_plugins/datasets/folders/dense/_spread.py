"""A few files of many, which cost the same to look at in every folder, and shares of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")
LOOKED_AT = 16
"""Enough to see how a folder's files are stored, which is alike in most folders."""


def spread(items: Sequence[Item | None]) -> tuple[Item, ...]:
    """Return up to `LOOKED_AT` of the items that are there, evenly spread over all of them."""
    there = [item for item in items if item is not None]
    count = min(len(there), LOOKED_AT)
    return tuple(there[place * len(there) // count] for place in range(count))


def percent(share: float) -> str:
    """Return a share above 0 as people write it."""
    return "less than 1 %" if share < 0.01 else f"{100 * share:.0f} %"

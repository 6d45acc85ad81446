"""The best transfer into each target by order, as Fig. 9 of the paper (Zamir et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Standings: TypeAlias = Mapping[tuple[str, ...], float]
"""Sources to the transfer's affinity on `select`, of one target."""


def best_transfer(
    target: str, standings: Standings, max_order: int | None = None
) -> tuple[str, ...] | None:
    """Return the sources of the best transfer that the target's own encoder has no part in.

    Ties go to fewer sources, then to the first by name.

    Args:
        target: what is served.
        standings: sources to affinity; higher is better.
        max_order: the most sources; any number where None.

    Returns:
        None where there is no such transfer.
    """
    admissible = [
        sources
        for sources in standings
        if target not in sources and (max_order is None or len(sources) <= max_order)
    ]
    return min(admissible, key=lambda s: (-standings[s], len(s), s), default=None)


def best_by_order(standings: Mapping[str, Standings]) -> dict[int, dict[str, tuple[str, ...]]]:
    """Return, for each order m that occurs, every target's best transfer of order at most m.

    Args:
        standings: target to its standings.

    Returns:
        Order to target to sources; a target without any transfer of order <= m is left out of m.
    """
    orders = sorted(
        {
            len(sources)
            for target, found in standings.items()
            for sources in found
            if target not in sources
        }
    )
    chosen: dict[int, dict[str, tuple[str, ...]]] = {}
    for order in orders:
        served = {
            target: best_transfer(target, found, order) for target, found in standings.items()
        }
        chosen[order] = {target: sources for target, sources in served.items() if sources}
    return chosen

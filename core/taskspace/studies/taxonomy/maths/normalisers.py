"""Would another normaliser decide otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def policies_by_normaliser(
    chosen: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[dict[str, object]]:
    """Return which tasks each normaliser would supervise, by budget that all have a policy for.

    Args:
        chosen: normaliser to its policies, one a budget.
    """
    by_budget = {
        normaliser: {p["budget"]: p["supervised"] for p in policies if p["transfers"]}
        for normaliser, policies in chosen.items()
    }
    budgets = [set(found) for found in by_budget.values()]
    return [
        {"budget": budget, "supervised": {name: found[budget] for name, found in by_budget.items()}}
        for budget in sorted(set.intersection(*budgets) if budgets else ())
    ]

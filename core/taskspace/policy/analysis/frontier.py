"""The frontier: what each further label budget brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskspace.components import JSON

WORTH = ("objective", "mean_gain", "mean_quality")


def marginal_values(policies: Sequence[Mapping[str, Any]]) -> list[dict[str, JSON] | None]:
    """Return, for each policy, how much more it is worth than that of the next smaller budget.

    A record {from, per_label: {objective, mean_gain, mean_quality}}: the differences, divided by
    that of the budgets; None for what one of the two does not know. None instead of the record
    where no smaller budget has a policy. The objective never falls where both are optimal; gain
    and quality may, because the policies were not chosen by them.

    Args:
        policies: records of `Policy.as_json`, in any order.
    """
    found = {policy["budget"]: policy for policy in policies if policy["objective"] is not None}
    marginal: list[dict[str, JSON] | None] = []
    for policy in policies:
        smaller = [budget for budget in found if budget < policy["budget"]]
        if policy["objective"] is None or not smaller:
            marginal.append(None)
            continue
        before = found[max(smaller)]
        step = policy["budget"] - before["budget"]
        marginal.append(
            {
                "from": before["budget"],
                "per_label": {
                    name: (policy[name] - before[name]) / step
                    if None not in (policy[name], before[name])
                    else None
                    for name in WORTH
                },
            }
        )
    return marginal

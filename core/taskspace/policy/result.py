"""The answer: a policy for one budget, and what each further label budget brings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taskspace.components import JSON, Status

WORTH = ("objective", "mean_gain", "mean_quality")


@dataclass(frozen=True)
class Policy:
    """Which tasks to supervise under a budget, and which transfer serves each target.

    Attributes:
        status: `optimal` means that the proven gap is at most 1e-9 of the objective.
        objective: sum of r_t p_i over the targets, recomputed from the transfers; None without
            a policy.
        bound: what no policy under this budget exceeds; None where nothing was proven.
        cost: of labels and transfers together, at most the budget; None without a policy.
        supervised: the tasks whose labels are bought, sorted.
        transfers: target to the sources that serve it; `[t]` is the supervised network.
        mean_gain: over all targets, the supervised ones included; None where one is unknown.
        mean_quality: as `mean_gain`.
        seconds: wall time of this budget.
        message: what a person should know beside the status.
    """

    budget: float
    status: Status
    objective: float | None = None
    bound: float | None = None
    cost: float | None = None
    supervised: tuple[str, ...] = ()
    transfers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mean_gain: float | None = None
    mean_quality: float | None = None
    seconds: float = 0.0
    message: str = ""

    @property
    def gap(self) -> float | None:
        """Return (bound - objective) / |objective|, or None where either is unknown."""
        if self.objective is None or self.bound is None:
            return None
        distance = max(0.0, self.bound - self.objective)
        return distance / max(abs(self.objective), 1e-12) if distance else 0.0

    def as_json(self) -> dict[str, JSON]:
        """Return the policy as plain JSON, with null for what is absent; timings included."""
        return {
            "budget": self.budget,
            "status": self.status,
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "cost": self.cost,
            "supervised": list(self.supervised),
            "transfers": {target: list(by) for target, by in sorted(self.transfers.items())},
            "mean_gain": self.mean_gain,
            "mean_quality": self.mean_quality,
            "seconds": self.seconds,
            "message": self.message,
        }


def mean(shares: Iterable[float | None]) -> float | None:
    """Return the mean over all targets, or None where one of them is unknown."""
    listed = list(shares)
    known = [share for share in listed if share is not None]
    return math.fsum(known) / len(known) if len(known) == len(listed) else None


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

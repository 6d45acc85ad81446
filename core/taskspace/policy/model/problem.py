"""The problem: transfers, what labels cost, and which tasks may be supervised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self, cast

from taskspace.components import JSON
from taskspace.policy.model.transfers import Transfer, Transfers

Rule = Literal["own", "best"]
"""own: a supervised target uses its own network; best: it may take a better transfer."""

LARGEST_VALUE = 1e100
"""Beyond it, sums of values times importance would not be numbers."""


@dataclass(frozen=True)
class UncheckedProblem:
    """Transfers, what labels cost, and which tasks may be supervised.

    What users make is a `PolicyProblem`, which is checked.

    Attributes:
        transfers: the values have the coefficient applied already; ({t}, t) is the supervised
            network, which every target needs unless it is target-only.
        importance: r_t by target; 1 where it does not say.
        label_cost: l_v by task that may be supervised; 1 where it does not say.
        source_only: may be supervised and needs no transfer in (colorization, jigsaw).
        target_only: is never supervised and never a source (a novel task). Its transfers cost
            nothing unless they say so: the few labels they need lie outside the budget.
        required: is supervised in every policy.
        forbidden: is supervised in no policy.
    """

    transfers: Sequence[Transfer]
    importance: Mapping[str, float] = field(default_factory=dict)
    label_cost: Mapping[str, float] = field(default_factory=dict)
    source_only: frozenset[str] = frozenset()
    target_only: frozenset[str] = frozenset()
    rule: Rule = "own"
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()

    @property
    def columns(self) -> Transfers:
        """Return the transfers as arrays."""
        return cast("Transfers", self.transfers)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Return every task that has to be served, sorted."""
        return tuple(sorted(self.columns.named(self.columns.target)))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Return every task that may be supervised, sorted."""
        return tuple(sorted(({*self.targets} - self.target_only) | self.source_only))

    def as_json(self) -> dict[str, JSON]:
        """Return the problem as plain JSON, its transfers column by column."""
        return {
            "transfers": self.columns.as_json(),
            "importance": dict(self.importance),
            "label_cost": dict(self.label_cost),
            "source_only": sorted(self.source_only),
            "target_only": sorted(self.target_only),
            "rule": self.rule,
            "required": sorted(self.required),
            "forbidden": sorted(self.forbidden),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the problem that `as_json` wrote."""
        roles = ("source_only", "target_only", "required", "forbidden")
        return cls(
            Transfers.from_json(data["transfers"]),
            dict(data["importance"]),
            dict(data["label_cost"]),
            rule=data["rule"],
            **{role: frozenset(data[role]) for role in roles},
        )

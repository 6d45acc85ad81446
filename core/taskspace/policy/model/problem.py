"""The problem: transfers, what labels cost, and which tasks may be supervised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from taskspace.components import JSON
from taskspace.policy.model.transfer import Transfer
from taskspace.policy.model.unchecked import Rule, UncheckedProblem
from taskspace.policy.model.validation import check

if TYPE_CHECKING:
    from taskspace.policy.model.columns import Transfers


@dataclass(frozen=True)
class PolicyProblem(UncheckedProblem):
    """Which tasks to supervise, and which transfer serves each target (Zamir et al. 2018, 3.4).

    Raises:
        InputError: for numbers that are not finite, negative costs, duplicates, unknown names,
            and targets that nothing can serve at any budget.
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "transfers", _columns(self.transfers))
        check(self)

    @classmethod
    def of(
        cls,
        transfers: Iterable[Transfer | Mapping[str, Any]] | Mapping[str, Any],
        *,
        importance: Mapping[str, float] | None = None,
        label_cost: Mapping[str, float] | None = None,
        source_only: Iterable[str] | None = None,
        target_only: Iterable[str] | None = None,
        rule: Rule = "own",
        required: Iterable[str] = (),
        forbidden: Iterable[str] = (),
    ) -> Self:
        """Return the problem of transfers, records, or the columns of a table.

        Where they are not given, the source-only tasks are the sources that are no target, and
        the target-only tasks are the targets that are no source and have no supervised network.
        """
        columns = _columns(transfers)
        if source_only is None or target_only is None:
            own = columns.supervised
            targets = columns.named(columns.target)
            read = columns.named(columns.member[~own[columns.row]])
            if source_only is None:
                source_only = read - targets
            if target_only is None:
                target_only = targets - read - columns.named(columns.target[own])
        return cls(
            columns,
            importance or {},
            label_cost or {},
            frozenset(source_only),
            frozenset(target_only),
            rule,
            frozenset(required),
            frozenset(forbidden),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return the problem as plain JSON."""
        return {
            "transfers": [transfer.as_json() for transfer in self.transfers],
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
        return cls(
            data["transfers"],
            dict(data["importance"]),
            dict(data["label_cost"]),
            frozenset(data["source_only"]),
            frozenset(data["target_only"]),
            data["rule"],
            frozenset(data["required"]),
            frozenset(data["forbidden"]),
        )


def _columns(transfers: Any) -> Transfers:
    from taskspace.policy.model.columns import Transfers  # noqa: PLC0415  NumPy
    from taskspace.policy.model.reading import (  # noqa: PLC0415  NumPy
        transfers_from_columns,
        transfers_of,
    )

    if isinstance(transfers, Transfers):
        return transfers
    if isinstance(transfers, Mapping):
        return transfers_from_columns(transfers)
    if hasattr(transfers, "columns"):  # a pandas frame, whose cells are read by column
        return transfers_from_columns({name: transfers[name] for name in transfers.columns})
    return transfers_of(transfers)

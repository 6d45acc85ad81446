"""The problem as a user states it, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from taskspace.policy.model.checks import check
from taskspace.policy.model.problem import Rule, UncheckedProblem
from taskspace.policy.model.reading import transfers_from_columns, transfers_of
from taskspace.policy.model.transfers import Transfer, Transfers


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


def _columns(transfers: Any) -> Transfers:
    if isinstance(transfers, Transfers):
        return transfers
    if isinstance(transfers, Mapping):
        return transfers_from_columns(transfers)
    if hasattr(transfers, "columns"):  # a pandas frame, whose cells are read by column
        return transfers_from_columns({name: transfers[name] for name in transfers.columns})
    return transfers_of(transfers)

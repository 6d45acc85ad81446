"""What a reader of a solved table must know: what is not in it, and what its costs mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from taskspace.components import Finding
from taskspace.policy import Transfer
from taskspace.studies.taxonomy.result.model import TableRecord
from taskspace.studies.taxonomy.table.left_out import LeftOutRows

if TYPE_CHECKING:
    from taskspace.policy.model.transfers import Transfers

_REASONS = {
    "missing value": "without a value",
    "order": "of an order beyond `max_order`",
    "excluded": "with a task that the job excludes",
    "own encoder": "that read the encoder of their own target",
    "into a source-only task": "into a source-only task",
}


class RowCosts:
    """What the rows say that transfers cost, in a column of that name.

    Args:
        column: what it is called; None where there is none.
    """

    def __init__(self, column: str | None) -> None:
        self.column = column
        self.transfers = self.networks = 0

    def add(self, transfer: Transfer) -> None:
        """Count a row."""
        if transfer.cost and transfer.is_supervised:
            self.networks += 1
        elif transfer.cost:
            self.transfers += 1


def table_findings(
    record: TableRecord,
    transfers: Transfers,
    left_out: LeftOutRows,
    *,
    costs: RowCosts,
    label_costs: Mapping[str, float],
    clipped: int,
) -> tuple[Finding, ...]:
    """Return what is not in a table's answer, and what its numbers mean.

    Args:
        record: the tasks that are in the answer.
        transfers: those that are used.
        left_out: the rows that are not.
        costs: what the rows say that transfers cost.
        label_costs: what the job says that labels cost.
        clipped: how many affinities beyond 1 counted as 1.
    """
    there = {*record.targets, *record.sources}
    return (
        *_vanished(there, left_out),
        *_without_network(record, transfers, left_out),
        *_left_out(record, transfers),
        *_costs(costs, label_costs),
        *_clipped(clipped),
    )


def _vanished(there: set[str], left_out: LeftOutRows) -> Iterator[Finding]:
    gone = sorted(set(left_out.tasks) - there)
    if gone:
        yield Finding(
            "table-tasks-vanished",
            "warning",
            f"{len(gone)} task{'s are' if len(gone) > 1 else ' is'} not in the answer, because all "
            f"rows with {'them' if len(gone) > 1 else 'it'} are left out: {_listed(gone)}.",
            tuple(f"{name}: {_counted(left_out.tasks[name])}" for name in gone),
        )


def _without_network(
    record: TableRecord, transfers: Transfers, left_out: LeftOutRows
) -> Iterator[Finding]:
    own = transfers.named(transfers.target[transfers.supervised])
    lost = sorted((left_out.networks & {*record.targets}) - own)
    if lost:
        yield Finding(
            "table-networks-without-value",
            "warning",
            f"{len(lost)} task{'s' if len(lost) > 1 else ''} can only be served by transfers, "
            f"because the row of {'their' if len(lost) > 1 else 'its'} supervised network has no "
            f"value: {_listed(lost)}.",
        )


def _left_out(record: TableRecord, transfers: Transfers) -> Iterator[Finding]:
    number = sum(record.left_out.values())
    if number:
        yield Finding(
            "table-rows-left-out",
            "note",
            f"{number:,} row{'s' if number > 1 else ''} left out, {len(transfers):,} used: "
            f"{_counted(record.left_out)}.",
        )


def _costs(costs: RowCosts, label_costs: Mapping[str, float]) -> Iterator[Finding]:
    if costs.column is None:
        return
    given = "1 each, but for those in `affinities.costs`" if label_costs else "1 each"
    yield Finding(
        "table-costs-added",
        "note" if label_costs or not costs.networks else "warning",
        f"The column {costs.column!r} is what a transfer's own labels cost, in addition to the "
        f"labels of the tasks that it supervises, which cost {given}: a network with 0 in it costs "
        "what its labels cost. `affinities.costs` sets what the labels of a task cost.",
    )


def _clipped(number: int) -> Iterator[Finding]:
    if number:
        subject = (
            f"{number:,} affinities beyond 1 count"
            if number > 1
            else ("1 affinity beyond 1 counts")
        )
        yield Finding(
            "table-affinities-clipped",
            "warning",
            f"{subject} as 1, because `sqrt_affinity` takes the root of at most 1. "
            "`affinities.coefficient: affinity` adds the numbers up as they are.",
        )


def _counted(reasons: Mapping[str, int]) -> str:
    return ", ".join(
        f"{number:,} row{'s' if number > 1 else ''} {_REASONS[reason]}"
        for reason, number in reasons.items()
    )


def _listed(names: Iterable[str], most: int = 20) -> str:
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more

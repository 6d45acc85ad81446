"""Tables of transfers that somebody else measured: the `affinities` of a taxonomy job."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taskspace.components import Finding
from taskspace.errors import InputError, TableError
from taskspace.policy import Coefficient, PolicyProblem, Transfer, coefficient_value, measured_by
from taskspace.studies.taxonomy.result.model import TableRecord
from taskspace.studies.taxonomy.table.checks import check_costs, check_transfers
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace.studies.taxonomy.table.findings import RowCosts, table_findings
from taskspace.studies.taxonomy.table.left_out import LeftOutRows
from taskspace.studies.taxonomy.table.matrix_names import name_findings
from taskspace.studies.taxonomy.table.rows import Row, TableRows, open_rows
from taskspace.tables import located

if TYPE_CHECKING:
    from taskspace.policy.model.reading import GrowingTransfers
    from taskspace.policy.model.transfers import Transfers

MOST_ROWS = 1_000_000
"""Transfers of a table that a job may have; a run of 250,000 takes 0.35 GB and 20 seconds."""


@dataclass(frozen=True)
class TransferTable:
    """The transfers of a table, and what a result says of it.

    In the record, the transfers are those beside the supervised networks. Rows are left out for
    `missing value`, `order`, `excluded`, `own encoder` and `into a source-only task`.

    Attributes:
        costs: what labels cost, by task; 1 where it does not say.
        findings: what a reader must know of the table.
    """

    transfers: Transfers
    record: TableRecord
    costs: Mapping[str, float]
    findings: Sequence[Finding] = ()

    def problem(self, **options: Any) -> PolicyProblem:
        """Return the policy problem; the options are those of `PolicyProblem.of`."""
        return PolicyProblem.of(self.transfers, label_cost=self.costs, **options)


def read_table(description: AffinityTable) -> TransferTable:
    """Return the transfers of a table, row after row; the file is never in memory as a whole.

    Raises:
        TableError: if the file is absent or unreadable, or a row cannot be used; with its line.
    """
    with open_rows(description) as table:
        return _read(description, table)


def _read(description: AffinityTable, table: TableRows) -> TransferTable:
    from taskspace.policy.model.reading import GrowingTransfers  # noqa: PLC0415  NumPy

    supervised = _supervised(description, table)
    left_out = LeftOutRows(description, table.coefficient, supervised)
    costs = RowCosts(table.cost_column)
    root, clipped = table.coefficient == "sqrt_affinity", 0
    places = array("q")
    found = GrowingTransfers()
    for row in table.rows:
        if left_out.takes(row):
            continue
        if len(places) == MOST_ROWS:
            raise TableError(
                f"More than {MOST_ROWS:,} transfers are left in this table.",
                where=row.where,
                advice="A run keeps each of them in its result. Leave some out with `max_order` "
                "and `exclude`, or give their columns to taskspace.solve_policy, which has solved "
                "ten million.",
            )
        transfer = _transfer(row, supervised, table.coefficient)
        costs.add(transfer)
        # The root is taken of at most 1.
        clipped += root and transfer.value == 1 and (row.value("affinity") or 0) > 1
        found.append(transfer)
        places.append(row.place)
    transfers = _with_own_networks(description, found, table.coefficient)
    if (twice := transfers.duplicate()) is not None:
        earlier, later = (located(description.table, places[row]) for row in twice)
        raise TableError(
            f"The transfer {_named(transfers[twice[1]])} was there before, at {earlier}.",
            where=later,
            advice="Keep one of the two rows.",
        )
    check_transfers(description, supervised, transfers, left_out)
    check_costs(description, transfers)
    record = TableRecord(
        transfers=len(transfers) - int(transfers.supervised.sum()),
        targets=sorted(transfers.named(transfers.target)),
        sources=sorted(transfers.named(transfers.member)),
        left_out=dict(sorted(left_out.reasons.items())),
    )
    findings = table_findings(
        record, transfers, left_out, costs=costs, label_costs=description.costs, clipped=clipped
    )
    if table.matrix_sources is not None:
        findings += tuple(name_findings(description, record, table.matrix_sources))
    return TransferTable(transfers, record, description.costs, findings)


def _supervised(description: AffinityTable, table: TableRows) -> str | None:
    """Return the source that stands for supervised networks; in a matrix it may be left out."""
    named = "supervised" in description.model_fields_set
    sources = table.matrix_sources
    return (
        None
        if sources is not None and not named and "self" not in sources
        else (description.supervised)
    )


def _transfer(row: Row, supervised: str | None, coefficient: Coefficient) -> Transfer:
    sources = row.sources
    if supervised in sources:
        if len(sources) > 1:
            raise TableError(
                f"The sources {'+'.join(sources)} join the supervised network with others.",
                where=row.where,
                advice=f"{supervised!r} stands alone; it is named in `supervised`.",
            )
        sources = (row.target,)
    measured = row.value(measured_by(coefficient))
    if measured is None:
        raise TypeError(f"{row.where}: rows without a value are left out before.")
    try:
        value = coefficient_value(coefficient, measured)
    except InputError as error:
        raise TableError(error.what, where=row.where) from error
    cost = row.value("cost") or 0.0
    if cost < 0:
        raise TableError(
            f"The cost of {row.transfer} is {cost:g}.",
            where=row.where,
            advice="What labels cost is at least 0.",
        )
    return Transfer(row.target, sources, value, row.share("gain"), row.share("quality"), cost)


def _with_own_networks(
    description: AffinityTable, found: GrowingTransfers, coefficient: Coefficient
) -> Transfers:
    """Return the transfers, with the one value that a job gives for networks without a row."""
    transfers = found.transfers()
    if description.supervised_value is None or not transfers:
        return transfers
    measured = description.supervised_value
    if measured > 1 and coefficient in ("gain", "quality"):
        raise InputError(
            f"The {coefficient} of supervised networks is {measured:g}.",
            where="affinities.supervised_value",
            advice="It is a win rate: a fraction from 0 to 1.",
        )
    own = transfers.named(transfers.target[transfers.supervised])
    for target in sorted(transfers.named(transfers.target) - own):
        found.append(
            Transfer(
                target,
                (target,),
                coefficient_value(coefficient, measured),
                measured if coefficient == "gain" else None,
                measured if coefficient == "quality" else None,
            )
        )
    return found.transfers()


def _named(transfer: Transfer) -> str:
    return f"{'+'.join(transfer.sources)} -> {transfer.target}"

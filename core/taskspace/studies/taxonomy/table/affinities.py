"""Tables of transfers that somebody else measured: the `affinities` of a taxonomy job."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from taskspace.components import JobPath
from taskspace.errors import InputError, TableError
from taskspace.policy import (
    Coefficient,
    PolicyProblem,
    Transfer,
    coefficient_value,
    measured_by,
)
from taskspace.studies.taxonomy.result.model import TableRecord
from taskspace.studies.taxonomy.table.rows import Row, read_rows
from taskspace.tables import located

if TYPE_CHECKING:
    from taskspace.policy.model.transfers import Transfers

MOST_ROWS = 1_000_000
"""Transfers of a table that a job may have; a run of 250,000 takes 0.35 GB and 20 seconds."""

_CONFIG = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Columns(BaseModel):
    """How the columns of a table are called."""

    model_config = _CONFIG

    target: str = Field("target", description="The task that is served.")
    sources: str = Field("sources", description="The tasks that serve it, joined by '+'.")
    affinity: str = Field("affinity_ahp", description="Standing among the target's competitors.")
    gain: str = Field(
        "winrate_vs_pixels_scratch_gain",
        description="Win rate against training from scratch, a fraction.",
    )
    quality: str = Field(
        "winrate_vs_task_fully_supervised_quality",
        description="Win rate against the supervised network, a fraction.",
    )
    cost: str = Field(
        "label_cost",
        description="What the labels cost that the transfer is trained with; nothing where the "
        "table has no such column.",
    )


class AffinityTable(BaseModel):
    """A table of transfers, instead of tasks to train; the defaults are the published ones'."""

    model_config = _CONFIG

    table: JobPath = Field(description="A CSV file with a header, or a JSON list of records.")
    columns: Columns = Field(Columns(), description="How the columns are called.")
    coefficient: Coefficient = Field(
        "sqrt_affinity", description="Which measurement the policy adds up, and how."
    )
    supervised: str | None = Field(
        "self",
        description="The source that stands for the target's supervised network; other rows with "
        "the target among their sources are then left out. Null: a row whose only source is its "
        "target is the supervised network.",
    )
    max_order: int | None = Field(
        None, ge=1, description="Transfers from more sources are left out; null keeps all."
    )
    source_only: list[str] | None = Field(
        None,
        description="Sources that are no target; rows into them are left out. Null: whichever "
        "sources have no row into them.",
    )
    exclude: list[str] = Field(
        [], description="Tasks to leave out: all rows with one of them as target or source."
    )


@dataclass(frozen=True)
class TransferTable:
    """The transfers of a table, and what a result says of it.

    In the record, the transfers are those beside the supervised networks. Rows are left out for
    `missing value`, `order`, `excluded`, `own encoder` and `into a source-only task`.
    """

    transfers: Transfers
    record: TableRecord

    def problem(self, **options: Any) -> PolicyProblem:
        """Return the policy problem; the options are those of `PolicyProblem.of`."""
        return PolicyProblem.of(self.transfers, **options)


def read_table(description: AffinityTable) -> TransferTable:
    """Return the transfers of a table, row after row; the file is never in memory as a whole.

    Raises:
        TableError: if the file is absent or unreadable, or a row cannot be used; with its line.
    """
    from taskspace.policy.model.reading import GrowingTransfers  # noqa: PLC0415  NumPy

    dropped: Counter[str] = Counter()
    places = array("q")
    found = GrowingTransfers()
    for row in read_rows(description.table, description.columns.model_dump(), _needed(description)):
        reason = _left_out(description, row)
        if reason is not None:
            dropped[reason] += 1
            continue
        if len(places) == MOST_ROWS:
            raise TableError(
                f"More than {MOST_ROWS:,} transfers are left in this table.",
                where=row.where,
                advice="A run keeps each of them in its result. Leave some out with `max_order` "
                "and `exclude`, or give their columns to taskspace.solve_policy, which has solved "
                "ten million.",
            )
        found.append(_transfer(description, row))
        places.append(row.place)
    transfers = found.transfers()
    if (twice := transfers.duplicate()) is not None:
        earlier, later = (located(description.table, places[row]) for row in twice)
        transfer = transfers[twice[1]]
        raise TableError(
            f"The transfer {'+'.join(transfer.sources)} -> {transfer.target} was there before, "
            f"at {earlier}.",
            where=later,
            advice="Keep one of the two rows.",
        )
    return _checked(description, transfers, dropped)


def _needed(description: AffinityTable) -> set[str]:
    """Return the columns that must be there: those the coefficient needs, and those it names."""
    named = description.columns.model_fields_set
    return {"target", "sources", measured_by(description.coefficient), *named}


def _left_out(description: AffinityTable, row: Row) -> str | None:
    names = {row.target, *row.sources}
    if names.intersection(description.exclude):
        return "excluded"
    if row.target in (description.source_only or ()):
        return "into a source-only task"
    if description.max_order is not None and len(row.sources) > description.max_order:
        return "order"
    if description.supervised is not None and row.target in row.sources:
        return "own encoder"
    if row.value(measured_by(description.coefficient)) is None:
        return "missing value"
    return None


def _transfer(description: AffinityTable, row: Row) -> Transfer:
    sources = row.sources
    if description.supervised in sources:
        if len(sources) > 1:
            raise TableError(
                f"The sources {'+'.join(sources)} join the supervised network with others.",
                where=row.where,
                advice=f"{description.supervised!r} stands alone; it is named in `supervised`.",
            )
        sources = (row.target,)
    measured = row.value(measured_by(description.coefficient))
    if measured is None:
        raise TypeError(f"{row.where}: rows without a value are left out before.")
    try:
        value = coefficient_value(description.coefficient, measured)
    except InputError as error:
        raise TableError(error.what, where=row.where) from error
    cost = row.value("cost") or 0.0
    if cost < 0:
        raise TableError(
            f"The cost of {'+'.join(row.sources)} -> {row.target} is {cost:g}.",
            where=row.where,
            advice="What labels cost is at least 0.",
        )
    return Transfer(row.target, sources, value, row.share("gain"), row.share("quality"), cost)


def _checked(description: AffinityTable, found: Transfers, dropped: Counter[str]) -> TransferTable:
    where = str(description.table)
    if not found:
        raise TableError(
            f"No row is left: {_counts(dropped) or 'there are only headers'}.",
            where=where,
            advice="Relax `max_order` and `exclude`, or choose another coefficient.",
        )
    targets, sources = found.named(found.target), found.named(found.member)
    unknown = (
        set() if description.source_only is None else sources - targets - {*description.source_only}
    )
    if unknown:
        raise TableError(
            f"No row says how to serve {_listed(unknown)}, used as sources.",
            where=where,
            advice="Name them in `source_only`, or in `exclude`; if one of them stands for the "
            "supervised network, in `supervised`.",
        )
    supervised = found.named(found.target[found.supervised])
    unsupervised = (targets & sources) - supervised
    if unsupervised:
        raise TableError(
            f"There is no supervised network for {_listed(unsupervised)}, which serve others.",
            where=where,
            advice="Name in `supervised` the source that stands for it, or set it to null where a "
            "row whose only source is its target does; if such rows lack the value that the "
            "coefficient needs, choose another coefficient.",
        )
    record = TableRecord(
        transfers=len(found) - int(found.supervised.sum()),
        targets=sorted(targets),
        sources=sorted(sources),
        left_out=dict(sorted(dropped.items())),
    )
    return TransferTable(found, record)


def _counts(dropped: Mapping[str, int]) -> str:
    return ", ".join(f"{number} left out ({reason})" for reason, number in dropped.items())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))

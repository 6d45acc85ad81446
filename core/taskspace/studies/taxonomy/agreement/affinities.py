"""First-order affinities out of a run's result, or out of a published table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from taskspace.errors import TableError
from taskspace.studies.taxonomy.dictionary import OFFICIAL_NAMES
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace.studies.taxonomy.table.rows import Row, open_rows
from taskspace.tables import located

Affinities: TypeAlias = Mapping[str, Mapping[str, float]]
"""Target to source to value; only the order of one target's sources means something."""

_OURS = {official: ours for ours, official in OFFICIAL_NAMES.items()}
_NO_SOURCE = frozenset({"self", "pixels"})
"""What the published tables call the supervised network, and no source at all."""


def measured_affinities(result: TaxonomyResult) -> dict[str, dict[str, float]]:
    """Return the affinities of a run's first-order transfers, the target's own encoder left out.

    Empty where the run has none: it solved a table, or ended before its transfers.
    """
    found: dict[str, dict[str, float]] = {}
    for row in result.transfers:
        if row.order == 1 and not row.supervised and row.sources != [row.target]:
            found.setdefault(row.target, {})[row.sources[0]] = row.affinity
    return found


def published_affinities(
    table: Path, statistic: Literal["affinity", "gain", "quality"] = "affinity"
) -> dict[str, dict[str, float]]:
    """Return a statistic of a table's first-order transfers, under our names of the tasks.

    Left out are the supervised network, the target's own encoder and empty cells; names that the
    dictionary does not have stay as they are.

    Raises:
        TableError: with the line, if the table cannot be read or names a transfer twice.
    """
    found: dict[str, dict[str, float]] = {}
    lines: dict[tuple[str, str], Row] = {}
    with open_rows(AffinityTable(table=table, coefficient=statistic)) as opened:
        for row in opened.rows:
            if len(row.sources) > 1 or row.sources[0] in _NO_SOURCE | {row.target}:
                continue
            value = row.value(statistic)
            if value is None:
                continue
            target, source = (_OURS.get(name, name) for name in (row.target, row.sources[0]))
            if (before := lines.setdefault((target, source), row)) is not row:
                raise TableError(
                    f"The transfer {row.sources[0]} -> {row.target} was there before, at "
                    f"{located(before.file, before.place)}.",
                    where=row.where,
                    advice="Keep one of the two rows.",
                )
            found.setdefault(target, {})[source] = value
    return found

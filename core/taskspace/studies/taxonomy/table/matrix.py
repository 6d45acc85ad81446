"""Matrices of first-order transfers: sources down, targets across."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from taskspace.errors import TableError
from taskspace.policy import Coefficient, measured_by
from taskspace.studies.taxonomy.table.columns import MEASURED, check_title
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace.studies.taxonomy.table.matrix_names import check_names, is_number
from taskspace.tables import DelimitedText, Header, open_delimited

SIDES = ("target", "sources")
LOOKED_AT = 20
"""Rows by which a matrix is recognised: one of their names is a column's, too."""


def is_matrix(description: AffinityTable, advice: str) -> bool:
    """Return whether a CSV file is a matrix: the job says so, or it looks like one.

    It does where its rows begin with names of its columns, whatever their cells hold, so that
    what keeps it from being read as a matrix is told of its cells; or where its first row holds
    numbers alone.

    Raises:
        TableError: if the file cannot be read.
    """
    if description.layout is not None:
        return description.layout == "matrix"
    if description.columns.model_fields_set:
        return False
    names = list(description.columns.model_dump().values())
    with open_delimited(description.table, advice, names) as table:
        return not _has_columns(table.header, names) and _looks_like_one(table)


def _has_columns(header: Header, names: Collection[str]) -> bool:
    """Return whether a header names columns of transfers; one that has a single cell does not."""
    sides = [header.find(name) for name in SIDES]
    # In the first cell alone, such a name may say what the rows of a matrix are.
    measured = (header.find(name) for name in (*names, *MEASURED) if name not in SIDES)
    return any(sides) or (0 in sides and any(place is not None for place in measured))


def _looks_like_one(table: DelimitedText) -> bool:
    targets = {name.casefold() for name in table.header.names[1:]}
    rows = [cells for _, cells in islice(table.rows, LOOKED_AT)] if targets else []
    named = any(cells[0].strip().casefold() in targets for cells in rows)
    return named or (bool(rows) and all(map(is_number, rows[0][1:])))


def matrix_measurement(
    description: AffinityTable, advice: str
) -> tuple[frozenset[str], Coefficient]:
    """Return the names of a matrix's rows, and what the policy adds up of its cells.

    Raises:
        TableError: if it has no targets, a name is empty or there twice, or the job names columns.
    """
    if description.columns.model_fields_set:
        raise TableError(
            "A matrix has a column for each target, and `affinities.columns` has no use.",
            where=str(description.table),
            advice="Take it out, or set `affinities.layout` to rows.",
        )
    lines: dict[str, int] = {}
    with open_delimited(description.table, advice) as table:
        header = table.header
        check_title(header)
        if len(header) < 2:
            raise TableError(
                f"The header has {len(header)} columns; a matrix has one of sources and one for "
                "each target.",
                where=header.where,
                advice="Write the names of the targets into the first row, from the second cell.",
            )
        targets = header.names[1:]
        if not all(targets) or len({*targets}) < len(targets):
            raise TableError(
                "A target in the header has no name, or is there twice.",
                where=header.where,
                advice="Give each target one column.",
            )
        for line, cells in table.rows:
            source = cells[0].strip()
            if not source or lines.setdefault(source, line) != line:
                raise TableError(
                    f"The source {source!r} has a row before, at line {lines[source]}."
                    if source
                    else "The row has no source in its first cell.",
                    where=f"{table.file}:{line}",
                    advice="Give each source one row that begins with its name.",
                )
    check_names(description, header, lines)
    return frozenset(lines), description.coefficient or "sqrt_affinity"


def matrix_cells(
    table: DelimitedText, coefficient: Coefficient
) -> Iterator[tuple[int, str, str, dict[str, str]]]:
    """Yield line, source, target and what was measured of a matrix, row by row."""
    measured = measured_by(coefficient)
    targets = table.header.names[1:]
    for line, cells in table.rows:
        source = cells[0].strip()
        for target, cell in zip(targets, cells[1:], strict=True):
            yield line, source, target, {measured: cell}

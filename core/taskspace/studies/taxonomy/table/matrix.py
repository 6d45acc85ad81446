"""Matrices of first-order transfers: sources down, targets across."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from taskspace.errors import TableError
from taskspace.policy import Coefficient, measured_by
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace.tables import DelimitedText, NoNumber, Numbers, open_delimited


def is_matrix(description: AffinityTable, advice: str) -> bool:
    """Return whether a CSV file is a matrix: the job says so, or it looks like one.

    Raises:
        TableError: if the file cannot be read.
    """
    if description.layout is not None:
        return description.layout == "matrix"
    if description.columns.model_fields_set:
        return False
    names = list(description.columns.model_dump().values())
    with open_delimited(description.table, advice, names) as table:
        known = [table.header.find(name) for name in ("target", "sources")]
        if len(table.header) < 2 or any(place is not None for place in known):
            return False
        first = next(iter(islice(table.rows, 1)), None)
        return first is not None and all(map(_is_number, first[1][1:]))


def _is_number(cell: str) -> bool:
    try:
        Numbers(decimal_comma=True).parse(cell)
    except NoNumber:
        return False
    return True


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
        if lines and all(map(_is_number, lines)) and not lines.keys() & {*targets}:
            raise TableError(
                "The first column of a matrix names sources, and here it holds numbers: "
                f"{', '.join(map(repr, list(lines)[:3]))}, ...",
                where=f"{table.file}:{next(iter(lines.values()))}",
                advice="Write the name of its source before each row, and one more cell before the "
                "names of the targets.",
            )
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

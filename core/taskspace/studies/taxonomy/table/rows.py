"""Rows of a table of transfers, one at a time, each with its place."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskspace.errors import TableError
from taskspace.policy import Coefficient
from taskspace.studies.taxonomy.table.columns import FoundColumns, check_title, found_columns
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace.studies.taxonomy.table.matrix import is_matrix, matrix_cells, matrix_measurement
from taskspace.studies.taxonomy.table.records import header_of, json_records
from taskspace.tables import DelimitedText, NoNumber, Numbers, located, open_delimited

PUBLISHED = (
    "Give the path of a table of transfers. The official results of Taskonomy are published in "
    "the folder results/ of github.com/StanfordVL/taskonomy."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One transfer as it stands in a file.

    Attributes:
        place: the line of a CSV file, or minus the number of a JSON record.
        cells: what is measured (affinity, gain, quality, cost) to its cell.
    """

    file: Path
    place: int
    target: str
    sources: tuple[str, ...]
    cells: Mapping[str, Any]
    numbers: Numbers

    @property
    def where(self) -> str:
        """Return file and line, or file and record."""
        return located(self.file, self.place)

    @property
    def transfer(self) -> str:
        """Return its name: `a+b -> t`."""
        return f"{'+'.join(self.sources)} -> {self.target}"

    def value(self, name: str) -> float | None:
        """Return a number, or None where there is none.

        Raises:
            TableError: if the cell holds something else.
        """
        cell = self.cells.get(name)
        try:
            return self.numbers.parse(cell)
        except NoNumber as error:
            percent = isinstance(cell, str) and cell.strip().endswith("%")
            raise TableError(
                f"The {name} of {self.transfer} is {cell!r}, {error.fault}.",
                where=self.where,
                advice="Write a fraction, such as 0.9 for 90%." if percent else error.advice,
            ) from error

    def share(self, name: str) -> float | None:
        """Return a fraction from 0 to 1, or None where there is none.

        Raises:
            TableError: if the cell holds something else.
        """
        number = self.value(name)
        if number is not None and not 0 <= number <= 1:
            raise TableError(
                f"The {name} of {self.transfer} is {number:g}.",
                where=self.where,
                advice="It is a win rate: a fraction from 0 to 1, not a percentage.",
            )
        return number


@dataclass(frozen=True)
class TableRows:
    """A table of transfers that is being read.

    Attributes:
        coefficient: what the policy adds up.
        matrix_sources: the names of a matrix's rows; None where each row is a transfer.
        cost_column: what the column of costs is called; None where there is none.
    """

    coefficient: Coefficient
    rows: Iterator[Row]
    matrix_sources: frozenset[str] | None = None
    cost_column: str | None = None


@contextmanager
def open_rows(description: AffinityTable) -> Iterator[TableRows]:
    """Open a `.json` file, or any other file as CSV.

    Raises:
        TableError: with the line, here or while rows are read, if the file cannot be read.
    """
    file = description.table
    if file.suffix.lower() == ".json":
        records = json_records(file, PUBLISHED)
        columns = found_columns(description, header_of(file, records))
        rows = _json_rows(description, records, columns)
        yield TableRows(columns.coefficient, rows, cost_column=columns.names.get("cost"))
        return
    names = list(description.columns.model_dump().values())
    if is_matrix(description, PUBLISHED):
        sources, coefficient = matrix_measurement(description, PUBLISHED)
        with open_delimited(file, PUBLISHED) as table:
            yield TableRows(coefficient, _matrix_rows(table, coefficient), sources)
        return
    with open_delimited(file, PUBLISHED, names) as table:
        check_title(table.header)
        columns = found_columns(description, table.header)
        rows = _csv_rows(description, table, columns)
        yield TableRows(columns.coefficient, rows, cost_column=columns.names.get("cost"))


def _csv_rows(
    description: AffinityTable, table: DelimitedText, columns: FoundColumns
) -> Iterator[Row]:
    places = {what: table.header.names.index(name) for what, name in columns.names.items()}
    for line, cells in table.rows:
        values = {what: cells[place] for what, place in places.items()}
        yield _row(description, line, values, table.numbers)


def _matrix_rows(table: DelimitedText, coefficient: Coefficient) -> Iterator[Row]:
    for line, source, target, measured in matrix_cells(table, coefficient):
        names = sys.intern(target), (sys.intern(source),)
        yield Row(table.file, line, *names, measured, table.numbers)


def _json_rows(
    description: AffinityTable, records: list[Any], columns: FoundColumns
) -> Iterator[Row]:
    numbers = Numbers()
    keys = {what: name.casefold() for what, name in columns.names.items()}
    for number, record in enumerate(records, 1):
        named = (
            {name.strip().casefold(): value for name, value in record.items()}
            if isinstance(record, dict)
            else {}
        )
        values = {what: named[key] for what, key in keys.items() if key in named}
        if not columns.needed <= set(values):
            raise TableError(
                "The record does not have all of "
                f"{', '.join(sorted(columns.names[what] for what in columns.needed))}.",
                where=located(description.table, -number),
                advice="A value that was not measured is null.",
            )
        yield _row(description, -number, values, numbers)


def _row(description: AffinityTable, place: int, cells: dict[str, Any], numbers: Numbers) -> Row:
    separator = description.separator
    target, joined = cells.pop("target"), cells.pop("sources")
    listed = joined.split(separator) if isinstance(joined, str) else joined
    file = description.table
    if not isinstance(target, str) or not isinstance(listed, list):
        raise TableError(
            f"The target is {target!r} and the sources are {joined!r}.",
            where=located(file, place),
            advice=f"A target is a name; sources are names joined by {separator!r}, or a list of "
            "names.",
        )
    if isinstance(joined, str) and separator in target:
        raise TableError(
            f"The target {target!r} has a {separator!r} in its name, which joins the sources of a "
            "transfer.",
            where=located(file, place),
            advice="Rename the task, or set `affinities.separator` to what joins sources and is "
            "in no name, such as '|'.",
        )
    names = [
        target.strip(),
        *(source.strip() if isinstance(source, str) else "" for source in listed),
    ]
    if not all(names) or len(names) == 1 or len(set(names[1:])) < len(names) - 1:
        raise TableError(
            f"The target is {target!r} and the sources are {joined!r}: a name is empty or there "
            "twice.",
            where=located(file, place),
            advice=f"Sources are joined by {separator!r}; where it is part of a name, set "
            "`affinities.separator` to something else.",
        )
    # One object a name: a table has millions of rows and a few thousand names.
    return Row(file, place, sys.intern(names[0]), tuple(map(sys.intern, names[1:])), cells, numbers)

"""Rows of a table of transfers from CSV or JSON, one at a time, each with its place."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskspace.errors import TableError
from taskspace.regular_file import read_regular
from taskspace.tables import (
    DelimitedText,
    NoNumber,
    Numbers,
    decoded,
    located,
    open_delimited,
    readable_table,
)

PUBLISHED = (
    "Give the path of a table of transfers. The official results of Taskonomy are published in "
    "the folder results/ of github.com/StanfordVL/taskonomy."
)

NAMING = (
    "Name the columns as the official tables do; in a job, `affinities.columns` may say how "
    "target, sources, affinity, gain and quality are called."
)

LARGEST_JSON = 256 * 2**20
"""Bytes; as Python's objects it takes almost four times as much memory."""


@dataclass(frozen=True, slots=True)
class Row:
    """One transfer as it stands in a file.

    Attributes:
        place: the line of a CSV file, or minus the number of a JSON record.
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

    def value(self, name: str) -> float | None:
        """Return a number, or None where there is none.

        Raises:
            TableError: if the cell holds something else.
        """
        cell = self.cells.get(name)
        try:
            return self.numbers.parse(cell)
        except NoNumber as error:
            raise TableError(
                f"The {name} of {'+'.join(self.sources)} -> {self.target} is {cell!r}, "
                f"{error.fault}.",
                where=self.where,
                advice=error.advice,
            ) from error

    def share(self, name: str) -> float | None:
        """Return a fraction from 0 to 1, or None where there is none.

        Raises:
            TableError: if the cell holds something else.
        """
        number = self.value(name)
        if number is not None and not 0 <= number <= 1:
            raise TableError(
                f"The {name} of {'+'.join(self.sources)} -> {self.target} is {number:g}.",
                where=self.where,
                advice="It is a win rate: a fraction from 0 to 1, not a percentage.",
            )
        return number


def read_rows(file: Path, columns: Mapping[str, str], needed: set[str]) -> Iterator[Row]:
    """Yield the rows of a `.json` file, or of any other file as CSV.

    Args:
        columns: what a column holds (target, sources, affinity, gain, quality) to its name.
        needed: of these, the ones that must be there.

    Raises:
        TableError: with the line, if the file cannot be read.
    """
    if file.suffix.lower() != ".json":
        with open_delimited(file, PUBLISHED, columns.values()) as table:
            yield from _csv_rows(table, columns, needed)
        return
    with readable_table(file, PUBLISHED):
        yield from _json_rows(file, columns, needed)


def _csv_rows(table: DelimitedText, columns: Mapping[str, str], needed: set[str]) -> Iterator[Row]:
    header = table.header
    for what in sorted(needed, key=columns.__getitem__):
        header.needed(columns[what], NAMING)
    places = {what: header.find(name) for what, name in columns.items()}
    where = {what: place for what, place in places.items() if place is not None}
    for line, cells in table.rows:
        values = {what: cells[column] for what, column in where.items()}
        yield _row(table.file, line, values, table.numbers)


def _json_rows(file: Path, columns: Mapping[str, str], needed: set[str]) -> Iterator[Row]:
    if file.stat().st_size > LARGEST_JSON:
        raise TableError(
            f"This JSON has {file.stat().st_size / 2**20:.0f} MiB, and is read as a whole.",
            where=str(file),
            advice=f"Beyond {LARGEST_JSON / 2**20:.0f} MiB give a CSV file, which is read row by "
            "row.",
        )
    text = decoded(read_regular(file))
    try:
        records = json.loads(text)
    except json.JSONDecodeError as error:
        raise TableError(
            f"This is no JSON: {error.msg}.", where=f"{file}:{error.lineno}:{error.colno}"
        ) from error
    except (RecursionError, ValueError) as error:
        raise TableError(
            "This JSON is nested too deeply, or has a number of thousands of digits.",
            where=str(file),
        ) from error
    if isinstance(records, dict):
        records = records.get("transfers")
    if not isinstance(records, list):
        raise TableError(
            "This JSON is no list of records, nor an object with one as `transfers`.",
            where=str(file),
        )
    numbers = Numbers()
    for number, record in enumerate(records, 1):
        named = _by_name(record) if isinstance(record, dict) else {}
        values = {
            what: named[name.strip().casefold()]
            for what, name in columns.items()
            if name.strip().casefold() in named
        }
        if not needed <= set(values):
            raise TableError(
                "The record does not have all of "
                f"{', '.join(sorted(columns[what] for what in needed))}.",
                where=located(file, -number),
                advice="A value that was not measured is null.",
            )
        yield _row(file, -number, values, numbers)


def _by_name(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name.strip().casefold(): value for name, value in record.items()}


def _row(file: Path, place: int, cells: dict[str, Any], numbers: Numbers) -> Row:
    target, joined = cells.pop("target"), cells.pop("sources")
    listed = joined.split("+") if isinstance(joined, str) else joined
    if not isinstance(target, str) or not isinstance(listed, list):
        raise TableError(
            f"The target is {target!r} and the sources are {joined!r}.",
            where=located(file, place),
            advice="A target is a name; sources are names joined by '+', or a list of names.",
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
        )
    # One object a name: a table has millions of rows and a few thousand names.
    return Row(file, place, sys.intern(names[0]), tuple(map(sys.intern, names[1:])), cells, numbers)

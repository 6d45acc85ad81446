"""Tables as text, a row at a time: the file is never in memory as a whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from taskspace.errors import TableError
from taskspace.regular_file import regular_stream
from taskspace.tables.encoding import START, encoding_of, undecodable
from taskspace.tables.header import Header
from taskspace.tables.numbers import Numbers
from taskspace.tables.places import readable_table
from taskspace.tables.separator import declared_separator, is_open, separator_of

LONGEST_HEADER, MOST_HEADER_LINES = 2**20, 100
"""Characters and lines; beyond them a quote was never closed."""


@dataclass(frozen=True)
class DelimitedText:
    """A table that is being read.

    Attributes:
        header: the names of the columns; none in an empty file.
        rows: the line in which a row begins, and its cells as they stand there, one a column.
            Rows of blank cells are left out.
        numbers: how numbers are written in this file.
    """

    file: Path
    header: Header
    rows: Iterator[tuple[int, list[str]]]
    numbers: Numbers


@contextmanager
def open_delimited(
    file: Path, advice: str, expected: Collection[str] = ()
) -> Iterator[DelimitedText]:
    """Open a table: UTF-8 or UTF-16 with a mark, parted by commas, semicolons or tabs.

    Args:
        file: a regular file.
        advice: what to do where it is not there.
        expected: names of columns that may be there, by which the separator is recognised.

    Raises:
        TableError: with the line, here or while rows are read, if the file cannot be read or
            decoded, a quote stands wrong, or a row is longer or shorter than the header. Blank
            cells beyond the header are no part of a row.
    """
    with readable_table(file, advice), regular_stream(file) as binary:
        start = binary.read(START)
        binary.seek(0)
        text = io.TextIOWrapper(binary, encoding_of(start), newline="")
        try:
            yield _table(file, text, expected)
        except UnicodeDecodeError as error:
            raise undecodable(error, _readable(regular_stream(file), error)) from error


def _readable(stream: BinaryIO, error: UnicodeDecodeError) -> str:
    """Return the text before the first line that cannot be decoded, and the line's beginning.

    The text is as many line ends as there were lines, so that it fits into memory.
    """
    with stream:
        if error.encoding.startswith("utf-16"):
            return stream.read().decode("utf-16", "ignore")
        for number, line in enumerate(stream):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as fault:
                return "\n" * number + line[: fault.start].decode("utf-8")
    return ""


def _table(file: Path, text: TextIO, expected: Collection[str]) -> DelimitedText:
    lines, header = [], ""
    first = 1
    declared = None
    while line := text.readline(LONGEST_HEADER):
        lines.append(line)
        if not header and declared is None and (declared := declared_separator(line)):
            first = len(lines) + 1
            continue
        if not header and not line.strip(" ,;\t\r\n"):
            first = len(lines) + 1
            continue
        header += line
        if not is_open(header) or len(lines) == MOST_HEADER_LINES or len(header) > LONGEST_HEADER:
            break
    where = f"{file}:{first}"
    separator = declared or separator_of(header, expected, where)
    rows = _rows(file, chain(lines, text), separator, first)
    _, names = next(rows, (first, []))
    numbers = Numbers(decimal_comma=separator == ";")
    columns = Header(names, where)
    return DelimitedText(file, columns, _checked(file, rows, len(columns)), numbers)


def _rows(
    file: Path, lines: Iterator[str], separator: str, first: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows from line `first` on, whatever their length."""
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            if line >= first and cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _misquoted(error, f"{file}:{line}", line, reader.line_num) from error


def _misquoted(error: csv.Error, where: str, first: int, last: int) -> TableError:
    if "expected after" in str(error):
        what = f"text follows a quote that ends a cell in line {last}"
    elif "unexpected end" in str(error) or "field larger" in str(error):
        what = f"a quote that is opened in the row of line {first} is not closed"
    else:
        what = str(error)
    return TableError(
        f"This is no CSV: {what}.",
        where=where,
        advice='A cell with separators or line ends stands in quotes ("a, b"); a quote inside it '
        'is written twice ("5"" wide").',
    )


def _checked(
    file: Path, rows: Iterator[tuple[int, list[str]]], width: int
) -> Iterator[tuple[int, list[str]]]:
    for line, cells in rows:
        if not cells[0].strip() and not any(map(str.strip, cells)):
            continue
        if len(cells) > width and not any(map(str.strip, cells[width:])):
            cells = cells[:width]  # noqa: PLW2901
        if len(cells) != width:
            raise TableError(
                f"The row has {len(cells)} cells; the header has {width}.",
                where=f"{file}:{line}",
                advice="Quote cells that hold a separator; leave cells blank where nothing is "
                "known.",
            )
        yield line, cells

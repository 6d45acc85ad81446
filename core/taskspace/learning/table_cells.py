"""Cells of a table that somebody else made, each with its place, for every study that reads one."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from taskspace.errors import TableError

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none"})
"""What a cell without a value says, in any case."""


def located(file: Path, place: int) -> str:
    """Return a place as a person looks for it: a line, or a record if the place is negative."""
    return f"{file}:{place}" if place > 0 else f"{file}, record {-place}"


@contextmanager
def readable_table(file: Path, advice: str) -> Iterator[None]:
    """Turn whatever keeps a file from being read into a TableError with `advice`."""
    if not file.exists():
        raise TableError("There is no such table.", where=str(file), advice=advice)
    if not file.is_file():
        raise TableError("This is no file.", where=str(file), advice=advice)
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(
            f"The table cannot be read: {error}.",
            where=str(file),
            advice="It must be a readable text file in UTF-8.",
        ) from error


def csv_lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of a CSV file's header, then of its rows; empty lines are left out.

    Raises:
        TableError: with the line, if this is no CSV, or a row is longer or shorter than the header.
    """
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            yield 1, header
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(header):
                    raise TableError(
                        f"The row has {len(cells)} cells; the header has {len(header)}.",
                        where=f"{file}:{reader.line_num}",
                    )
                yield reader.line_num, cells
        except csv.Error as error:
            raise TableError(
                f"This is no CSV: {error}.", where=f"{file}:{reader.line_num}"
            ) from error


def cell_number(cell: Any, what: str, where: str) -> float | None:
    """Return a cell's number, or None where it has none.

    Args:
        cell: text of a CSV file, or a JSON value.
        what: of which it is the number, for the error.
        where: its place, for the error.

    Raises:
        TableError: if the cell holds something else.
    """
    if cell is None or (isinstance(cell, str) and cell.strip().lower() in MISSING):
        return None
    try:
        number = math.nan if isinstance(cell, bool) else float(cell)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(cell, float) and math.isnan(cell):
        return None
    if not math.isfinite(number):
        raise TableError(
            f"The {what} is {cell!r}, which is no finite number.",
            where=where,
            advice="Write a number such as 12.5, without a unit; leave the cell empty where "
            "nothing was measured.",
        )
    return number

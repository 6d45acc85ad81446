"""Where a table goes wrong, and as which error a reader gets to know it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskspace.errors import DataError, TableError
from taskspace.regular_file import regular_stream
from taskspace.tables.encoding import SAVE_AS_UTF_8, UndecodableText


def located(file: Path, place: int) -> str:
    """Return a place as a person looks for it: a line, or a record if the place is negative."""
    return f"{file}:{place}" if place > 0 else f"{file}, record {-place}"


@contextmanager
def readable_table(file: Path, advice: str) -> Iterator[None]:
    """Turn whatever keeps a file from being read into a TableError with `advice`."""
    try:
        if not file.exists():
            raise TableError("There is no such table.", where=str(file), advice=advice)
        if not file.is_file():
            regular_stream(file).close()  # says what it is
        yield
    except UndecodableText as error:
        where = f"{file}:{error.line}"
        advice = error.advice
        if advice == SAVE_AS_UTF_8:
            advice += " A spreadsheet calls that 'CSV UTF-8'."
        raise TableError(error.what, where=where, advice=advice) from error
    except OSError as error:
        raise TableError(
            f"The table cannot be read: {error.strerror or error}.",
            where=str(file),
            advice="It must be a readable text file in UTF-8.",
        ) from error


@contextmanager
def data_errors() -> Iterator[None]:
    """Turn a TableError into a DataError that says the same: of tables that are part of a dataset.

    Raises:
        DataError: for each TableError.
    """
    try:
        yield
    except TableError as error:
        raise DataError(error.what, where=error.where, advice=error.advice) from error

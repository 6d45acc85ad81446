"""Tables of transfers in JSON: a list of records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from taskspace.errors import TableError
from taskspace.regular_file import read_regular
from taskspace.tables import Header, decoded, readable_table

LARGEST_JSON = 256 * 2**20
"""Bytes; as Python's objects it takes almost four times as much memory."""


def json_records(file: Path, advice: str) -> list[Any]:
    """Return the records of a file, or of the list `transfers` in it.

    Args:
        file: a regular file.
        advice: what to do where it is not there.

    Raises:
        TableError: if it cannot be read, or holds something else.
    """
    with readable_table(file, advice):
        if file.stat().st_size > LARGEST_JSON:
            raise TableError(
                f"This JSON has {file.stat().st_size / 2**20:.0f} MiB, and is read as a whole.",
                where=str(file),
                advice=f"Beyond {LARGEST_JSON / 2**20:.0f} MiB give a CSV file, which is read row "
                "by row.",
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
    return records


def header_of(file: Path, records: list[Any]) -> Header:
    """Return the keys of all records as the names of columns, each once."""
    keys: dict[str, str] = {}
    for record in records:
        for name in record if isinstance(record, dict) else ():
            keys.setdefault(name.strip().casefold(), name)
    return Header(list(keys.values()), str(file))

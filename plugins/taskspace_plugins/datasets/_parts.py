"""Which buildings of a folder are read: a list, or a part of an official split file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from taskspace.errors import DataError
from taskspace.regular_file import read_regular

PARTS = ("train", "val", "test")
_YES, _NO = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no", ""})


def chosen_buildings(
    there: Sequence[str], wanted: Sequence[str] | None, root: Path
) -> tuple[str, ...]:
    """Return those of the buildings that are wanted, in the order of the folder.

    Raises:
        DataError: if one that is wanted is not there.
    """
    if wanted is None:
        return tuple(there)
    absent = sorted(set(wanted) - set(there))
    if absent:
        raise DataError(
            f"There is no building {absent[0]!r} with images here; there are "
            f"{', '.join(there[:10])}{' and more' if len(there) > 10 else ''}.",
            where=str(root),
            advice="Name buildings as their folders are called, or leave `buildings` out.",
        )
    return tuple(name for name in there if name in set(wanted))


def read_split(path: Path, part: str | None) -> frozenset[str]:
    """Return the buildings of a part, or of all parts, of a split file.

    The first column names the building; the columns train, val and test say 1 or 0.

    Raises:
        DataError: if it cannot be read or lacks a column.
    """

    def wrong(what: str, line: int = 1) -> DataError:
        advice = "Use an official split file: columns `id,train,val,test`, a row for each building."
        return DataError(what, where=f"{path}:{line}", advice=advice)

    try:
        text = read_regular(path).decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise wrong(f"The split file cannot be read: {error}.") from error
    header = lines[0][1] if lines else []
    if not set(PARTS) <= set(header):
        raise wrong(f"Its columns are {header}; {', '.join(PARTS)} are not all among them.")
    columns = [header.index(name) for name in (PARTS if part is None else (part,))]
    found = set()
    for line, row in lines[1:]:
        said = [row[column].lower() if column < len(row) else "" for column in columns]
        if not set(said) <= _YES | _NO:
            raise wrong(f"The row of {row[0]!r} has something else than 1 and 0.", line)
        if _YES & set(said):
            found.add(row[0])
    return frozenset(found)

"""`labels.csv`: one row an image, one column a field."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from taskspace.errors import DataError
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.folders._listing import normal

NAME = "labels.csv"


@dataclass(frozen=True)
class LabelColumn:
    """The labels of all images in one field.

    Attributes:
        values: float32 [N] with NaN for missing, or int64 [N] class ids with -1 for missing.
        classes: the class names, sorted; None where the values are numbers.
    """

    values: np.ndarray
    classes: tuple[str, ...] | None


@dataclass(frozen=True)
class _Row:
    line: int
    file: str
    cells: tuple[str, ...]


def classes_of(words: Sequence[str | None]) -> LabelColumn:
    """Return class ids for words, in the order of the sorted words; None is missing."""
    classes = tuple(sorted({word for word in words if word is not None}))
    number = {word: index for index, word in enumerate(classes)}
    ids = [-1 if word is None else number[word] for word in words]
    return LabelColumn(np.array(ids, dtype=np.int64), classes)


def check_words(words: Sequence[str], labels: Mapping[str, LabelColumn]) -> None:
    """Check that each of these is a field of classes.

    Raises:
        DataError: if one is not.
    """
    classes = [name for name, column in labels.items() if column.classes is not None]
    for name in words:
        if name not in classes:
            raise DataError(
                f"There is no field of words {name!r}; there are "
                f"{', '.join(map(repr, classes)) or 'none'}.",
                where="dataset image_folder: words",
                advice=f"Name columns of {NAME}, or `class` where there are subfolders.",
            )


def read_labels(
    path: Path, images: Sequence[str], words: Collection[str] = ()
) -> dict[str, LabelColumn]:
    """Return the fields of a labels file, in the order of its columns.

    The first column is the image's name relative to the file's folder, with `/` between folders.
    Blank cells and images without a row are missing labels. Columns in `words` hold words even
    where they look like numbers.

    Raises:
        DataError: if it is unreadable, has no header, an unusable column name, rows of the wrong
            length, rows for unknown images, two rows for one image, or a column that mixes words
            and numbers or is empty.
    """
    header, rows = _rows(path)
    names = _field_names(path, header, images)
    _check_rows(path, rows, len(header), frozenset(images))
    by_file = {row.file: row for row in rows}
    return {
        name: _column(path, name, number, [by_file.get(i) for i in images], name in words)
        for number, name in enumerate(names)
    }


def _rows(path: Path) -> tuple[list[str], list[_Row]]:
    try:
        text = read_regular(path).decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, [normal(cell.strip()) for cell in row]) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"The labels cannot be read: {error}.",
            where=str(path),
            advice="Save them as comma-separated values in UTF-8.",
        ) from error
    filled = [(line, row) for line, row in lines if any(row)]
    if not filled:
        raise DataError(
            "The file of labels is empty.",
            where=str(path),
            advice="Give it a header (`file,...`) and a row for each image, or remove it.",
        )
    (_, header), *rest = filled
    return header, [
        _Row(line, row[0].replace("\\", "/").removeprefix("./"), tuple(row[1:]))
        for line, row in rest
    ]


def _field_names(path: Path, header: list[str], images: Sequence[str]) -> list[str]:
    def wrong(what: str, advice: str) -> DataError:
        return DataError(what, where=f"{path}:1", advice=advice)

    if header[0].replace("\\", "/").removeprefix("./") in images:
        raise wrong(
            f"The first row is about the image {header[0]!r}, so there is no header.",
            "Put a row with the names of the columns first: `file`, then one name a field.",
        )
    names = header[1:]
    if not names:
        raise wrong(
            f"The only column is {header[0]!r}; there is no label.",
            "Add a column a field, with commas (not semicolons or tabs) between columns.",
        )
    for column, name in enumerate(names, start=2):
        if not name:
            raise wrong(f"Column {column} has no name.", "Name the field that it holds.")
        if name == "image":
            raise wrong(
                f"Column {column} is called 'image', which is the field of the image itself.",
                "Rename the column.",
            )
        if name in names[: column - 2]:
            raise wrong(f"Two columns are called {name!r}.", "Rename or remove one of them.")
    return names


def _check_rows(path: Path, rows: list[_Row], width: int, images: frozenset[str]) -> None:
    def refuse(wrong: list[_Row], what: str, advice: str) -> None:
        if wrong:
            named = ", ".join(f"{row.file!r} (line {row.line})" for row in wrong[:LISTED])
            more = f" and {len(wrong) - LISTED} more" if len(wrong) > LISTED else ""
            raise DataError(
                f"{what}: {named}{more}.", where=f"{path}:{wrong[0].line}", advice=advice
            )

    refuse(
        [row for row in rows if len(row.cells) + 1 != width],
        f"The header has {width} columns and these rows have more or fewer",
        "Quote values that have commas in them; leave cells blank where a label is missing.",
    )
    seen: set[str] = set()
    repeated = [row for row in rows if row.file in seen or seen.add(row.file)]  # type: ignore[func-returns-value]
    refuse(repeated, "These images have more than one row", "Keep one row for each image.")
    refuse(
        [row for row in rows if row.file not in images],
        "There is no image for these rows",
        "Write names relative to the folder of labels.csv, with their endings (`cats/1.jpg`).",
    )


def _column(
    path: Path, name: str, number: int, rows: list[_Row | None], words: bool
) -> LabelColumn:
    cells = [(row.cells[number] or None) if row else None for row in rows]
    present = [row for row, cell in zip(rows, cells, strict=True) if row and cell is not None]
    if not present:
        raise DataError(
            f"The column {name!r} has no value for any image.",
            where=str(path),
            advice="Fill it or remove it.",
        )
    if words:
        return classes_of(cells)
    present.sort(key=lambda row: row.line)
    first = present[0]
    numeric = _number(first.cells[number]) is not None
    for row in present:
        if (_number(row.cells[number]) is not None) != numeric:
            raise DataError(
                f"The column {name!r} mixes numbers and words: line {first.line} has "
                f"{first.cells[number]!r} and line {row.line} has {row.cells[number]!r}.",
                where=f"{path}:{row.line}",
                advice="Numbers are regressed and words are classes: write numbers only, or turn "
                "class numbers into words (`class_3`); leave the cell blank for a missing label.",
            )
    if not numeric:
        return classes_of(cells)
    numbers = [math.nan if cell is None else float(cell) for cell in cells]
    return LabelColumn(np.array(numbers, dtype=np.float32), None)


def _number(text: str) -> float | None:
    """Return the finite float32 that `text` writes; Python's own `1_000` is a word here."""
    try:
        value = float(text)
    except ValueError:
        return None
    usable = "_" not in text and abs(value) <= float(np.finfo(np.float32).max)
    return value if usable else None

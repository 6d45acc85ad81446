"""The columns and rows of labels.csv, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace.tables import Numbers, data_errors, open_delimited
from taskspace_plugins.datasets.folders._listing import normal
from taskspace_plugins.datasets.folders._name_column import (
    NAME_HEADERS,
    NameColumn,
    is_index,
    name_column,
    written_name,
)
from taskspace_plugins.datasets.folders._row_images import LabelRow, rows_by_image


@dataclass(frozen=True)
class LabelRows:
    """What labels.csv says.

    Attributes:
        fields: name to the place of its column, in the order of columns.
        by_image: the row of each image that has one.
        numbers: how numbers are written in the file.
        findings: which column names the images, where that is not the first, and which rows are
            left out.
    """

    fields: dict[str, int]
    by_image: dict[str | None, LabelRow]
    numbers: Numbers
    findings: tuple[Finding, ...]


def read_rows(
    path: Path,
    images: Sequence[str],
    expected: Sequence[str],
    others: Collection[str] = (),
    *,
    skip_unknown: bool = False,
) -> LabelRows:
    """Return the rows of a labels file.

    Args:
        path: of the file.
        images: names of images relative to its folder, with `/` between folders.
        expected: names of columns that a job asks for.
        others: names of files beside the images that are not read.
        skip_unknown: whether rows about files that are not there are left out.

    Raises:
        DataError: if it is unreadable, has no header, an unusable column name, rows of the wrong
            length, rows for unknown images that are not left out, or two rows for one image.
    """
    lines: list[int] = []
    rows: list[tuple[str, ...]] = []
    with data_errors(), open_delimited(path, "Add it.", (*NAME_HEADERS, *expected)) as table:
        numbers = table.numbers
        where = table.header.where
        header = [normal(name) for name in table.header.names]
        for line, cells in table.rows:
            lines.append(line)
            rows.append(tuple(normal(cell.strip()) for cell in cells))
    if not header:
        raise DataError(
            "The file of labels is empty.",
            where=str(path),
            advice="Give it a header (`file,...`) and a row for each image, or remove it.",
        )
    for name in header:
        if written_name(name) in images:
            raise DataError(
                f"The first row is about the image {name!r}, so there is no header.",
                where=where,
                advice="Put a row with the names of the columns first: `file`, then one name a "
                "field.",
            )
    names = name_column(header, rows, images, others)
    fields = _fields(where, header, names)
    made = [
        LabelRow(line, cells[names.place], image, cells)
        for line, cells, image in zip(lines, rows, names.images, strict=True)
    ]
    own = rows_by_image(path, made, set(images), skip_unknown=skip_unknown)
    findings = (*_findings(path, header, names, fields), *own.findings)
    return LabelRows(fields, own.rows, numbers, findings)


def _fields(where: str, header: Sequence[str], names: NameColumn) -> dict[str, int]:
    def wrong(what: str, advice: str) -> DataError:
        return DataError(what, where=where, advice=advice)

    fields: dict[str, int] = {}
    for place, name in enumerate(header):
        if place == names.place or (place < names.place and is_index(name)):
            continue
        if not name:
            raise wrong(f"Column {place + 1} has no name.", "Name the field that it holds.")
        if name == "image":
            raise wrong(
                f"Column {place + 1} is called 'image', which is the field of the image itself.",
                "Rename the column.",
            )
        if name in fields:
            raise wrong(f"Two columns are called {name!r}.", "Rename or remove one of them.")
        fields[name] = place
    if not fields:
        raise wrong(
            f"The only column is {header[names.place]!r}; there is no label.",
            "Add a column a field, with commas, semicolons or tabs between columns.",
        )
    return fields


def _findings(
    path: Path, header: Sequence[str], names: NameColumn, fields: dict[str, int]
) -> tuple[Finding, ...]:
    if names.place == 0:
        return ()
    left_out = [
        repr(name) if name else "one without a name"
        for place, name in enumerate(header)
        if place < names.place and name not in fields
    ]
    index = f" Not read: {' and '.join(left_out)}, the index of a table." if left_out else ""
    text = f"In {path.name} column {names.place + 1}, {header[names.place]!r}, names the images."
    return (Finding("labels-name-column", "note", text + index),)

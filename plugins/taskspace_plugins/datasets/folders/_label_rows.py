"""The rows of labels.csv, each about an image, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace.tables import Numbers, data_errors, open_delimited
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.folders._listing import normal
from taskspace_plugins.datasets.folders._name_column import (
    NAME_HEADERS,
    NameColumn,
    is_index,
    name_column,
    written_name,
)


@dataclass(frozen=True)
class LabelRow:
    """A row about an image.

    Attributes:
        line: where it begins.
        written: the name of the image as it stands there.
        image: the name of the image.
        cells: without surrounding space, one a column of the file.
    """

    line: int
    written: str
    image: str | None
    cells: tuple[str, ...]


@dataclass(frozen=True)
class LabelRows:
    """What labels.csv says.

    Attributes:
        fields: name to the place of its column, in the order of columns.
        by_image: the row of each image that has one.
        numbers: how numbers are written in the file.
        findings: which column names the images, where that is not the first.
    """

    fields: dict[str, int]
    by_image: dict[str | None, LabelRow]
    numbers: Numbers
    findings: tuple[Finding, ...]


def read_rows(path: Path, images: Sequence[str], expected: Sequence[str]) -> LabelRows:
    """Return the rows of a labels file.

    Args:
        path: of the file.
        images: names of images relative to its folder, with `/` between folders.
        expected: names of columns that a job asks for.

    Raises:
        DataError: if it is unreadable, has no header, an unusable column name, rows of the wrong
            length, rows for unknown images, or two rows for one image.
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
    names = name_column(header, rows, images)
    fields = _fields(where, header, names)
    made = [
        LabelRow(line, cells[names.place], image, cells)
        for line, cells, image in zip(lines, rows, names.images, strict=True)
    ]
    _check(path, made, images)
    findings = _findings(path, header, names, fields)
    return LabelRows(fields, {row.image: row for row in made}, numbers, findings)


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


def _check(path: Path, rows: Sequence[LabelRow], images: Sequence[str]) -> None:
    def refuse(wrong: list[LabelRow], what: str, advice: str) -> None:
        if wrong:
            named = ", ".join(f"{row.written!r} (line {row.line})" for row in wrong[:LISTED])
            more = f" and {len(wrong) - LISTED} more" if len(wrong) > LISTED else ""
            raise DataError(
                f"{what}: {named}{more}.", where=f"{path}:{wrong[0].line}", advice=advice
            )

    unknown = [row for row in rows if row.image is None]
    refuse(
        unknown,
        "There is no image for these rows",
        f"{_in_another_case(unknown, images)}Write names relative to the folder of labels.csv, "
        "with their endings (`cats/1.jpg`); remove rows about images that are not there.",
    )
    seen: set[str | None] = set()
    repeated = [row for row in rows if row.image in seen or seen.add(row.image)]  # type: ignore[func-returns-value]
    refuse(repeated, "These images have more than one row", "Keep one row for each image.")


def _in_another_case(rows: Sequence[LabelRow], images: Sequence[str]) -> str:
    """Return for one of the rows that the image is called in another case, where one is."""
    if not rows:
        return ""
    names = {name.casefold(): name for name in images}
    for row in rows:
        name = names.get(written_name(row.written).casefold())
        if name is not None:
            return f"Upper and lower case count: {row.written!r} is called {name!r} there. "
    return ""


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

"""Rows of labels.csv that are about no image: left out and told, or refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace.layout.file_names import printable
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.folders._name_column import written_name
from taskspace_plugins.datasets.folders.files._reasons import EXAMPLES, counted_noun


@dataclass(frozen=True)
class LabelRow:
    """A row about an image.

    Attributes:
        line: where it begins.
        written: the name of the image as it stands there.
        image: the name of the image, or of a file that is none; None where there is no such file.
        cells: without surrounding space, one a column of the file.
    """

    line: int
    written: str
    image: str | None
    cells: tuple[str, ...]


@dataclass(frozen=True)
class RowsByImage:
    """The row of each image that has one, and a finding on each kind of rows without an image."""

    rows: dict[str | None, LabelRow]
    findings: tuple[Finding, ...]


def rows_by_image(
    path: Path, rows: Sequence[LabelRow], images: Collection[str], *, skip_unknown: bool
) -> RowsByImage:
    """Return the rows about images.

    Rows about a file that is there and not read (a HEIC, a video) are left out: why it is not read
    is told of the file. A row about a file that is not there may be a mistake in its name.

    Args:
        path: of labels.csv.
        rows: all of them.
        images: the names of all images.
        skip_unknown: whether rows about files that are not there are left out, too.

    Raises:
        DataError: if rows are about files that are not there and these are not left out or no row
            is about an image, or if an image has two rows.
    """
    unknown = [row for row in rows if row.image is None]
    if unknown and (not skip_unknown or not any(row.image in images for row in rows)):
        _refuse(path, unknown, "There is no image for these rows", _advice(unknown, images))
    own: dict[str | None, LabelRow] = {}
    repeated = []
    for row in rows:
        if row.image in own:
            repeated.append(row)
        elif row.image in images:
            own[row.image] = row
    if repeated:
        advice = "Keep one row for each image."
        _refuse(path, repeated, "These images have more than one row", advice)
    unread = [row for row in rows if row.image is not None and row.image not in images]
    return RowsByImage(own, (*_left_out(path, unread), *_left_out(path, unknown)))


def _left_out(path: Path, rows: Sequence[LabelRow]) -> Iterator[Finding]:
    if not rows:
        return
    one = len(rows) == 1
    if rows[0].image is None:
        code = "rows-without-image"
        because = (
            f"there is no image of {'this name' if one else 'these names'} and the job sets "
            "`rows_without_image: skip`"
        )
    else:
        code = "rows-not-read"
        because = "the file is not read as an image" if one else "the files are not read as images"
    some = "" if len(rows) <= EXAMPLES else "for example "
    what = f"{counted_noun(len(rows), 'row')} of {path.name}, {some}{_named(rows[:EXAMPLES])}"
    yield Finding(code, "warning", f"Not read: {what}, because {because}.")


def _named(rows: Sequence[LabelRow]) -> str:
    # Not as Python writes them: a backslash between folders would be two.
    return ", ".join(f"'{printable(row.written)}' (line {row.line})" for row in rows)


def _refuse(path: Path, wrong: Sequence[LabelRow], what: str, advice: str) -> None:
    more = f" and {len(wrong) - LISTED} more" if len(wrong) > LISTED else ""
    raise DataError(
        f"{what}: {_named(wrong[:LISTED])}{more}.",
        where=f"{path}:{wrong[0].line}",
        advice=advice,
    )


def _advice(rows: Sequence[LabelRow], images: Collection[str]) -> str:
    return (
        f"{_in_another_case(rows, images)}Write names relative to the folder of labels.csv, with "
        "their endings (`cats/1.jpg`). Where images are gone, remove their rows, or set "
        "`rows_without_image: skip` in the dataset to leave them out."
    )


def _in_another_case(rows: Sequence[LabelRow], images: Collection[str]) -> str:
    """Return for one of the rows that the image is called in another case, where one is."""
    names = {name.casefold(): name for name in images}
    for row in rows:
        name = names.get(written_name(row.written).casefold())
        if name is not None:
            return (
                f"Upper and lower case count: '{printable(row.written)}' is called '{name}' there. "
            )
    return ""

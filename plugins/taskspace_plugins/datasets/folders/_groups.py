"""Which images of a folder belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from taskspace.errors import DataError
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.columns._column import LabelColumn
from taskspace_plugins.datasets.folders._listing import ImageFile

FOLDER = "folder"
"""In place of a column: the subfolder directly below the root."""


def groups_of(
    images: Sequence[ImageFile], columns: Mapping[str, LabelColumn], group_by: str, path: Path
) -> tuple[str, ...]:
    """Return the group of each image.

    Args:
        images: those outside of subfolders are each a group of their own.
        columns: of labels.csv; the one to group by holds words.
        group_by: a column, or `FOLDER` where no column is called so.
        path: of labels.csv.

    Raises:
        DataError: if there is no such column, or an image has nothing in it.
    """
    column = columns.get(group_by)
    if column is None and group_by == FOLDER:
        return tuple(image.folder or image.name for image in images)
    if column is None:
        raise DataError(
            f"There is no column {group_by!r} to group images by.",
            where=str(path),
            advice=f"Columns: {', '.join(map(repr, columns)) or 'none'}. `{FOLDER}` groups by "
            "subfolder.",
        )
    alone = [i.name for i, v in zip(images, column.values, strict=True) if v < 0]
    if alone:
        more = f" and {len(alone) - LISTED} more" if len(alone) > LISTED else ""
        raise DataError(
            f"These images have no {group_by!r}: {', '.join(alone[:LISTED])}{more}.",
            where=str(path),
            advice="Fill the column in every row, so that no group is divided.",
        )
    names = column.classes or ()
    return tuple(names[number] for number in column.values)

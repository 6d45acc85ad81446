"""Which images of a folder belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from taskspace.errors import DataError
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.columns._column import LabelColumn
from taskspace_plugins.datasets.folders._listing import ImageFile
from taskspace_plugins.datasets.folders._missing_cells import kept_words

FOLDER = "folder"
"""In place of a column: the subfolder directly below the root, or the part."""

CONTENT = "content"
"""In place of a column: images that are equal byte for byte stay together."""


def groups_of(
    images: Sequence[ImageFile],
    columns: Mapping[str, LabelColumn],
    group_by: str,
    path: Path,
    folders: Sequence[str],
    same: Sequence[Sequence[int]],
) -> tuple[str, ...]:
    """Return the group of each image.

    Args:
        images: all of them.
        columns: of labels.csv; the one to group by holds words.
        group_by: a column, or `FOLDER` or `CONTENT` where no column is called so.
        path: of labels.csv.
        folders: the folder of each image, or its name where it lies in none.
        same: the numbers of images that are equal byte for byte.

    Raises:
        DataError: if there is no such column, or an image has nothing in it.
    """
    column = columns.get(group_by)
    if column is None and group_by == FOLDER:
        return tuple(folders)
    if column is None and group_by == CONTENT:
        groups = [image.name for image in images]
        for first, *others in same:
            for number in others:
                groups[number] = groups[first]
        return tuple(groups)
    if column is None:
        raise DataError(
            f"There is no column {group_by!r} to group images by.",
            where=str(path),
            advice=f"Columns: {', '.join(map(repr, columns)) or 'none'}. `{FOLDER}` groups by "
            f"subfolder, `{CONTENT}` keeps equal images together.",
        )
    alone = [i.name for i, v in zip(images, column.values, strict=True) if v < 0]
    if alone:
        more = f" and {len(alone) - LISTED} more" if len(alone) > LISTED else ""
        raise DataError(
            f"These images have no {group_by!r}: {', '.join(alone[:LISTED])}{more}.",
            where=str(path),
            advice="Give each a row with a name in this column, so that no group is divided. A "
            f"cell such as NA is no name, unless the dataset sets `{kept_words([group_by])}`.",
        )
    names = column.classes or ()
    return tuple(names[number] for number in column.values)

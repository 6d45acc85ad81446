"""Where the labels of a folder of images come from: subfolders and columns, none of them twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from taskspace.errors import DataError
from taskspace_plugins.datasets.columns._column import LabelColumn


def labels_by_field(
    classes: LabelColumn | None,
    columns: Mapping[str, LabelColumn],
    dense: Collection[str],
    path: Path,
) -> dict[str, LabelColumn]:
    """Return `class`, where there is one, and the columns.

    Args:
        classes: of subfolders.
        columns: of the file of labels.
        dense: the names of maps and masks.
        path: of the file of labels.

    Raises:
        DataError: if two of them have one name.
    """
    fields = {} if classes is None else {"class": classes}
    for name in columns:
        if name in dense or name in fields:
            other = "class subfolders" if name in fields else "a folder of maps or masks"
            raise DataError(
                f"There {'are' if name in fields else 'is'} {other} and a column {name!r}.",
                where=f"{path}:1",
                advice="Rename the column.",
            )
    if fields and "class" in dense:
        raise DataError(
            "There are class subfolders and a folder of maps or masks for 'class'.",
            where="dataset image_folder",
            advice="Give the field of the folder another name.",
        )
    return fields | dict(columns)


def as_written(kind: str, name: str, folder: str, pattern: str, *, below: bool = False) -> str:
    """Return how a job names a folder of labels and the pattern of its files.

    Args:
        kind: maps or masks.
        name: of the field.
        folder: as it is said now.
        pattern: of the files.
        below: whether `root` becomes a folder below what it is.
    """
    if below and not Path(folder).is_absolute():
        folder = f"../{folder}"
    return f"{kind}: {{{name}: {{folder: {folder}, name: '{pattern}'}}}}"

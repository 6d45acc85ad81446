"""Folders of maps and masks: what a user says of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated

import pydantic

from taskspace.errors import DataError
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets.folders.files._label_names import DEFAULT, check_pattern
from taskspace_plugins.datasets.folders.files._walk import normal

CLASSES = "classes.txt"


class LabelFolder(pydantic.BaseModel):
    """A folder with a file for each image."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    folder: str = pydantic.Field(min_length=1, description="Relative to `root`.")
    name: Annotated[str, pydantic.AfterValidator(check_pattern)] = pydantic.Field(
        DEFAULT,
        description="The file of an image, relative to the folder. Of the image `cats/a_01.jpg`, "
        "{path} is `cats/a_01`, {folder} `cats`, {stem} `a_01`, {name} `a_01.jpg` and {number} "
        "`01`. Without an ending, any that can be read.",
    )


class MapFolder(LabelFolder):
    """Numbers a pixel: PNG or TIFF of 8 or 16 bits, or .npy, [H, W] or [H, W, C]."""

    unit: float = pydantic.Field(
        1.0,
        gt=0,
        description="What a stored step of 1 is worth: 0.001 for millimetres that are to be "
        "metres.",
    )
    zero: float = pydantic.Field(0.0, description="The stored number that means 0.")
    missing: int | None = pydantic.Field(
        None,
        description="The stored number that means missing, in all channels; NaN and infinite "
        "numbers always do.",
    )


class MaskFolder(LabelFolder):
    """A class id a pixel: PNG or TIFF of ids or with a palette, or .npy of whole numbers."""

    missing: int | None = pydantic.Field(
        255,
        ge=-1,
        description="The id that means missing; negative ones always do. With null every id from 0 "
        "is a class, 255 too.",
    )


def label_path(root: Path, spec: LabelFolder, where: str) -> Path:
    """Return the folder of a field.

    Raises:
        DataError: if there is none, it is above the images, or it is their folder and no pattern of
            names tells labels from images.
    """
    path = root / spec.folder
    if not path.is_dir():
        raise DataError(
            f"There is no folder {spec.folder!r} in {root}.",
            where=where,
            advice="Name a folder relative to `root`.",
        )
    shared = root.resolve() == path.resolve() and spec.name not in (DEFAULT, "{folder}/{stem}")
    if root.resolve().is_relative_to(path.resolve()) and not shared:
        raise DataError(
            f"The folder {spec.folder!r} holds the images themselves.",
            where=where,
            advice="Give every field a folder of its own, beside or below the images; where the "
            f"files lie among them, say how they are named: `{{folder: {spec.folder}, name: "
            "'{path}_mask.png'}`.",
        )
    return path


def class_names(folder: Path) -> tuple[str, ...] | None:
    """Return the lines of `classes.txt`, the names of the ids 0, 1, ..., or None without it.

    Raises:
        DataError: if it is unreadable or empty, or has a blank line or a name twice.
    """
    path = folder / CLASSES
    if not path.exists():
        return None
    try:
        lines = read_regular(path).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"The names of the classes cannot be read: {error}.",
            where=str(path),
            advice="Save them in UTF-8, a name a line.",
        ) from error
    names = [normal(line.strip()) for line in lines]
    seen: set[str] = set()
    for number, name in enumerate(names, start=1):
        if not name or name in seen:
            raise DataError(
                f"The name {name!r} is there twice." if name else "This line is blank.",
                where=f"{path}:{number}",
                advice="Line n names the id n - 1: every id has one name of its own.",
            )
        seen.add(name)
    if not names:
        raise DataError(
            "There is no name in this file.",
            where=str(path),
            advice="Write a name a line, or remove it.",
        )
    return tuple(names)


def check_names(
    maps: Collection[str], masks: Collection[str], words: Sequence[str], group_by: str | None
) -> None:
    """Check that the fields that parameters name are different ones.

    Raises:
        ValueError: with the first name that stands for two things.
    """
    for name in (*maps, *masks):
        if name in ("", "image"):
            raise ValueError(f"no map or mask can be called {name!r}")
    for name in maps:
        if name in masks:
            raise ValueError(f"{name!r} is among the maps and among the masks")
    for name in words:
        if words.count(name) > 1:
            raise ValueError(f"{name!r} is twice among the words")
        if name == group_by:
            raise ValueError(f"images are grouped by {name!r}, so it is no field of words")

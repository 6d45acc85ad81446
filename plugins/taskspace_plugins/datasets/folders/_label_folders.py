"""Folders of maps and masks: what a user says of them, and which file is whose."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import pydantic

from taskspace.errors import DataError
from taskspace.layout.file_names import refuse_unprintable
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.folders._listing import ImageFile, cannot_list, normal
from taskspace_plugins.datasets.folders._pixels import EXTENSIONS

SUFFIXES = EXTENSIONS | {".npy"}
CLASSES = "classes.txt"


class LabelFolder(pydantic.BaseModel):
    """A folder with a file for each image, of the image's relative path but for the ending."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    folder: str = pydantic.Field(min_length=1, description="Relative to `root`.")


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
        DataError: if there is none, or it is the folder of the images or above it.
    """
    path = root / spec.folder
    if not path.is_dir():
        raise DataError(
            f"There is no folder {spec.folder!r} in {root}.",
            where=where,
            advice="Name a folder relative to `root`.",
        )
    if root.resolve().is_relative_to(path.resolve()):
        raise DataError(
            f"The folder {spec.folder!r} holds the images themselves.",
            where=where,
            advice="Give every field a folder of its own, beside or below the images.",
        )
    return path


def label_files(folder: Path, images: Sequence[ImageFile]) -> tuple[Path | None, ...]:
    """Return the file of each image in the folder of a field; None is a missing label.

    Raises:
        DataError: if two images or two files share a name, a file belongs to no image, there is no
            file, or a part of the folder cannot be listed.
    """
    numbers: dict[str, list[ImageFile]] = {}
    for image in images:
        numbers.setdefault(_stem(image.name), []).append(image)
    _refuse(
        [each.name for group in numbers.values() if len(group) > 1 for each in group],
        "differ only in their endings, so they would share their labels",
        folder,
        "Rename one of them.",
    )
    files: dict[str, list[Path]] = {}
    for path in _walk(folder):
        files.setdefault(_stem(normal(path.relative_to(folder).as_posix())), []).append(path)
    _refuse(
        [
            str(path.relative_to(folder))
            for group in files.values()
            if len(group) > 1
            for path in group
        ],
        "differ only in their endings, so they are about one image",
        folder,
        "Keep one of them.",
    )
    _refuse(
        [str(group[0].relative_to(folder)) for stem, group in files.items() if stem not in numbers],
        "belong to no image",
        folder,
        "Give each the relative path of its image, but for the ending: `cats/1.png` for "
        "`cats/1.jpg`.",
    )
    if not files:
        raise DataError(
            "There is no map or mask in this folder.",
            where=str(folder),
            advice=f"They are files that end in {', '.join(sorted(SUFFIXES))}.",
        )
    return tuple(files.get(_stem(image.name), [None])[0] for image in images)


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


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _walk(folder: Path) -> list[Path]:
    found = []
    for place, subfolders, files in os.walk(folder, onerror=cannot_list):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for file in files:
            path = Path(place, file)
            if not file.startswith(".") and path.suffix.lower() in SUFFIXES:
                found.append(path)
    refuse_unprintable(folder, (path.relative_to(folder).as_posix() for path in found))
    return sorted(found)


def _refuse(names: list[str], what: str, folder: Path, advice: str) -> None:
    if names:
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        raise DataError(
            f"These files {what}: {', '.join(map(repr, sorted(names)[:LISTED]))}{more}.",
            where=str(folder),
            advice=advice,
        )


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

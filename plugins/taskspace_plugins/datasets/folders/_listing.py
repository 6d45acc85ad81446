"""Which images a folder holds, in an order that is the same everywhere."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders._pixels import EXTENSIONS


def normal(text: str) -> str:
    """Return `text` in Unicode's composed form: file systems differ in how they write an é."""
    return unicodedata.normalize("NFC", text)


@dataclass(frozen=True)
class ImageFile:
    """An image below the root: its name with `/` between folders, and where it is."""

    name: str
    path: Path

    @property
    def folder(self) -> str | None:
        """Return the folder directly below the root, if the image lies in one."""
        first, slash, _ = self.name.partition("/")
        return first if slash else None


def list_images(root: Path, without: Collection[Path] = ()) -> tuple[ImageFile, ...]:
    """Return every image below `root`, sorted by name, but for those in the folders `without`.

    Hidden files and folders are skipped and links to folders are not followed, so that a link
    back to the root ends nothing; links to files are.

    Raises:
        DataError: if there is no such folder, a part of it cannot be listed, or it has no image.
    """
    if not root.is_dir():
        what = "This is a file, not a folder." if root.exists() else "There is no such folder."
        raise DataError(
            what,
            where=str(root),
            advice="Set `root` to a folder of images; in a job file it is relative to that file.",
        )
    found = []
    other = {path.resolve() for path in without}
    for folder, subfolders, files in os.walk(root, onerror=cannot_list):
        subfolders[:] = [
            name
            for name in subfolders
            if not name.startswith(".") and not (other and Path(folder, name).resolve() in other)
        ]
        for file in files:
            path = Path(folder, file)
            if not file.startswith(".") and path.suffix.lower() in EXTENSIONS:
                found.append(ImageFile(normal(path.relative_to(root).as_posix()), path))
    if not found:
        raise DataError(
            "There is no image in this folder.",
            where=str(root),
            advice=f"Images are files that end in {', '.join(sorted(EXTENSIONS))}.",
        )
    return tuple(sorted(found, key=lambda image: image.name))


def cannot_list(error: OSError) -> None:
    """Raise what `os.walk` has met as an error for the user."""
    raise DataError(
        f"This folder cannot be listed: {error.strerror}.",
        where=str(error.filename),
        advice="Make it readable or move it elsewhere.",
    ) from error

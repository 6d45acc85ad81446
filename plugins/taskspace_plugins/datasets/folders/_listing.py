"""Which images a folder holds, in an order that is the same everywhere, and what is not read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from taskspace.errors import DataError
from taskspace.layout.file_names import refuse_unprintable
from taskspace_plugins.datasets.folders.files._endings import read_as, readable_endings
from taskspace_plugins.datasets.folders.files._first_bytes import looked_into
from taskspace_plugins.datasets.folders.files._reasons import Unread, unread_findings
from taskspace_plugins.datasets.folders.files._walk import Walk, normal

__all__ = ["ImageFile", "Listing", "list_images", "normal"]


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image below the root: its name with `/` between folders, and where it is."""

    name: str
    path: Path


@dataclass(frozen=True)
class Listing:
    """The images below a folder, sorted by name, and every file and folder that is passed over."""

    images: tuple[ImageFile, ...]
    unread: tuple[Unread, ...]


def list_images(root: Path, without: Collection[Path] = (), read: Collection[str] = ()) -> Listing:
    """Return every image below `root`, but for those in the folders `without`.

    Links to files and folders are followed, and each folder is read once. A file whose ending says
    nothing is an image if its first bytes are those of one. What systems leave in folders
    (`Thumbs.db`) is skipped; other hidden files and folders are among what is not read.

    Args:
        root: the folder.
        without: folders that are read otherwise.
        read: names of files that are no images and read otherwise.

    Raises:
        DataError: if there is no such folder, a part of it cannot be listed, it has no image, or
            the name of an image is no text.
    """
    if not root.is_dir():
        what = "This is a file, not a folder." if root.exists() else "There is no such folder."
        raise DataError(
            what,
            where=str(root),
            advice="Set `root` to a folder of images; in a job file it is relative to that file.",
        )
    walk = Walk(root, without)
    readable = readable_endings()
    images: list[tuple[str, str]] = []
    unread: list[Unread] = []
    for name, path in walk.files():
        _, dot, last = name[name.rfind("/") + 1 :].rpartition(".")
        ending = f"{dot}{last.lower()}"
        if dot and ending in readable:
            images.append((name, path))
        elif name not in read and not walk.leads_nowhere(name, path):
            why = (read_as(ending) if dot else None) or looked_into(Path(path))
            if why:
                unread.append(Unread(name, *why))
            else:
                images.append((name, path))
    unread += walk.unread
    if not images:
        raise DataError(
            " ".join(
                ["There is no image in this folder.", *(f.text for f in unread_findings(unread))]
            ),
            where=str(root),
            advice=f"Images are files that end in {', '.join(sorted(readable))}.",
        )
    refuse_unprintable(root, (name for name, _ in images))
    return Listing(
        # Two names can be one in Unicode's composed form; then the path decides.
        tuple(ImageFile(name, Path(path)) for name, path in sorted(images)),
        tuple(unread),
    )

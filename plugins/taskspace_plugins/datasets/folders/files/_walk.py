"""All files below a folder: links are followed, each folder is read once."""

from __future__ import annotations

import heapq
import os
import unicodedata
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders.files._reasons import (
    ABOVE,
    HIDDEN,
    NOWHERE,
    REPEATED,
    Unread,
)

SYSTEM = frozenset(
    {
        *(".ds_store", ".directory", ".nomedia", ".localized", ".picasa.ini", "picasa.ini"),
        *("desktop.ini", "ehthumbs.db", "thumbs.db", "icon\r", "__macosx", "@eadir"),
        *(".appledouble", ".apdisk", ".documentrevisions-v100", ".fseventsd", ".spotlight-v100"),
        *(".temporaryitems", ".thumbnails", ".trashes", ".volumeicon.icns", "#recycle"),
        *("$recycle.bin", "system volume information", "lost+found", "__pycache__"),
        *(".git", ".gitattributes", ".gitignore", ".gitkeep", ".keep", ".hg", ".svn", ".dvc"),
        *(".ipynb_checkpoints", ".cache", ".venv", ".idea", ".vscode"),
    }
)
"""What systems and programs leave in folders, in lower case; skipped and not told."""


class Folder(NamedTuple):
    """A folder to read: its name below the root, its path and where it really is."""

    name: str
    path: str
    real: str


def normal(text: str) -> str:
    """Return `text` in Unicode's composed form: file systems differ in how they write an é."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


class Walk:
    """Every file below a root, but for hidden ones and those in some folders.

    Attributes:
        unread: what is passed over, known once all files are.
    """

    def __init__(self, root: Path, without: Collection[Path] = ()) -> None:
        self.unread: list[Unread] = []
        self._root = Folder("", os.fspath(root), os.path.realpath(root))
        self._without = {os.path.realpath(path) for path in without}
        self._read: set[str] = set()
        self._links: list[Folder] = []

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the name below the root, with `/` between folders, and the path of each file.

        A folder with two names keeps the one without links, or else the first; so the order of the
        disk decides nothing.

        Raises:
            DataError: if a folder cannot be listed.
        """
        yield from self._below(self._root)
        while self._links:
            link = heapq.heappop(self._links)
            if _within(self._root.real, link.real) and link.real != self._root.real:
                self.unread.append(Unread(link.name, ABOVE))
            else:
                yield from self._below(link)

    def _below(self, start: Folder) -> Iterator[tuple[str, str]]:
        waiting = [start]
        while waiting:
            folder = waiting.pop()
            if folder.real in self._without or any(
                _within(folder.real, other) for other in self._without
            ):
                continue
            if folder.real in self._read:
                self.unread.append(Unread(folder.name, REPEATED))
                continue
            self._read.add(folder.real)
            prefix = f"{folder.name}/" if folder.name else ""
            for entry in _entries(folder.path):
                name = entry.name
                if name.lower() in SYSTEM or name.startswith("._"):
                    continue
                if name[0] == ".":
                    self.unread.append(Unread(prefix + normal(name), HIDDEN))
                    continue
                whole = prefix + normal(name)
                if entry.is_symlink():
                    yield from self._link(whole, entry)
                elif entry.is_dir():
                    waiting.append(
                        Folder(whole, entry.path, f"{folder.real.rstrip(os.sep)}{os.sep}{name}")
                    )
                else:
                    yield whole, entry.path

    def _link(self, name: str, entry: os.DirEntry[str]) -> Iterator[tuple[str, str]]:
        # `DirEntry.is_dir` raises for a link to itself.
        if Path(entry.path).is_dir():
            heapq.heappush(self._links, Folder(name, entry.path, os.path.realpath(entry.path)))
        else:
            yield name, entry.path

    def leads_nowhere(self, name: str, path: str) -> bool:
        """Return whether a file is a link to nothing, which is not read then."""
        file = Path(path)
        if not file.is_symlink() or file.exists():
            return False
        self.unread.append(Unread(name, NOWHERE))
        return True


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise DataError(
            f"This folder cannot be listed: {error.strerror}.",
            where=str(error.filename),
            advice="Make it readable or move it elsewhere.",
        ) from error


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)

"""The store: each cell's result under its key, checksummed, renamed into place, never a pickle."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskspace.components import Result
from taskspace.engine.own_files import is_own_file, is_own_folder, refuse_link, write_own
from taskspace.engine.refusal import store_explained
from taskspace.engine.storage.artifact import RECORD, WEIGHTS, write_files
from taskspace.engine.storage.stored import KEY, SEAL, StoredResult

MARKER = "taskspace-store.json"
"""What says that a folder is a store, and that what `tasks runs gc` finds in it may go."""
LOCK = "lock"
FOLDERS = ("objects", "writing", "roots", "checkpoints")
DRAFT = re.compile(r"([0-9a-f]{12}|root|probe|discarded)-[0-9a-f]{32}")
"""The names of what the store writes into `writing`."""


@dataclass(frozen=True)
class Store:
    """A folder of results that any number of runs and workers share.

    The folder itself may be a link; one below it is refused.
    """

    root: Path

    def prepare(self) -> None:
        """Make the folders, and mark them as a store.

        Raises:
            StoreError: if they cannot be made or written.
        """
        with store_explained(self.root):
            for name in FOLDERS:
                refuse_link(self.root / name)
                (self.root / name).mkdir(parents=True, exist_ok=True)
            if not is_own_file(self.root / MARKER):
                write_own(self.root / MARKER, b'{"schema": 1}\n')
            probe = self.draft("probe")
            probe.touch(exist_ok=False)
            probe.unlink()

    def is_marked(self) -> bool:
        """Return whether this is a store: by its mark, or because nothing else is in the folder.

        Raises:
            StoreError: if it cannot be seen.
        """
        with store_explained(self.root, "read"):
            if is_own_file(self.root / MARKER):
                return True
            try:
                names = {entry.name for entry in os.scandir(self.root)}
            except (FileNotFoundError, NotADirectoryError):
                return False
            # Stores of earlier versions have no mark.
            return {"objects", LOCK} <= names <= {*FOLDERS, LOCK}

    def folder(self, key: str) -> Path:
        """Return where the result of `key` is, or would be."""
        return self.root / "objects" / key[:2] / key

    def has(self, key: str) -> bool:
        """Return whether there is a result; says nothing about damage.

        Raises:
            StoreError: if it cannot be seen.
        """
        return self._sealed(key) is not None

    def stamp(self, key: str) -> int:
        """Return what changes when the result of `key` is written anew.

        Raises:
            KeyError: if there is none.
            StoreError: if it cannot be seen, or the store itself is gone.
        """
        status = self._sealed(key)
        if status is not None:
            return status.st_mtime_ns
        with store_explained(self.root, "read"):
            (self.root / MARKER).lstat()
        raise KeyError(key)

    def get(self, key: str) -> StoredResult:
        """Return the result of `key`.

        Raises:
            KeyError: if there is none.
            StoreError: if it cannot be seen.
        """
        if not self.has(key):
            raise KeyError(key)
        return StoredResult(key, self.folder(key))

    def put(self, key: str, result: Result, cost: Mapping[str, Any]) -> None:
        """Write a result in a temporary place and rename it; the first of two equal keys stays.

        What is in its place without a seal is no result and gives way.

        Raises:
            StoreError: if the disk is full, or the store unwritable or gone.
        """
        with store_explained(self.root):
            draft = self.draft(key[:12])
            try:
                draft.mkdir()
                seal = {"key": key, "files": write_files(draft, result), "cost": dict(cost)}
                write_own(draft / SEAL, json.dumps(seal).encode("utf-8"))
                if not self._place(draft, key):
                    self._clear(key)
                    if not self._place(draft, key):
                        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    def discard(self, key: str) -> None:
        """Remove a result; renamed away first, so that no reader finds half of it.

        Raises:
            StoreError: if the system refuses.
        """
        with store_explained(self.root):
            away = self.draft("discarded")
            self._refuse_links(key)
            try:
                self.folder(key).rename(away)
            except (FileNotFoundError, NotADirectoryError):
                return
            erase(away)

    def keys(self) -> Iterator[str]:
        """Yield the key of every stored result; what else lies there is not looked at.

        Raises:
            StoreError: if they cannot be seen.
        """
        with store_explained(self.root, "read"):
            refuse_link(self.root / "objects")
            try:
                shelves = sorted((self.root / "objects").iterdir())
            except FileNotFoundError:
                return
        for shelf in shelves:
            with store_explained(self.root, "read"):
                folders = sorted(shelf.iterdir()) if is_own_folder(shelf) else []
            for folder in folders:
                if KEY.fullmatch(folder.name) and folder.name[:2] == shelf.name:
                    yield folder.name

    def holds_only_results(self, key: str) -> bool:
        """Return whether what is in the place of a result is what a store writes there."""
        with store_explained(self.root, "read"):
            folder = self.folder(key)
            return is_own_folder(folder) and all(
                not entry.is_dir(follow_symlinks=False)
                and (entry.name in (SEAL, RECORD, WEIGHTS) or entry.name.endswith(".npy"))
                for entry in os.scandir(folder)
            )

    def drafts(self) -> list[Path]:
        """Return what writers left: theirs by its name.

        Raises:
            StoreError: if it cannot be seen.
        """
        return [entry for entry in self.entries("writing") if DRAFT.fullmatch(entry.name)]

    def entries(self, folder: str) -> list[Path]:
        """Return what is in one of the store's folders, sorted.

        Raises:
            StoreError: if it cannot be seen, or the folder is a link.
        """
        with store_explained(self.root, "read"):
            refuse_link(self.root / folder)
            return sorted((self.root / folder).iterdir())

    def draft(self, name: str) -> Path:
        """Return a new name in the folder for drafts, which is made again if it was deleted.

        Raises:
            OSError: if the folder is a link, or the whole store is gone.
        """
        folder = self.root / "writing"
        refuse_link(folder)
        with suppress(FileExistsError):
            folder.mkdir()
        return folder / f"{name}-{uuid.uuid4().hex}"

    def _sealed(self, key: str) -> os.stat_result | None:
        """Return the status of a result's seal; none where there is no result."""
        with store_explained(self.root, "read"):
            self._refuse_links(key)
            folder = self.folder(key)
            try:
                return (folder / SEAL).lstat() if is_own_folder(folder) else None
            except (FileNotFoundError, NotADirectoryError):
                return None

    def _refuse_links(self, key: str) -> None:
        refuse_link(self.root / "objects", self.folder(key).parent)

    def _place(self, draft: Path, key: str) -> bool:
        """Return whether there is a result now; not if something else is in its place."""
        self._refuse_links(key)
        final = self.folder(key)
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            draft.rename(final)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
            return self.has(key)
        return True

    def _clear(self, key: str) -> None:
        """Remove what is where a result or its shelf should be and is neither."""
        self.discard(key)
        shelf = self.folder(key).parent
        if shelf.is_file():
            shelf.unlink()


def erase(path: Path) -> None:
    """Remove a file or a folder with all that is in it, as far as the system allows."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()

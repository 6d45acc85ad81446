"""RECORD: which files an installer put where, and their hashes when it did."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import posixpath
import sysconfig
from dataclasses import dataclass
from importlib.metadata import Distribution

from taskspace.errors import RegistryError
from taskspace.registry.distributions.metadata import entry_points, text_of

_CONTROL = frozenset(map(chr, (*range(32), 127)))
_BOOKKEEPING = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})


@dataclass(frozen=True)
class RecordRow:
    """One installed file.

    Attributes:
        path: relative to the folder that the distribution is installed in, with `/`.
        checksum: `ALGORITHM=TEXT` as the installer wrote it, or "" where it wrote none.
    """

    path: str
    checksum: str

    def agrees(self, content: bytes) -> bool:
        """Return whether the file has the content that it had when it was installed.

        True where RECORD does not say, or says it with an algorithm that is unknown here.
        """
        algorithm, _, expected = self.checksum.partition("=")
        if not expected or algorithm not in hashlib.algorithms_guaranteed:
            return True
        if algorithm.startswith("shake"):
            return True
        digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == expected.rstrip("=")


def recorded(metadata: Distribution) -> tuple[RecordRow, ...]:
    """Return the files that RECORD names, without those that differ between equal installs.

    These are the installer's bookkeeping, byte code and console scripts.

    Raises:
        RegistryError: if there is no RECORD, it cannot be read, or it names a file outside of the
            environment's folders of libraries and scripts.
    """
    points = text_of(metadata, "entry_points.txt") or ""
    scripts = {name for name, _ in entry_points(points, "console_scripts", "gui_scripts")}
    rows = rows_of(metadata)
    outside = next((row.path for row in rows if not _is_within(row.path)), None)
    if outside is not None:
        raise RegistryError(
            f"Its RECORD names {outside!r}, outside of the environment's folders of libraries and "
            "scripts."
        )
    return tuple(row for row in rows if _counts(row.path, scripts))


def rows_of(metadata: Distribution) -> tuple[RecordRow, ...]:
    """Return all files that RECORD names, each once, under paths without `.` and `a/..`.

    Raises:
        RegistryError: if there is no RECORD, it cannot be read, or a name has control characters.
    """
    text = text_of(metadata, "RECORD")
    if text is None:
        raise RegistryError(
            "Its installer left no RECORD of its files, so they cannot be verified."
        )
    try:
        rows = [
            RecordRow(posixpath.normpath(row[0].replace("\\", "/")), row[1] if len(row) > 1 else "")
            for row in csv.reader(io.StringIO(text, newline=""))
            if row and row[0]
        ]
    except csv.Error as error:
        raise RegistryError(f"Its RECORD cannot be read: {error}.") from error
    # A line end in a name would make two lines of one in what is hashed.
    unusable = next((row.path for row in rows if not _CONTROL.isdisjoint(row.path)), None)
    if unusable is not None:
        raise RegistryError(f"Its RECORD names the file {unusable!r}.")
    return tuple({row.path: row for row in rows}.values())


def _is_within(path: str) -> bool:
    if not path.startswith(("../", "/")) and path != "..":
        return True
    scripts = os.path.relpath(sysconfig.get_path("scripts"), sysconfig.get_path("purelib"))
    return posixpath.dirname(path) == scripts.replace(os.sep, "/")


def _counts(path: str, scripts: set[str]) -> bool:
    folder, name = posixpath.split(path)
    script = name.removesuffix(".exe").removesuffix("-script.py").removesuffix("-script.pyw")
    own_metadata = folder.endswith(".dist-info") and "/" not in folder
    return not (
        name.endswith(".pyc")
        or (name in _BOOKKEEPING and own_metadata)
        or (path.startswith("../") and script in scripts)
    )

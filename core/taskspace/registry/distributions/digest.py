"""The hash of what is installed: sameness of every file, not safety."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution
from pathlib import Path
from urllib.parse import urlparse

from taskspace.errors import RegistryError
from taskspace.registry.distributions.metadata import text_of
from taskspace.registry.distributions.record import recorded
from taskspace.registry.distributions.strangers import strangers
from taskspace.regular_file import open_regular

_BUILT_AT_ROOT = frozenset({"build", "dist"})
_BUILT_ANYWHERE = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True)
class Inventory:
    """The files of a distribution as they are on disk.

    Attributes:
        files: path and sha256 of each, in order of path; what is strange among them.
        missing: files that were installed and cannot be read now.
        strange: importable files that lie among the others, or that Python would import in their
            place, and were not installed with them; folders of it that are links.
        incomplete: of an editable install, what its installer put beside its metadata and is gone.
    """

    files: tuple[tuple[str, str], ...]
    missing: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Return the hash over the text that `sha256sum` prints: a line `HASH  PATH` a file."""
        total = hashlib.sha256()
        for name, content in self.files:
            total.update(f"{content}  {name}\n".encode("utf-8", "surrogateescape"))
        return total.hexdigest()


def inventory(metadata: Distribution) -> Inventory:
    """Return the files of a distribution, each of them read.

    The installer's bookkeeping, byte code and console scripts stay out, since they differ between
    equal installs. For an editable install the files are those of the source tree.

    Raises:
        RegistryError: if the files are unknown, or the source tree is gone.
    """
    base = str(metadata.locate_file(""))
    tree = editable_tree(metadata)
    rows = recorded(metadata)
    if tree is not None:
        if not tree.is_dir():
            raise RegistryError(f"It is editable, and its source tree {tree} is not there.")
        gone = tuple(row.path for row in rows if not os.path.exists(f"{base}/{row.path}"))  # noqa: PTH110
        return Inventory(_hashed(_tree_files(tree))[0], incomplete=gone)
    files, missing = _hashed((row.path, os.path.join(base, row.path)) for row in rows)  # noqa: PTH118
    strange = strangers(base, rows)
    if strange:
        more, _ = _hashed((name, os.path.join(base, name)) for name in strange)  # noqa: PTH118
        files = tuple(sorted((*files, *more)))
    return Inventory(files, missing, strange)


def files_digest(metadata: Distribution) -> str:
    """Return the sha256 over the sorted (path, sha256) of a distribution's files.

    Raises:
        RegistryError: if the files are unknown, one is missing, or an importable file lies among
            them that was not installed.
    """
    found = inventory(metadata)
    if found.missing:
        raise RegistryError(f"The installed file {found.missing[0]} cannot be read.")
    if found.strange:
        raise RegistryError(
            f"The file {found.strange[0]} lies among its files and was not installed with them."
        )
    return found.sha256


def editable_tree(metadata: Distribution) -> Path | None:
    """Return the source tree of an editable install, or None for a copy.

    Raises:
        RegistryError: if its direct_url.json cannot be read.
    """
    text = text_of(metadata, "direct_url.json")
    if text is None:
        return None
    from urllib.request import url2pathname  # noqa: PLC0415  brings HTTP along, for listings

    try:
        data = json.loads(text)
        if not data.get("dir_info", {}).get("editable", False):
            return None
        url = urlparse(data["url"])
        if url.scheme != "file":
            raise ValueError(url.scheme)
        return Path(url2pathname(url.path))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise RegistryError(
            "Its direct_url.json does not say where it came from, in a form that is known."
        ) from error


def tree_digest(folder: Path) -> str:
    """Return the sha256 over the sorted (path, sha256) of the files of a source tree.

    Raises:
        RegistryError: if a file cannot be read.
    """
    files, missing = _hashed(_tree_files(folder))
    if missing:
        raise RegistryError(f"The file {missing[0]} of {folder} cannot be read.")
    return Inventory(files).sha256


def _hashed(
    files: Iterable[tuple[str, str]],
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return name and sha256 of each file that can be read, and the names of the others."""
    found, missing = [], []
    for name, path in sorted(files):
        try:
            with open(open_regular(path), "rb", buffering=0) as stream:  # noqa: PTH123  a descriptor
                if name.startswith("../"):
                    content = hashlib.sha256(_without_interpreter(stream.read()))
                else:
                    content = hashlib.file_digest(stream, "sha256")
                found.append((name, content.hexdigest()))
        except (OSError, ValueError):
            missing.append(name)
    return tuple(found), tuple(missing)


def _without_interpreter(content: bytes) -> bytes:
    """Return a script without the line in which installers write the environment's Python."""
    return content.partition(b"\n")[2] if content.startswith(b"#!") else content


def _tree_files(folder: Path) -> Iterator[tuple[str, str]]:
    for current, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not (
                name.startswith(".")
                or name in _BUILT_ANYWHERE
                or (name in _BUILT_AT_ROOT and Path(current) == folder)
                or name.endswith(".egg-info")
                or Path(current, name, "pyvenv.cfg").exists()
            )
        ]
        for name in files:
            path = Path(current, name)
            # Sockets and pipes are nothing that is built; a link to nowhere is said as unreadable.
            if not name.endswith(".pyc") and (path.is_file() or not path.exists()):
                yield path.relative_to(folder).as_posix(), str(path)

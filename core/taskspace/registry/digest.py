"""The hash of what is installed: sameness of every file, not safety."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from importlib.machinery import all_suffixes
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath
from urllib.parse import urlparse
from urllib.request import url2pathname

from taskspace.errors import RegistryError

_BOOKKEEPING = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
_BUILD_FOLDERS = frozenset({"__pycache__", "build", "dist", "node_modules"})


def files_digest(metadata: Distribution) -> str:
    """Return the sha256 over the sorted (path, sha256) of a distribution's files.

    The text that is hashed is that of `sha256sum`: one `HASH  PATH` line a file. The installer's
    bookkeeping, byte code and console scripts stay out, since they differ between equal installs.
    For an editable install the files are those of the source tree.

    Raises:
        RegistryError: if the files are unknown, one is missing, or an importable file lies among
            them that was not installed.
    """
    tree = editable_tree(metadata)
    if tree is not None:
        return _digest((path.relative_to(tree).as_posix(), path) for path in _tree_files(tree))
    base = Path(str(metadata.locate_file("")))
    recorded = _recorded(metadata)
    _refuse_strangers(base, recorded)
    return _digest((path, base / path) for path in recorded)


def editable_tree(metadata: Distribution) -> Path | None:
    """Return the source tree of an editable install, or None for a copy."""
    text = metadata.read_text("direct_url.json")
    if text is None:
        return None
    data = json.loads(text)
    if not data.get("dir_info", {}).get("editable", False):
        return None
    return Path(url2pathname(urlparse(data["url"]).path))


def tree_digest(folder: Path) -> str:
    """Return the sha256 over the sorted (path, sha256) of the files of a source tree."""
    return _digest((path.relative_to(folder).as_posix(), path) for path in _tree_files(folder))


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    total = hashlib.sha256()
    for name, path in sorted(files):
        try:
            with path.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise RegistryError(f"The installed file {name} cannot be read: {error}.") from error
        total.update(f"{content}  {name}\n".encode())
    return total.hexdigest()


def _recorded(metadata: Distribution) -> tuple[str, ...]:
    text = metadata.read_text("RECORD")
    if text is None:
        raise RegistryError(
            "Its installer left no RECORD of its files, so they cannot be verified."
        )
    scripts = {
        entry.name
        for group in ("console_scripts", "gui_scripts")
        for entry in metadata.entry_points.select(group=group)
    }
    paths = (
        PurePosixPath(row[0].replace("\\", "/")) for row in csv.reader(text.splitlines()) if row
    )
    return tuple(
        str(path)
        for path in paths
        if not (
            path.suffix == ".pyc"
            or (path.name in _BOOKKEEPING and path.parent.suffix == ".dist-info")
            or (path.parts[0] == ".." and _script_name(path) in scripts)
        )
    )


def _script_name(path: PurePosixPath) -> str:
    return path.name.removesuffix(".exe").removesuffix("-script.py").removesuffix("-script.pyw")


def _refuse_strangers(base: Path, recorded: tuple[str, ...]) -> None:
    known = {os.path.normpath(base / path) for path in recorded}
    importable = tuple(all_suffixes())
    for folder, deep in _owned_folders(base, recorded):
        for path in folder.rglob("*") if deep else folder.iterdir():
            if (
                path.name.endswith(importable)
                and path.parent.name != "__pycache__"
                and os.path.normpath(path) not in known
            ):
                raise RegistryError(
                    f"The file {path.relative_to(base).as_posix()} lies among its files and was "
                    "not installed with them."
                )


def _owned_folders(base: Path, recorded: tuple[str, ...]) -> Iterator[tuple[Path, bool]]:
    """Yield each folder that is the plugin's, and whether all below it is: a package's is."""
    folders: dict[PurePosixPath, bool] = {}
    for path in map(PurePosixPath, recorded):
        if len(path.parts) > 1 and path.parts[0] != ".." and path.parent.suffix != ".dist-info":
            folders[path.parent] = folders.get(path.parent, False) or path.name == "__init__.py"
    for folder, deep in folders.items():
        if not any(folders.get(parent, False) for parent in folder.parents):
            yield base / folder, deep


def _tree_files(folder: Path) -> Iterator[Path]:
    for current, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not (
                name.startswith(".")
                or name in _BUILD_FOLDERS
                or name.endswith(".egg-info")
                or Path(current, name, "pyvenv.cfg").exists()
            )
        ]
        yield from (Path(current, name) for name in files if not name.endswith(".pyc"))

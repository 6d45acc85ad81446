"""What lies among a distribution's modules, or in front of them, and was not installed with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from importlib.machinery import all_suffixes
from importlib.metadata import distributions

from taskspace.errors import RegistryError
from taskspace.registry.distributions.record import RecordRow, rows_of

IMPORTABLE = tuple(sorted(all_suffixes(), key=len, reverse=True))
"""How the names of modules end, the longest first: `.cpython-311-x86_64-linux-gnu.so`, ..."""


def strangers(base: str, rows: tuple[RecordRow, ...]) -> tuple[str, ...]:
    """Return the importable files that are not a distribution's and that its imports may reach.

    They lie in its packages, or beside a module of it under the same name, whoever installed them
    there. A folder of it that is a link is one of them: what lies behind it was not installed
    there. A folder without `__init__.py` belongs to nobody: what others have installed in it, and
    what is in front of none of its modules, is theirs.

    Args:
        base: the folder that the distribution is installed in.
        rows: its files.
    """
    owned = _owned_folders(rows)
    packages = [folder for folder, deep in owned if deep]
    shared = [folder for folder, deep in owned if not deep]
    known = {os.path.normpath(row.path) for row in rows}
    found = {path for folder in packages for path in _unknown(base, folder, known, deep=True)}
    found |= {*_in_front(base, rows, packages), *_linked(base, rows)}
    beside = {path for folder in shared for path in _unknown(base, folder, known, deep=False)}
    if beside - found:
        found |= beside - _of_others(base)
    return tuple(sorted(found))


def _unknown(base: str, folder: str, known: set[str], *, deep: bool) -> Iterator[str]:
    try:
        entries = list(os.scandir(os.path.join(base, folder)))  # noqa: PTH118
    except OSError:
        return
    for entry in entries:
        path = f"{folder}/{entry.name}"
        if entry.name.endswith(IMPORTABLE):
            if os.path.normpath(path) not in known:
                yield path
        elif deep and entry.name != "__pycache__" and entry.is_dir():
            # Installers link files at most; a folder that is linked may lead anywhere, or in rings.
            if entry.is_symlink():
                yield path
            else:
                yield from _unknown(base, path, known, deep=True)


def _in_front(base: str, rows: tuple[RecordRow, ...], packages: list[str]) -> Iterator[str]:
    """Yield what Python would import in place of a module that is in no package of its own.

    Before `x.py` come a package `x` and an extension; before a folder without `__init__.py`, any
    module of its name.
    """
    known = {row.path for row in rows}
    names = set[str]()
    for row in rows:
        folder, _, file = row.path.rpartition("/")
        if row.path.startswith("..") or row.path.partition("/")[0].endswith(".dist-info"):
            continue
        package = next((p for p in packages if folder == p or folder.startswith(f"{p}/")), None)
        if package is not None:
            folder = package.rpartition("/")[0]
        elif suffix := next((end for end in IMPORTABLE if file.endswith(end)), None):
            names.add(row.path.removesuffix(suffix))
        names |= {folder, *_above(folder)} - {""}
    for name in names:
        for suffix in IMPORTABLE:
            for path in (f"{name}{suffix}", f"{name}/__init__{suffix}"):
                if path not in known and os.path.lexists(f"{base}/{path}"):
                    yield path


def _linked(base: str, rows: tuple[RecordRow, ...]) -> Iterator[str]:
    folders = {row.path.rpartition("/")[0] for row in rows if not row.path.startswith("..")}
    every = folders.union(*map(_above, folders))
    return (folder for folder in every - {""} if os.path.islink(f"{base}/{folder}"))  # noqa: PTH114


def _owned_folders(rows: tuple[RecordRow, ...]) -> list[tuple[str, bool]]:
    """Return each folder that is the plugin's, and whether all below it is: a package's is."""
    folders: dict[str, bool] = {}
    for row in rows:
        folder, _, name = row.path.rpartition("/")
        if folder and not folder.startswith("..") and not folder.endswith(".dist-info"):
            folders[folder] = folders.get(folder, False) or name == "__init__.py"
    return [
        (folder, deep)
        for folder, deep in folders.items()
        if not any(folders.get(parent, False) for parent in _above(folder))
    ]


def _above(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


def _of_others(base: str) -> set[str]:
    """Return the files of every distribution there."""
    found = set[str]()
    for other in distributions(path=[base]):
        with suppress(RegistryError):  # what cannot be read claims nothing
            found |= {row.path for row in rows_of(other)}
    return found

"""The files of an installed distribution: which they are, kept aside, put back, deleted."""

from __future__ import annotations

import csv
import os
import shutil
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple

from taskspace.errors import RegistryError
from taskspace.registry.intent import normalised
from taskspace.registry.metadata import text_of


class Files(NamedTuple):
    """A distribution in one version, and the paths of its files from where it is installed."""

    name: str
    version: str
    paths: tuple[str, ...]

    @classmethod
    def from_json(cls, data: Sequence[object]) -> Files:
        """Return what was written as a list."""
        name, version, paths = data
        if not isinstance(paths, Iterable):
            raise TypeError(f"{paths!r} are no paths")
        return cls(str(name), str(version), tuple(map(str, paths)))


def find_distribution(name: str, search: Iterable[str] | None = None) -> Distribution | None:
    """Return an installed distribution by name, or None.

    Args:
        name: in any spelling.
        search: folders to look in; None for `sys.path`.
    """
    found = distributions() if search is None else distributions(path=list(search))
    wanted = normalised(name)
    return next((d for d in found if normalised(name_of(d)) == wanted), None)


def name_of(distribution: Distribution) -> str:
    """Return the name in a distribution's metadata, '' where it has none."""
    try:
        return next(iter(distribution.metadata.get_all("Name") or ()), "")
    except (OSError, UnicodeDecodeError, AttributeError, TypeError):
        return ""  # without METADATA there is nothing to ask


def recorded_paths(distribution: Distribution) -> tuple[str, ...]:
    """Return the paths in a distribution's RECORD; () where it has none that can be read."""
    try:
        text = text_of(distribution, "RECORD") or ""
        return tuple(row[0] for row in csv.reader(text.splitlines()) if row and row[0])
    except (RegistryError, csv.Error):
        return ()


def files_of(name: str, known: Files | None = None) -> Files | None:
    """Return the files of what is installed under a name in the environment, or None.

    Args:
        name: of the distribution.
        known: what was installed once, for what RECORD does not say any more.
    """
    installed = find_distribution(name, [str(site_packages())])
    if installed is None:
        return known
    paths = dict.fromkeys((*recorded_paths(installed), *(known.paths if known else ())))
    version = installed.version or (known.version if known else "")
    return Files(name, version, tuple(paths))


def keep_aside(files: Files, folder: Path) -> None:
    """Copy a distribution's files into `folder`, numbered, with an index of where they belong."""
    base = site_packages()
    folder.mkdir(parents=True)
    index: list[str] = []
    for path in files.paths:
        source = base / path
        if source.is_file():
            shutil.copy2(source, folder / str(len(index)))
            index.append(path)
    (folder / "index").write_text("\0".join(index), encoding="utf-8")


def put_back(folder: Path) -> None:
    """Copy the files that `keep_aside` kept to where they belong."""
    base = site_packages()
    for number, path in enumerate((folder / "index").read_text(encoding="utf-8").split("\0")):
        if path:
            target = base / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(folder / str(number), target)


def delete(files: Files) -> None:
    """Delete the files of a distribution, as far as they are there, and what they leave empty."""
    base = site_packages()
    folders = set[Path]()
    for path in (*files.paths, *_editable_paths(files)):
        file = Path(os.path.normpath(base / path))
        for doomed in (file, *_byte_code(file)):
            doomed.unlink(missing_ok=True)
        folders.add(file.parent)
    for leftover in list(_leftovers(base, files)):
        shutil.rmtree(leftover)
    for folder in sorted(folders, key=lambda f: len(f.parts), reverse=True):
        _prune(folder, base)


def site_packages() -> Path:
    """Return the folder that distributions of the environment are installed in."""
    return Path(sysconfig.get_path("purelib"))


def _byte_code(file: Path) -> Iterator[Path]:
    if file.suffix == ".py":
        yield from (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc")


def _editable_paths(files: Files) -> Collection[str]:
    """Return what setuptools puts beside the metadata of an editable install, RECORD or not."""
    plain = normalised(files.name).replace("-", "_")
    version = files.version.replace(".", "_").replace("-", "_")
    return (
        f"__editable__.{plain}-{files.version}.pth",
        f"__editable___{plain}_{version}_finder.py",
    )


def _leftovers(base: Path, files: Files) -> Iterator[Path]:
    """Yield the metadata of this version, and what pip had moved aside: `~ame` beside `name`."""
    for metadata in base.glob("*.dist-info"):
        name, _, version = metadata.name.removesuffix(".dist-info").rpartition("-")
        if normalised(name) == normalised(files.name) and version == files.version:
            yield metadata
    for top in {Path(path).parts[0] for path in files.paths} - {".."}:
        if (base / f"~{top[1:]}").is_dir():
            yield base / f"~{top[1:]}"


def _prune(folder: Path, base: Path) -> None:
    """Remove a folder, and those above it below `base`, as long as nothing is in them."""
    while folder != base and base in folder.parents and folder.is_dir():
        cache = folder / "__pycache__"
        if cache.is_dir() and not any(cache.iterdir()):
            cache.rmdir()
        if any(folder.iterdir()):
            return
        folder.rmdir()
        folder = folder.parent

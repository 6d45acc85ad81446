"""The files of an installed distribution: which they are, kept aside, put back, deleted."""

from __future__ import annotations

import csv
import os
import shutil
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from taskspace.registry.intent import normalised


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
    return next(iter(distribution.metadata.get_all("Name") or ()), "")


def recorded_paths(distribution: Distribution) -> tuple[str, ...]:
    """Return the paths in a distribution's RECORD, relative to the folder it is installed in."""
    text = distribution.read_text("RECORD") or ""
    return tuple(row[0] for row in csv.reader(text.splitlines()) if row)


def keep_aside(distribution: Distribution, folder: Path) -> None:
    """Copy a distribution's files into `folder`, numbered, with an index of where they belong."""
    base = Path(str(distribution.locate_file("")))
    folder.mkdir(parents=True)
    index: list[str] = []
    for path in recorded_paths(distribution):
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


def delete(distribution: str, version: str, paths: Iterable[str]) -> None:
    """Delete what an installer that did not come to its end has left of a distribution.

    Args:
        distribution: its name.
        version: the one that was being installed or removed.
        paths: of its files, relative to the folder it is installed in.
    """
    base, paths = site_packages(), tuple(paths)
    folders = set[Path]()
    for path in paths:
        file = Path(os.path.normpath(base / path))
        for doomed in (file, *_byte_code(file)):
            doomed.unlink(missing_ok=True)
        folders.add(file.parent)
    for leftover in list(_leftovers(base, normalised(distribution), version, paths)):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    for folder in sorted(folders, key=lambda f: len(f.parts), reverse=True):
        _prune(folder, base)


def site_packages() -> Path:
    """Return the folder that distributions of the environment are installed in."""
    return Path(sysconfig.get_path("purelib"))


def _byte_code(file: Path) -> Iterator[Path]:
    if file.suffix == ".py":
        yield from (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc")


def _leftovers(base: Path, distribution: str, version: str, paths: Iterable[str]) -> Iterator[Path]:
    """Yield the metadata of this version, and what pip had moved aside: `~ame` beside `name`."""
    for metadata in base.glob(f"*-{version}.dist-info"):
        if normalised(metadata.name.removesuffix(f"-{version}.dist-info")) == distribution:
            yield metadata
    for top in {Path(path).parts[0] for path in paths} - {".."}:
        yield from (base / f"~{top[1:]}",) if (base / f"~{top[1:]}").exists() else ()


def _prune(folder: Path, base: Path) -> None:
    """Remove a folder, and those above it below `base`, as long as nothing is in them."""
    while folder != base and base in folder.parents and folder.is_dir():
        for cache in folder.glob("__pycache__"):
            if not any(cache.iterdir()):
                cache.rmdir()
        if any(folder.iterdir()):
            return
        folder.rmdir()
        folder = folder.parent

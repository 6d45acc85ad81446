"""The files of an installed distribution: which they are, kept aside, put back, deleted."""

from __future__ import annotations

import csv
import glob
import os
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

from taskspace.errors import RegistryError
from taskspace.installer.environment import Say
from taskspace.installer.wheels.places import behind_link, belongs, shared_data, site_packages
from taskspace.registry.distributions.metadata import (
    is_leftover,
    name_and_version,
    name_of,
    text_of,
)
from taskspace.registry.intent import normalised


class Files(NamedTuple):
    """A distribution in one version, and the paths of its files from where it is installed."""

    name: str
    version: str
    paths: tuple[str, ...]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Files:
        """Return what JSON made a list of.

        Raises:
            TypeError: if it is not a name, a version and a list of paths, all of them texts.
            ValueError: if there are more or fewer of them, or a path is none of a distribution.
        """
        name, version, paths = data
        if not (isinstance(name, str) and isinstance(version, str) and isinstance(paths, list)):
            raise TypeError(f"{data!r:.200} are not the files of a distribution")
        for path in paths:
            if not isinstance(path, str):
                raise TypeError(f"{path!r:.200} is no path")
            if not belongs(path):
                raise ValueError(f"{path!r:.200} is not where installers put files")
        return cls(name, version, tuple(paths))


def find_distribution(name: str, search: Iterable[str] | None = None) -> Distribution | None:
    """Return an installed distribution by name, or None.

    Args:
        name: in any spelling.
        search: folders to look in; None for `sys.path`.
    """
    every = distributions(path=list(sys.path if search is None else search))
    found = sorted(every, key=is_leftover)
    wanted = normalised(name)
    return next((d for d in found if normalised(name_of(d)) == wanted), None)


def recorded_paths(distribution: Distribution) -> tuple[str, ...]:
    """Return the paths in a distribution's RECORD; () where it has none that can be read."""
    try:
        text = text_of(distribution, "RECORD") or ""
        return tuple(row[0] for row in csv.reader(text.splitlines()) if row and row[0])
    except (RegistryError, csv.Error):
        return ()


def files_of(name: str, known: Files | None = None) -> Files | None:
    """Return the files of what is installed under a name in the environment, or None.

    RECORD is a file that anything may have changed since: of what it names beyond `known`, that
    counts which is the distribution's own, see `say_strays`.

    Args:
        name: of the distribution.
        known: what was installed once, for what RECORD does not say any more.
    """
    installed = find_distribution(name, [str(site_packages())])
    if installed is None:
        return known
    told = recorded_paths(installed)
    not_own = set(_strays(name, told, known))
    own = [path for path in told if path not in not_own]
    paths = dict.fromkeys((*own, *(known.paths if known else ())))
    _, told_version = name_and_version(text_of(installed, "METADATA") or "")
    version = told_version or (known.version if known else "")
    return Files(name, version, tuple(path for path in paths if belongs(path)))


def say_strays(name: str, known: Files | None, say: Say) -> None:
    """Say what the RECORD of a distribution that goes names and is not its own: it is left alone.

    Its own is what was written down when it was added, what lies in its packages, and the links of
    an editable install. Where nothing was written down, it is what lies where installers put files
    and no other distribution names.

    Args:
        name: of the distribution.
        known: what was installed once.
        say: is told.
    """
    installed = find_distribution(name, [str(site_packages())])
    found = () if installed is None else _strays(name, recorded_paths(installed), known)
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        say(
            f"Note: the RECORD of {name} names {found[0]!r}{more}, which is not its own and stays "
            "as it is."
        )


def _strays(name: str, told: Sequence[str], known: Files | None) -> tuple[str, ...]:
    if known is not None:
        written = set(known.paths)
        unknown = [path for path in told if path not in written]
        packages = {p.removesuffix("__init__.py") for p in written if p.endswith("/__init__.py")}
        info = tuple(f"{folder.name}/" for folder in _metadata(name))
        own = (*packages, *info)
    else:
        unknown, own = list(told), ("",)
    if not unknown:
        return ()
    others = _named_by_others(name)
    return tuple(
        path
        for path in unknown
        if not (
            belongs(path)
            and os.path.normpath(path) not in others
            and (os.path.normpath(path).startswith(own) or _is_of_editable(name, path))
        )
    )


def _is_of_editable(name: str, path: str) -> bool:
    """Return whether builders put such a file beside the metadata of an editable install."""
    plain = normalised(name).replace("-", "_")
    return "/" not in path and path.endswith((".pth", ".py")) and plain in path.lower()


def _named_by_others(name: str) -> set[str]:
    return {
        os.path.normpath(path)
        for other in distributions(path=[str(site_packages())])
        if normalised(name_of(other)) != normalised(name)
        for path in recorded_paths(other)
    }


def keep_aside(files: Files, folder: Path) -> None:
    """Copy a distribution's files into `folder`, numbered, with an index of where they belong."""
    base = site_packages()
    folder.mkdir(parents=True)
    index: list[str] = []
    for path in files.paths:
        source = base / path
        if _within_reach(path) and source.is_file():
            shutil.copy2(source, folder / str(len(index)))
            index.append(path)
    (folder / "index").write_text("\0".join(index), encoding="utf-8")


def put_back(folder: Path) -> None:
    """Copy the files that `keep_aside` kept to where they belong."""
    base = site_packages()
    for number, path in enumerate((folder / "index").read_text(encoding="utf-8").split("\0")):
        if path and _within_reach(path):
            target = base / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(folder / str(number), target)


def delete(files: Files) -> None:
    """Delete the files of a distribution, as far as they are there, and what they leave empty.

    Whatever the list says, nothing is deleted outside of where installers put files, nor behind a
    link.
    """
    base = site_packages()
    folders = set[Path]()
    for path in filter(_within_reach, (*files.paths, *_editable_paths(files))):
        file = Path(os.path.normpath(base / path))
        for doomed in (file, *_byte_code(file)):
            if doomed.is_symlink() or not doomed.is_dir():
                doomed.unlink(missing_ok=True)
        folders.add(file.parent)
    for leftover in list(_leftovers(base, files)):
        if leftover.is_symlink():
            leftover.unlink()
        else:
            shutil.rmtree(leftover)
    for folder in sorted(folders, key=lambda f: len(f.parts), reverse=True):
        for root in (base, shared_data()):
            _prune(folder, root)


def _within_reach(path: str) -> bool:
    return belongs(path) and behind_link(path) is None


def _byte_code(file: Path) -> Iterator[Path]:
    cache = file.parent / "__pycache__"
    if file.suffix == ".py" and not cache.is_symlink():
        yield from cache.glob(f"{glob.escape(file.stem)}.*.pyc")


def _editable_paths(files: Files) -> Collection[str]:
    """Return what setuptools puts beside the metadata of an editable install, RECORD or not."""
    plain = normalised(files.name).replace("-", "_")
    version = files.version.replace(".", "_").replace("-", "_")
    return (
        f"__editable__.{plain}-{files.version}.pth",
        f"__editable___{plain}_{version}_finder.py",
    )


def _metadata(name: str) -> Iterator[Path]:
    """Yield the folders of metadata that are named after a distribution, in any version."""
    for folder in site_packages().glob("*.dist-info"):
        its_name, _, _ = folder.name.removesuffix(".dist-info").rpartition("-")
        if normalised(its_name) == normalised(name):
            yield folder


def _leftovers(base: Path, files: Files) -> Iterator[Path]:
    """Yield its metadata, and what pip had moved aside: `~ame` beside `name`."""
    yield from _metadata(files.name)
    tops = {os.path.normpath(path).split("/")[0] for path in files.paths if belongs(path)}
    for top in tops - {".."}:
        aside = base / f"~{top[1:]}"
        if top[1:] and aside.is_dir() and not aside.is_symlink():
            yield aside


def _prune(folder: Path, base: Path) -> None:
    """Remove a folder, and those above it below `base`, as long as nothing is in them."""
    while folder != base and base in folder.parents and folder.is_dir():
        cache = folder / "__pycache__"
        if cache.is_dir() and not cache.is_symlink() and not any(cache.iterdir()):
            cache.rmdir()
        if any(folder.iterdir()):
            return
        folder.rmdir()
        folder = folder.parent

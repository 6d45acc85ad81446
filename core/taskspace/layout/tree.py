"""Where the files of a folder in the official layout are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from taskspace.errors import DataError
from taskspace.layout.domains import ALL, DOMAINS, RGB, Domain
from taskspace.layout.file_names import printable, refuse_unprintable

NAME = re.compile(r"point_(?P<point>\d{1,9})_view_(?P<view>\d{1,9}|all)_domain_\w+\.\w+")
ADVICE = (
    "Set `root` to a folder that holds <domain>/<building>/point_P_view_V_domain_D.png or "
    "<building>/<domain>/..., with the images in the domain `rgb`."
)


_SPELLED = {name: domain.folder for domain in ALL for name in (domain.folder, *domain.aliases)}


class ViewId(NamedTuple):
    """One image: which building, which point it looks at, and which view of that point."""

    building: str
    point: int
    view: int


def parsed(name: str) -> tuple[int, int | None] | None:
    """Return point and view of a file's name; no view where it is `all`; None for other names."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    view = found["view"]
    return int(found["point"]), None if view == "all" else int(view)


class UnreadFolder(NamedTuple):
    """A folder that is not read, and why, without the end of the sentence."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Tree:
    """A folder in the official layout.

    It is `<domain>/<building>/files`, `<building>/<domain>/files`, or `<domain>/files` of one
    building, which then has the name of the folder.

    Attributes:
        root: the folder.
        others: folders in it whose names are of no domain.
    """

    root: Path
    _folders: Mapping[tuple[str, str], Path]
    others: tuple[UnreadFolder, ...] = ()

    @cached_property
    def buildings(self) -> tuple[str, ...]:
        """Return the buildings that have images, sorted."""
        return tuple(sorted(b for folder, b in self._folders if folder == RGB))

    @cached_property
    def domains(self) -> frozenset[str]:
        """Return the folders' names of the domains that are there for any building."""
        return frozenset(folder for folder, _ in self._folders)

    @cached_property
    def unread(self) -> tuple[UnreadFolder, ...]:
        """Return the folders that are not read, sorted: of no domain, or without images."""
        alone = (
            UnreadFolder(path, f"the building {building} has no images")
            for (_, building), path in self._folders.items()
            if building not in self.buildings
        )
        return tuple(sorted((*self.others, *alone)))

    def stray_files(self) -> Iterator[Path]:
        """Yield the files that are not read in the folders that are."""
        for domain in ALL:
            for building in self.buildings:
                for name, path in self.files(domain, building):
                    if parsed(name) is None or path.suffix != f".{domain.extension}":
                        yield path

    def files(self, domain: Domain, building: str) -> Iterator[tuple[str, Path]]:
        """Yield names and paths in the folder of a domain, hidden ones left out, sorted."""
        folder = self._folders.get((domain.folder, building))
        if folder is not None:
            for name in _names(folder):
                yield name, folder / name

    def views(self, domain: Domain, building: str) -> dict[tuple[int, int | None], Path]:
        """Return the file of each view, in the order of points and views; other files are left.

        Raises:
            DataError: if two files are of one view.
        """
        found: dict[tuple[int, int | None], Path] = {}
        for name, path in self.files(domain, building):
            place = parsed(name)
            if place is not None and place in found:
                raise DataError(
                    f"{found[place].name} and {name} are of one view.",
                    where=str(path.parent),
                    advice="Keep one of them.",
                )
            if place is not None and path.suffix == f".{domain.extension}":
                found[place] = path
        order = sorted(found, key=lambda place: (place[0], -1 if place[1] is None else place[1]))
        return {place: found[place] for place in order}


def open_tree(root: Path) -> Tree:
    """Return the tree of a folder.

    Raises:
        DataError: if there is no such folder, it cannot be listed, it has no images, or a name in
            it cannot be written as text.
    """
    if not root.is_dir():
        what = "This is a file, not a folder." if root.exists() else "There is no such folder."
        raise DataError(what, where=str(root), advice=ADVICE)
    folders: dict[tuple[str, str], Path] = {}
    others: list[UnreadFolder] = []
    for name, building, path in _listed(root):
        if name in _SPELLED:
            folders[_SPELLED[name], building] = path
        else:
            others.append(UnreadFolder(path, _of_no_domain(name)))
    tree = Tree(root, folders, tuple(others))
    if not any(tree.views(DOMAINS["image"], building) for building in tree.buildings):
        raise DataError(
            "There is no image in the official layout here.", where=str(root), advice=ADVICE
        )
    return tree


def _listed(root: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield folders that may hold the files of a domain and building: their names and where."""
    top = _subfolders(root)
    for first in top:
        folder = root / first
        inner = _subfolders(folder) if RGB not in top or first in _SPELLED else []
        if not inner:
            yield first, root.resolve().name, folder
        for second in inner:
            name, building = (first, second) if RGB in top else (second, first)
            yield name, building, folder / second


def _of_no_domain(name: str) -> str:
    """Return why a folder is not read, with the domain that it is most likely meant for."""
    spelled = {_letters(each): d.folder for d in ALL for each in (d.suffix, d.folder, *d.aliases)}
    near = get_close_matches(_letters(name), spelled, n=1, cutoff=0.8)
    meant = f"; did you mean {spelled[near[0]]}?" if near else ""
    return f"no domain is called {printable(name)}{meant}"


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _subfolders(folder: Path) -> list[str]:
    return [name for name in _names(folder) if (folder / name).is_dir()]


def _names(folder: Path) -> list[str]:
    try:
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DataError(
            f"This folder cannot be listed: {error.strerror}.",
            where=str(folder),
            advice="Make it readable or move it elsewhere.",
        ) from error
    refuse_unprintable(folder, names)
    return names

"""Where the files of a folder in the official layout are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from taskspace.errors import DataError
from taskspace.layout.domains import ALL, DOMAINS, RGB, Domain

NAME = re.compile(r"point_(?P<point>\d{1,9})_view_(?P<view>\d{1,9}|all)_domain_\w+\.\w+")
ADVICE = (
    "Set `root` to a folder that holds <domain>/<building>/point_P_view_V_domain_D.png or "
    "<building>/<domain>/..., with the images in the domain `rgb`."
)


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


@dataclass(frozen=True)
class Tree:
    """A folder in the official layout.

    It is `<domain>/<building>/files`, `<building>/<domain>/files`, or `<domain>/files` of one
    building, which then has the name of the folder.
    """

    root: Path
    _folders: Mapping[tuple[str, str], Path]

    @cached_property
    def buildings(self) -> tuple[str, ...]:
        """Return the buildings that have images, sorted."""
        return tuple(sorted(b for folder, b in self._folders if folder == RGB))

    @cached_property
    def domains(self) -> frozenset[str]:
        """Return the folders' names of the domains that are there for any building."""
        return frozenset(folder for folder, _ in self._folders)

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
        DataError: if there is no such folder, it cannot be listed, or it has no images.
    """
    if not root.is_dir():
        what = "This is a file, not a folder." if root.exists() else "There is no such folder."
        raise DataError(what, where=str(root), advice=ADVICE)
    spelled = {name: d.folder for d in ALL for name in (d.folder, *d.aliases)}
    folders: dict[tuple[str, str], Path] = {}
    top = _subfolders(root)
    if RGB in top:
        for name in top:
            if name in spelled:
                inner = _subfolders(root / name)
                for building in inner:
                    folders[spelled[name], building] = root / name / building
                if not inner:
                    folders[spelled[name], root.resolve().name] = root / name
    else:
        for building in top:
            for name in _subfolders(root / building):
                if name in spelled:
                    folders[spelled[name], building] = root / building / name
    tree = Tree(root, folders)
    if not any(tree.views(DOMAINS["image"], building) for building in tree.buildings):
        raise DataError(
            "There is no image in the official layout here.", where=str(root), advice=ADVICE
        )
    return tree


def _subfolders(folder: Path) -> list[str]:
    return [name for name in _names(folder) if (folder / name).is_dir()]


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DataError(
            f"This folder cannot be listed: {error.strerror}.",
            where=str(folder),
            advice="Make it readable or move it elsewhere.",
        ) from error

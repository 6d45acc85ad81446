"""What stands in the environment already, which a wheel must leave as it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.installer.installed import Files, files_of, find_distribution
from taskspace.installer.ledger import Ledger
from taskspace.installer.wheels.landing import ModuleOwner, OwnerOf
from taskspace.installer.wheels.places import behind_link, belongs, site_packages
from taskspace.registry.distributions.digest import editable_tree


def standing(name: str, ledger: Ledger, besides: Sequence[Path]) -> OwnerOf:
    """Return what tells which top-level modules are somebody else's than a distribution's.

    Args:
        name: of the distribution, which may be installed in another version.
        ledger: what `add` has installed.
        besides: folders that do not count: the source tree that is being added.
    """
    old = files_of(name, ledger.brought.get(name))
    own = {os.path.normpath(path).split("/")[0] for path in (old.paths if old else ())}
    installed = find_distribution(name, [str(site_packages())])
    tree = editable_tree(installed) if installed is not None else None
    trees = [*besides, *([tree] if tree is not None else [])]
    site = site_packages()

    def stands(top: str) -> ModuleOwner | None:
        for finder in sys.meta_path:
            if finder is PathFinder:
                spec = PathFinder.find_spec(top, [e for e in sys.path if not _is_here(e)])
            else:
                spec = finder.find_spec(top, None)
            place = None if spec is None else _place(spec)
            if spec is None or place is None or _is_source(place, trees):
                continue
            if Path(place).parent == site and Path(place).name in own:
                continue
            return ModuleOwner(place, shared=spec.loader is None or spec.origin is None)
        return None

    return stands


def refuse_overwriting(staged: Mapping[str, Files], ledger: Ledger, where: str) -> None:
    """Refuse files that belong to something else, or would be written through a link.

    Args:
        staged: what would be installed, by its normalised name.
        ledger: what `add` has installed.
        where: what is being added.

    Raises:
        RegistryError: naming the first such file.
    """
    base = site_packages()
    owners: dict[str, str] = {}
    for name, files in staged.items():
        title = f"{files.name}=={files.version}"
        old = files_of(name, ledger.brought.get(name))
        own = {os.path.normpath(path) for path in (old.paths if old is not None else ())}
        for path in map(os.path.normpath, files.paths):
            place = os.path.normpath(base / path)
            other = owners.setdefault(path.casefold(), title)
            link = behind_link(path) if belongs(path) else Path(place)
            if other != title:
                what = f"and {other} both have {path}"
            elif link is not None:
                what = f"would be written through {link} to {os.path.realpath(place)}"
            elif path not in own and os.path.lexists(place):
                what = f"would overwrite {place}, which is not its own"
            else:
                continue
            raise RegistryError(
                f"{title} {what}.",
                where=where,
                advice="Ask its author to rename the file, or remove what has it now.",
            )


def _place(spec: ModuleSpec) -> str | None:
    """Return the file of a module or the folder of a package, below what it was found in."""
    locations = list(spec.submodule_search_locations or ())
    if locations:
        return os.path.normpath(locations[0])
    return spec.origin


def _is_here(entry: str) -> bool:
    """Return whether a folder that is searched for modules is the working directory."""
    return not entry or os.path.realpath(entry) == os.path.realpath(os.curdir)


def _is_source(place: str, trees: Sequence[Path]) -> bool:
    """Return whether a module lies in a source tree, and not in an environment in that tree."""
    path = Path(os.path.realpath(place))
    inside = any(Path(os.path.realpath(tree)) in path.parents for tree in trees)
    return inside and Path(os.path.realpath(sys.prefix)) not in path.parents

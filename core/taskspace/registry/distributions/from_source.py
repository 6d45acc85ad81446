"""Imports of plugins: from where they are installed, and from the source that is hashed.

Python takes a module from `__pycache__` where a file there says that it is current, or says that
nobody need check, and a package from the first folder of `sys.path` that has one of its name. Of a
package without `__init__.py` it takes each module from wherever it comes first. The hash of a
plugin covers none of these, so they must not decide.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader, SourcelessFileLoader
from importlib.metadata import Distribution, distributions
from importlib.util import spec_from_file_location
from types import CodeType, ModuleType

from taskspace.registry.builtins import read_builtins
from taskspace.registry.distributions.homes import (
    Home,
    homes_of,
    refuse_imported,
    refuse_shadow,
)
from taskspace.registry.distributions.metadata import is_leftover


def import_from_source(targets: Iterable[str], installed: Distribution | str | None = None) -> None:
    """Have the modules of a plugin compiled from their source in this process, from now on.

    Reads no byte code for them and writes none. A package of an installed plugin is taken from
    where that is installed, of an editable one from its source tree. Doing it again adds to what
    was said before.

    Args:
        targets: `module` or `module:object` of the plugin: entry points, components.
        installed: the plugin, for its other modules, or its name where it is looked up.

    Raises:
        RegistryError: if a module of its name was imported from elsewhere before.
    """
    if isinstance(installed, str):
        same = sorted(distributions(name=installed), key=is_leftover)
        installed = same[0] if same else None
    names = {target.partition(":")[0].partition(".")[0].strip() for target in targets}
    homes = dict[str, Home | None]() if installed is None else homes_of(installed, names)
    homes = dict.fromkeys(names) | homes
    for package in read_builtins().packages:
        homes.pop(package, None)
    for name, home in homes.items():
        if home is not None:
            refuse_imported(name, home)
    first = next((finder for finder in sys.meta_path if isinstance(finder, SourceFinder)), None)
    if first is None:
        sys.meta_path.insert(0, first := SourceFinder())
    first.homes |= homes


class SourceFinder(MetaPathFinder):
    """Finds the modules of some top-level names where others do, and loads them from source.

    A folder without `__init__.py` may have parts in several places, those of other distributions.
    The plugin's own part comes first, and nothing of its name stands in for it.

    Attributes:
        homes: top-level modules and packages, and where each is, or None where that is unknown.
    """

    def __init__(self) -> None:
        self.homes: dict[str, Home | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the other finders find, to be loaded from source.

        Raises:
            ImportError: if there is byte code alone, or a module elsewhere stands in its place.
        """
        top = fullname.partition(".")[0]
        if top not in self.homes:
            return None
        home = self.homes[top]
        own = _own_spec(fullname, home.base if home else None, path)
        if own is None or own.loader is None:
            others = [finder for finder in sys.meta_path if finder is not self]
            specs = (finder.find_spec(fullname, path, target) for finder in others)
            other = next((found for found in specs if found is not None), None)
            if own is None and other is not None and home is not None and fullname == top:
                refuse_shadow(other, home)
            own = other if own is None else _joined(own, other)
        return None if own is None else _from_source(fullname, own)


def _own_spec(fullname: str, base: str | None, path: Sequence[str] | None) -> ModuleSpec | None:
    """Return what a module is in the folder that its plugin is installed in."""
    if base is None:
        return None
    folder = os.path.join(base, *fullname.split(".")[:-1])  # noqa: PTH118  as in `__path__`
    if path is not None and folder not in path:
        return None
    return PathFinder.find_spec(fullname, [folder])


def _joined(own: ModuleSpec, other: ModuleSpec | None) -> ModuleSpec:
    """Return a folder without `__init__.py` with its parts elsewhere, those of its plugin first."""
    parts = list(own.submodule_search_locations or ())
    if other is not None and other.loader is None:
        parts += [part for part in other.submodule_search_locations or () if part not in parts]
    joined = ModuleSpec(own.name, None, is_package=True)
    # A list: Python would order its own kind of path anew whenever `sys.path` changes.
    joined.submodule_search_locations = parts
    return joined


class SourceLoader(SourceFileLoader):
    """Compiles a module from its source whenever it is loaded."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the source as it is now."""
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _from_source(fullname: str, spec: ModuleSpec) -> ModuleSpec:
    if isinstance(spec.loader, SourcelessFileLoader):
        raise ImportError(
            f"{spec.origin} is byte code without its source, which no hash vouches for.",
            name=fullname,
            path=spec.origin,
        )
    if type(spec.loader) is not SourceFileLoader:
        return spec
    file = spec.loader.path
    found = spec_from_file_location(
        fullname,
        file,
        loader=SourceLoader(fullname, file),
        submodule_search_locations=spec.submodule_search_locations,
    )
    return found or spec

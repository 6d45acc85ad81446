"""Where the modules of a plugin are, and what stands in their place elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.distributions.digest import editable_tree
from taskspace.registry.distributions.reach import top_module
from taskspace.registry.distributions.record import recorded
from taskspace.registry.distributions.source import module_file


@dataclass(frozen=True)
class Home:
    """Where the modules of a plugin are.

    Attributes:
        folder: the files that were hashed are in it.
        base: the folder that a top-level module is in; None where it is looked up as others are.
    """

    folder: str
    base: str | None

    def holds(self, file: str) -> bool:
        """Return whether a file is in the folder, wherever links lead."""
        inner, outer = os.path.realpath(file), os.path.realpath(self.folder)
        return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)

    def refusal(self, name: str, file: str, happened: str) -> str:
        """Return what to say of a module that is not one of the files that were hashed."""
        return f"{name!r} {happened} {file}, which shadows the one of the plugin in {self.folder}"


def homes_of(installed: Distribution, names: set[str]) -> dict[str, Home | None]:
    """Return the homes of an installed plugin's modules and of those that `names` adds.

    Raises:
        RegistryError: if its metadata does not say where it is.
    """
    tree = editable_tree(installed)
    if tree is None:
        own = top_modules(installed)
        base = str(installed.locate_file(""))
        return {name: Home(base, base) for name in (own | names if own else own)}
    source = tree / "src"
    bases = {name: _base(name, (source, tree)) for name in names}
    if source.is_dir():
        # Beside the modules of its hooks; what else lies in the tree itself is no module.
        others = {p.stem for p in source.iterdir() if p.suffix == ".py" or p.is_dir()}
        bases |= {name: str(source) for name in others - names if name.isidentifier()}
    return {name: Home(str(tree), base) for name, base in bases.items()}


def _base(name: str, folders: Iterable[Path]) -> str | None:
    return next((str(f) for f in folders if module_file(name, [f]) or (f / name).is_dir()), None)


def refuse_imported(name: str, home: Home) -> None:
    """Refuse a module that this process has from elsewhere.

    Raises:
        RegistryError: saying from where.
    """
    module = sys.modules.get(name)
    if module is None:
        return
    places = [*filter(None, [getattr(module, "__file__", None)]), *getattr(module, "__path__", ())]
    if places and not any(map(home.holds, places)):
        raise RegistryError(
            f"{home.refusal(name, places[0], 'was imported here before from')}.",
            advice="rename that file, or take its folder off PYTHONPATH",
        )


def refuse_shadow(spec: ModuleSpec, home: Home) -> None:
    """Refuse a module that others find elsewhere.

    Raises:
        ImportError: saying where.
    """
    places = [*filter(None, [spec.origin]), *(spec.submodule_search_locations or ())]
    if not any(map(home.holds, places)):
        said = home.refusal(spec.name, places[0] if places else "nowhere", "would be imported from")
        raise ImportError(f"{said}: rename it, or take its folder off PYTHONPATH", name=spec.name)


def top_modules(installed: Distribution) -> set[str]:
    """Return the top-level names among a distribution's files; none for an editable one."""
    try:
        if editable_tree(installed) is not None:
            return set()
        paths = [row.path for row in recorded(installed)]
    except RegistryError:
        return set()
    tops = {top_module(path) for path in paths}
    return {top for top in tops if not top.endswith(".dist-info")} - {".."}

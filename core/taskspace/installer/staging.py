"""A plugin as it would be installed, in a folder of its own, before anything is installed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.installer.environment import Say
from taskspace.installer.installed import (
    Files,
    find_distribution,
    recorded_paths,
)
from taskspace.installer.ledger import Ledger
from taskspace.installer.pip import Needed, Pin, Pip
from taskspace.installer.requested import Requested
from taskspace.installer.wheels.landing import refuse_intruding
from taskspace.installer.wheels.source_tree import copy_tree
from taskspace.installer.wheels.standing import refuse_overwriting, standing
from taskspace.installer.wheels.wheel import read_wheel
from taskspace.registry.descriptions.description import BUILT_IN
from taskspace.registry.distributions.discovery import GROUP, InstalledPlugin, discover
from taskspace.registry.distributions.metadata import name_of
from taskspace.registry.intent import normalised


@dataclass(frozen=True)
class Staged:
    """A plugin and what it brings, built and laid out but not installed.

    Attributes:
        found: the plugin, in its own folder.
        pin: its name and version.
        brings: other distributions that would be installed with it.
        wheels: the folder with a wheel of each.
        site: the folder that modules are imported from.
        files: of each distribution, by its normalised name.
    """

    found: InstalledPlugin
    pin: Pin
    brings: tuple[Needed, ...]
    wheels: Path
    site: Path
    files: dict[str, Files]


def stage(requested: Requested, pip: Pip, ledger: Ledger, folder: Path, say: Say) -> Staged:
    """Build or fetch a plugin with what it needs, and lay it out under `folder`.

    Raises:
        RegistryError: if it cannot be built, is no plugin, its wheel or one that it needs is not
            what it says or intrudes, or its installation would change anything else that is
            installed.
    """
    wheels = folder / "wheels"
    wheels.mkdir()
    wheel = _wheel(requested, pip, folder, wheels, say)
    besides = [requested.path] if requested.form == "path" else []
    _refuse_replacing(wheel, ledger)
    _accept(wheel, ledger, besides, is_plugin=True)
    brings = _new(wheel, pip.plan(wheel, folder / "plan.json"))
    if brings:
        pip.wheel([needed.source for needed in brings], wheels)
    for other in sorted(set(wheels.glob("*.whl")) - {wheel}):
        _accept(other, ledger, besides, is_plugin=False)
    tree = folder / "tree"
    pip.stage(sorted(wheels.glob("*.whl")), tree)
    site = next(iter(sorted(tree.rglob("*.dist-info")))).parent
    laid_out = {normalised(name_of(d)): d for d in distributions(path=[str(site)])}
    own = laid_out[_wheel_name(wheel)]
    found = next((p for p in discover([str(site)]) if p.distribution == name_of(own)), None)
    if found is None:
        raise RegistryError(
            f"{name_of(own)} is no plugin: it has no entry point in the group {GROUP!r}.",
            where=requested.target,
            advice="Its pyproject.toml needs [project.entry-points.taskspace]; "
            "`tasks plugin new` writes an example.",
        )
    pin = Pin(found.distribution, found.version)
    wanted = {normalised(p.name) for p in (pin, *brings)}
    files = {
        name: Files(name_of(d), d.version, recorded_paths(d))
        for name, d in laid_out.items()
        if name in wanted
    }
    refuse_overwriting(files, ledger, requested.target)
    return Staged(found, pin, tuple(brings), wheels, site, files)


def _accept(path: Path, ledger: Ledger, besides: Sequence[Path], *, is_plugin: bool) -> None:
    wheel = read_wheel(path)
    stands = standing(wheel.name, ledger, besides)
    refuse_intruding(wheel, stands, is_plugin=is_plugin)


def _wheel(requested: Requested, pip: Pip, folder: Path, wheels: Path, say: Say) -> Path:
    match requested.form:
        case "wheel":
            shutil.copy2(requested.path, wheels / requested.path.name)
        case "path":
            # Builders write into the tree that they build: into a copy, not into the user's.
            copy = folder / "source" / requested.path.name
            copy_tree(requested.path, copy, say)
            pip.wheel([str(copy)], wheels)
        case "git":
            pip.wheel([f"git+{requested.target}"], wheels)
        case "pypi":
            pip.wheel([requested.target], wheels)
    return next(wheels.glob("*.whl"))


def _wheel_name(wheel: Path) -> str:
    return normalised(wheel.name.partition("-")[0])


def _new(wheel: Path, planned: Sequence[Needed]) -> list[Needed]:
    """Return what is planned and not installed.

    Raises:
        RegistryError: if another version of something would be installed.
    """
    installed = {needed: find_distribution(needed.name) for needed in planned}
    changes = [
        f"{needed.name} {found.version} -> {needed.version}"
        for needed, found in installed.items()
        if found is not None and found.version != needed.version
    ]
    if changes:
        raise RegistryError(
            f"Adding {_wheel_name(wheel)} would change what is installed: {', '.join(changes)}.",
            where=wheel.name,
            advice="Results here may depend on it, so this is never done on the way. Install the "
            "other version yourself if you want it, or ask the plugin's author for a wider range.",
        )
    return [needed for needed, found in installed.items() if found is None]


def _refuse_replacing(wheel: Path, ledger: Ledger) -> None:
    """Refuse a wheel with the name of something that is installed and is no plugin."""
    name = _wheel_name(wheel)
    is_plugin = name in ledger.brought or any(
        normalised(plugin.distribution) == name for plugin in discover()
    )
    if name == BUILT_IN or (find_distribution(name) is not None and not is_plugin):
        raise RegistryError(
            f"{name} is installed here and is no plugin; adding this would replace it.",
            where=wheel.name,
            advice="A plugin needs a name of its own, such as taskspace-weather.",
        )

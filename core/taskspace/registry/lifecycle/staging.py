"""A plugin as it would be installed, in a folder of its own, before anything is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.builtins import read_builtins
from taskspace.registry.description import BUILT_IN
from taskspace.registry.discovery import GROUP, Found, discover
from taskspace.registry.intent import normalised
from taskspace.registry.lifecycle.installed import (
    Files,
    files_of,
    find_distribution,
    name_of,
    recorded_paths,
    site_packages,
)
from taskspace.registry.lifecycle.ledger import Ledger
from taskspace.registry.lifecycle.pip import Needed, Pin, Pip
from taskspace.registry.lifecycle.requested import Requested

_NOT_SOURCE = shutil.ignore_patterns(
    "__pycache__", "*.pyc", "*.egg-info", ".taskspace", ".tox", ".nox", ".*_cache"
)
_BUILT = frozenset({"build", "dist"})
_EVERY_PROCESS = frozenset({"sitecustomize", "usercustomize"})
"""Modules that Python imports whenever it starts."""


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

    found: Found
    pin: Pin
    brings: tuple[Needed, ...]
    wheels: Path
    site: Path
    files: dict[str, Files]


def stage(requested: Requested, pip: Pip, ledger: Ledger, folder: Path) -> Staged:
    """Build or fetch a plugin with what it needs, and lay it out under `folder`.

    Raises:
        RegistryError: if it cannot be built, is no plugin, or its installation would change
            anything else that is installed.
    """
    wheels = folder / "wheels"
    wheels.mkdir()
    wheel = _wheel(requested, pip, folder, wheels)
    brings = _new(wheel, pip.plan(wheel, folder / "plan.json"), ledger)
    if brings:
        pip.wheel([needed.source for needed in brings], wheels)
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
    _refuse_overwriting(normalised(pin.name), files, ledger, requested)
    return Staged(found, pin, tuple(brings), wheels, site, files)


def _wheel(requested: Requested, pip: Pip, folder: Path, wheels: Path) -> Path:
    match requested.form:
        case "wheel":
            shutil.copy2(requested.path, wheels / requested.path.name)
        case "path":
            # Builders write into the tree that they build: into a copy, not into the user's.
            copy = folder / "source" / requested.path.name
            shutil.copytree(requested.path, copy, symlinks=True, ignore=_Ignored(requested.path))
            _follow_links_out(requested.path, copy)
            pip.wheel([str(copy)], wheels)
        case "git":
            pip.wheel([f"git+{requested.target}"], wheels)
        case "pypi":
            pip.wheel([requested.target], wheels)
    return next(wheels.glob("*.whl"))


@dataclass(frozen=True)
class _Ignored:
    """What is built, kept or installed in a source tree and is not its source."""

    root: Path

    def __call__(self, folder: str, names: list[str]) -> set[str]:
        environments = {name for name in names if Path(folder, name, "pyvenv.cfg").exists()}
        built = _BUILT if Path(folder) == self.root else frozenset()
        return environments | (built & set(names)) | set(_NOT_SOURCE(folder, names))


def _follow_links_out(tree: Path, copy: Path) -> None:
    """Put in place of links that lead out of a tree what they lead to."""
    for link in [path for path in copy.rglob("*") if path.is_symlink() and not path.exists()]:
        target = (tree / link.relative_to(copy)).resolve()
        if target.exists():
            link.unlink()
            (shutil.copytree if target.is_dir() else shutil.copy2)(target, link)


def _wheel_name(wheel: Path) -> str:
    return normalised(wheel.name.partition("-")[0])


def _new(wheel: Path, planned: Sequence[Needed], ledger: Ledger) -> list[Needed]:
    """Return what is planned and not installed.

    Raises:
        RegistryError: if another version of something would be installed, or the wheel itself
            would replace what is no plugin.
    """
    installed = {needed: find_distribution(needed.name) for needed in planned}
    changes = [
        f"{needed.name} {found.version} -> {needed.version}"
        for needed, found in installed.items()
        if found is not None and found.version != needed.version
    ]
    name = _wheel_name(wheel)
    if changes:
        raise RegistryError(
            f"Adding {name} would change what is installed: {', '.join(changes)}.",
            where=wheel.name,
            advice="Results here may depend on it, so this is never done on the way. Install the "
            "other version yourself if you want it, or ask the plugin's author for a wider range.",
        )
    is_plugin = name in ledger.brought or any(
        normalised(plugin.distribution) == name for plugin in discover()
    )
    if name == BUILT_IN or (find_distribution(name) is not None and not is_plugin):
        raise RegistryError(
            f"{name} is installed here and is no plugin; adding this would replace it.",
            where=wheel.name,
            advice="A plugin needs a name of its own, such as taskspace-weather.",
        )
    return [needed for needed, found in installed.items() if found is None]


def _refuse_overwriting(
    plugin: str, files: Mapping[str, Files], ledger: Ledger, requested: Requested
) -> None:
    """Refuse files that belong to something else, or that every Python process would run."""
    base = site_packages()
    components = read_builtins().components
    ours = {BUILT_IN, *(built_in.target.partition(".")[0] for built_in in components)}
    for name, staged in files.items():
        title = f"{staged.name}=={staged.version}"
        old = files_of(name, ledger.brought.get(name))
        own = set(old.paths) if old is not None else set()
        for path in staged.paths:
            if path not in own and (base / path).exists():
                raise RegistryError(
                    f"{title} would overwrite {os.path.normpath(base / path)}, which is not its "
                    "own.",
                    where=requested.target,
                    advice="Ask its author to rename the file, or remove what has it now.",
                )
        tops = {Path(path).parts[0].removesuffix(".py") for path in staged.paths}
        hooks = [path for path in staged.paths if path.endswith(".pth") and name == plugin]
        for what in (*hooks, *sorted(tops & (_EVERY_PROCESS | ours))):
            raise RegistryError(
                f"{title} has {what}, which would run in every Python process here, or stand in "
                "for taskspace itself, whatever registry.toml says.",
                where=requested.target,
                advice="A plugin is a package of its own that its entry point names.",
            )

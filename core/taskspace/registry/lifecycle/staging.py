"""A plugin as it would be installed, in a folder of its own, before anything is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.description import BUILT_IN
from taskspace.registry.discovery import GROUP, Found, discover
from taskspace.registry.intent import normalised
from taskspace.registry.lifecycle.installed import (
    find_distribution,
    name_of,
    recorded_paths,
    site_packages,
)
from taskspace.registry.lifecycle.pip import Pin, Pip
from taskspace.registry.lifecycle.requested import Requested

_NOT_SOURCE = shutil.ignore_patterns(
    "__pycache__", "*.pyc", "*.egg-info", "build", ".taskspace", ".tox", ".nox", ".*_cache"
)
_OURS = frozenset({"taskspace", "taskspace_plugins", "taskspace_ray", "taskspace_cli"})


@dataclass(frozen=True)
class Staged:
    """A plugin and what it brings, built and laid out but not installed.

    Attributes:
        found: the plugin, in its own folder.
        pin: its name and version.
        brings: other distributions that would be installed with it.
        wheels: the folder with a wheel of each.
        site: the folder that modules are imported from.
        paths: of the files of each distribution, relative to where it is installed.
    """

    found: Found
    pin: Pin
    brings: tuple[Pin, ...]
    wheels: Path
    site: Path
    paths: dict[Pin, tuple[str, ...]]


def stage(requested: Requested, pip: Pip, folder: Path) -> Staged:
    """Build or fetch a plugin with what it needs, and lay it out under `folder`.

    Raises:
        RegistryError: if it cannot be built, is no plugin, or its installation would change
            anything else that is installed.
    """
    wheels = folder / "wheels"
    wheels.mkdir()
    wheel = _wheel(requested, pip, folder, wheels)
    brings = pip.plan(wheel, folder / "plan.json")
    _refuse_changes(wheel, brings)
    if brings:
        pip.wheel([str(pin) for pin in brings], wheels)
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
    paths = {
        Pin(name_of(d), d.version): recorded_paths(d)
        for name, d in laid_out.items()
        if name == normalised(pin.name) or name in {normalised(b.name) for b in brings}
    }
    _refuse_overwriting(pin, paths, requested)
    return Staged(found, pin, tuple(brings), wheels, site, paths)


def _wheel(requested: Requested, pip: Pip, folder: Path, wheels: Path) -> Path:
    match requested.form:
        case "wheel":
            shutil.copy2(requested.path, wheels)
        case "path":
            # Builders write into the tree that they build: into a copy, not into the user's.
            copy = folder / "source" / requested.path.name
            shutil.copytree(requested.path, copy, symlinks=True, ignore=_ignored)
            pip.wheel([str(copy)], wheels)
        case "git":
            pip.wheel([f"git+{requested.target}"], wheels)
        case "pypi":
            pip.wheel([requested.target], wheels)
    return next(wheels.glob("*.whl"))


def _ignored(folder: str, names: list[str]) -> set[str]:
    """Return what is built, kept or installed in a source tree and is not its source."""
    environments = {name for name in names if Path(folder, name, "pyvenv.cfg").exists()}
    return environments | set(_NOT_SOURCE(folder, names))


def _wheel_name(wheel: Path) -> str:
    return normalised(wheel.name.partition("-")[0])


def _refuse_changes(wheel: Path, brings: Sequence[Pin]) -> None:
    changes = [
        f"{pin.name} {installed.version} -> {pin.version}"
        for pin in brings
        if (installed := find_distribution(pin.name)) is not None
    ]
    if changes:
        raise RegistryError(
            f"Adding {_wheel_name(wheel)} would change what is installed: {', '.join(changes)}.",
            where=wheel.name,
            advice="Results here may depend on it, so this is never done on the way. Install the "
            "other version yourself if you want it, or ask the plugin's author for a wider range.",
        )
    name = _wheel_name(wheel)
    other = find_distribution(name)
    is_plugin = any(normalised(p.distribution) == name for p in discover())
    if name == BUILT_IN or (other is not None and not is_plugin):
        raise RegistryError(
            f"{name} is installed here and is no plugin; adding this would replace it.",
            where=wheel.name,
            advice="A plugin needs a name of its own, such as taskspace-weather.",
        )


def _refuse_overwriting(pin: Pin, paths: dict[Pin, tuple[str, ...]], requested: Requested) -> None:
    """Refuse files that belong to something else, or that every Python process would run."""
    base = site_packages()
    for owner, files in paths.items():
        old = find_distribution(owner.name)
        own = set(recorded_paths(old)) if old is not None else set()
        for path in _foreign(base, files, own):
            raise RegistryError(
                f"{owner} would overwrite {os.path.normpath(base / path)}, which is not its own.",
                where=requested.target,
                advice="Ask its author to rename the file, or remove what has it now.",
            )
        hooks = [p for p in files if p.endswith(".pth") and owner == pin]
        tops = {Path(path).parts[0].removesuffix(".py") for path in files}
        if hooks or tops & (_OURS | {"sitecustomize", "usercustomize"}):
            what = hooks[0] if hooks else sorted(tops & (_OURS | {"sitecustomize"}))[0]
            raise RegistryError(
                f"{owner} has {what}, which would run in every Python process here, or stand in "
                "for taskspace itself, whatever registry.toml says.",
                where=requested.target,
                advice="A plugin is a package of its own that its entry point names.",
            )


def _foreign(base: Path, files: Sequence[str], own: set[str]) -> Iterator[str]:
    for path in files:
        if path not in own and (base / path).exists():
            yield path

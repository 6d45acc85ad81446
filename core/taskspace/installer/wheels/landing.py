"""Where the files of a wheel would land, and which of them may not."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from taskspace.errors import RegistryError
from taskspace.installer.wheels.wheel import Wheel
from taskspace.registry.descriptions.description import BUILT_IN
from taskspace.registry.distributions.reach import module_files, runs_everywhere, top_module

_BYTE_CODE = (".pyc", ".pyo")
_RESERVED = {
    "pip": "pip",
    "setuptools": "setuptools",
    "pkg_resources": "setuptools",
    "_distutils_hack": "setuptools",
    "ray": "ray",
    "swiglpk": "swiglpk",
    "torchjd": "torchjd",
    "pandas": "pandas",
}
"""Packages that the installer or taskspace imports where they are there, and whose they are."""
_PLAIN_SCRIPT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_PROGRAMS = re.compile(
    r"(python|pip|pypy)[0-9.]*w?|tasks|git|uv|uvx|glpsol|(de)?activate(\.[a-z0-9]+)?", re.IGNORECASE
)
"""What taskspace starts, or a shell where the environment is active."""


class ModuleOwner(NamedTuple):
    """What Python would import under a name now.

    Attributes:
        owner: where it is.
        shared: whether it is a namespace, into which several distributions may put packages.
    """

    owner: str
    shared: bool


OwnerOf = Callable[[str], ModuleOwner | None]
"""Takes the name of a top-level module and returns what has it already, or None."""


class Landed(NamedTuple):
    """A file by its destination.

    Attributes:
        place: `library`, where modules are imported from, `scripts`, `data` or `headers`.
        path: below that folder.
    """

    place: str
    path: str


def landing(wheel: Wheel) -> Iterator[Landed]:
    """Yield where each file of a wheel lands, and each script that an installer makes for it.

    Raises:
        RegistryError: if a part of its data folder goes to a place that no installer knows.
    """
    for path in wheel.files:
        top, _, rest = path.partition("/")
        if top != wheel.data:
            yield Landed("library", path)
            continue
        scheme, _, below = rest.partition("/")
        place = {"purelib": "library", "platlib": "library"}.get(scheme, scheme)
        if place not in ("library", "scripts", "data", "headers") or not below:
            raise _refused(wheel, f"has {path}, and no installer knows where to put it")
        yield Landed(place, below)
    for script in wheel.scripts:
        yield Landed("scripts", script)


def refuse_intruding(wheel: Wheel, stands: OwnerOf, *, is_plugin: bool) -> None:
    """Refuse a wheel with files that the hash of a plugin cannot vouch for, or of every process.

    Args:
        wheel: of a plugin, or of what one brings along.
        stands: tells which top-level modules are there already.
        is_plugin: whether it is the plugin's.

    Raises:
        RegistryError: if it brings byte code, what Python runs whenever it starts, a module or a
            program in another's place, or a file outside of the library and script folders.
    """
    seen = set[str]()
    landed = list(landing(wheel))
    for file in landed:
        # As file systems see names that differ in case alone.
        if (key := f"{file.place}/{file.path}".casefold()) in seen:
            raise _refused(wheel, f"has two files that would both be {file.path}")
        seen.add(key)
        _refuse_byte_code(wheel, file)
        match file.place:
            case "scripts":
                _refuse_script(wheel, file.path)
            case "data" | "headers":
                _refuse_elsewhere(wheel, file, is_plugin=is_plugin)
    modules = [file.path for file in landed if file.place == "library"]
    _refuse_hooks(wheel, modules)
    for top in sorted({top_module(path) for path in modules}):
        # `numpy.libs` and `numpy-2.0.dist-info` are no names that anything imports.
        if top.isidentifier():
            _refuse_standing_in(wheel, top, modules, stands)
    if is_plugin:
        _refuse_others_entry_points(wheel, frozenset(modules))


def _refuse_byte_code(wheel: Wheel, file: Landed) -> None:
    if file.path.lower().endswith(_BYTE_CODE) or "__pycache__" in file.path.lower().split("/"):
        raise _refused(
            wheel,
            f"has the byte code {file.path}: what it does is not in the source that is hashed",
            "Build the wheel without byte code; Python makes its own.",
        )


def _refuse_script(wheel: Wheel, name: str) -> None:
    if _PLAIN_SCRIPT.fullmatch(name) is None:
        raise _refused(wheel, f"has a script {name!r}, which is no plain name of a program")
    if _PROGRAMS.fullmatch(name.removesuffix(".exe")):
        raise _refused(wheel, f"has the script {name}, the name of a program that is used here")


def _refuse_elsewhere(wheel: Wheel, file: Landed, *, is_plugin: bool) -> None:
    parts = file.path.split("/")
    shared = parts[0] == "share" and parts[1:2] != [BUILT_IN] and len(parts) > 2
    if file.place == "data" and shared and not is_plugin:
        return
    raise _refused(
        wheel,
        f"has {file.place}/{file.path}, outside of the folders for libraries and scripts",
        "Keep data files inside of the package.",
    )


def _refuse_hooks(wheel: Wheel, modules: list[str]) -> None:
    for path in modules:
        if runs_everywhere(path):
            raise _refused(
                wheel,
                f"has {path}, which would run in every Python process here, whatever "
                "registry.toml says",
                "A plugin is a package of its own that its entry point names. What a plugin needs "
                "and has such a file can be installed with pip first, by whoever wants that.",
            )


def _refuse_standing_in(wheel: Wheel, top: str, modules: list[str], stands: OwnerOf) -> None:
    its_own = module_files(top) & set(modules)
    standing = stands(top)
    if top in sys.stdlib_module_names:
        owner = "the standard library"
    elif _RESERVED.get(top, wheel.name) != wheel.name:
        owner = _RESERVED[top]
    elif standing is not None and not (standing.shared and not its_own):
        owner = standing.owner
    else:
        return
    where = next(path for path in modules if top_module(path) == top)
    raise _refused(
        wheel,
        f"has {where}, which would stand in for {top} of {owner} in every Python process here",
        "A plugin's package needs a name of its own.",
    )


def _refuse_others_entry_points(wheel: Wheel, modules: frozenset[str]) -> None:
    for name, value in wheel.plugin_points:
        module = value.partition(":")[0].strip()
        if not module_files(module) & modules:
            raise _refused(
                wheel,
                f"has the entry point {name} = {value}, and no module {module}: the hash of its "
                "files would say nothing of what runs",
                "An entry point of a plugin names a module of the plugin itself, which may import "
                "whatever it needs.",
            )


def _refused(wheel: Wheel, what: str, advice: str | None = None) -> RegistryError:
    return RegistryError(
        f"{wheel.title} {what}.", where=wheel.file, advice=advice or "Ask its author to change it."
    )

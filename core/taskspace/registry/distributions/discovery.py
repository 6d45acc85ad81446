"""Installed plugins, from the metadata of distributions alone: nothing is imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distributions
from importlib.metadata import version as installed_version
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.descriptions.description import BUILT_IN
from taskspace.registry.distributions.metadata import (
    entry_points,
    is_leftover,
    name_and_version,
    plain_text,
    text_of,
)
from taskspace.registry.intent import normalised

GROUP = "taskspace"
"""The entry-point group of plugins."""


@dataclass(frozen=True)
class InstalledPlugin:
    """A distribution with entry points of ours.

    Attributes:
        entry_points: name and `module` or `module:object` of each.
        problem: what is wrong with its metadata, or None.
    """

    distribution: str
    version: str
    entry_points: tuple[tuple[str, str], ...]
    metadata: Distribution
    problem: str | None = None


def discover(search: Sequence[str] | None = None) -> tuple[InstalledPlugin, ...]:
    """Return every third-party plugin by name, in order of name.

    Of one that is installed in several folders, the first is taken, as Python's import does. An
    .egg-info is one only where nothing is installed under its name: builds leave it in the source
    tree, which an editable install puts on the path.

    Args:
        search: folders to look in; None for `sys.path`.
    """
    found: dict[str, InstalledPlugin] = {}
    every = distributions(path=list(sys.path if search is None else search))
    for metadata in sorted(every, key=is_leftover):
        plugin = _found(metadata)
        if plugin is None or normalised(plugin.distribution) == BUILT_IN:
            continue
        key = normalised(plugin.distribution)
        first = found.setdefault(key, plugin)
        if first is not plugin and _side_by_side(first, plugin):
            found[key] = replace(
                first,
                problem=f"Two of it are installed side by side, {first.version} and "
                f"{plugin.version}, in {first.metadata.locate_file('')}.",
            )
    return tuple(found[name] for name in sorted(found))


def installed_without_hooks(distribution: str, search: Sequence[str] | None = None) -> bool:
    """Return whether a distribution has a folder of metadata, whatever is in it.

    Args:
        distribution: its name.
        search: folders to look in; None for `sys.path`.
    """
    folders = list(sys.path if search is None else search)
    return any(True for _ in distributions(name=distribution, path=folders))


@cache
def built_in_version() -> str:
    """Return the version of the distribution that the built-ins come with.

    Raises:
        RegistryError: if it has no metadata, as when a bare source tree is on the path.
    """
    try:
        return installed_version(BUILT_IN)
    except PackageNotFoundError as error:
        raise RegistryError(
            "taskspace runs from a source tree that is not installed.",
            advice="Install it: pip install -e .",
        ) from error


def _named_by_folder(metadata: Distribution, points: str) -> tuple[str | None, str | None]:
    """Return name and version that the folder of damaged metadata still tells.

    Args:
        metadata: whose METADATA tells nothing.
        points: its entry_points.txt, by which its folder is known.
    """
    base = Path(str(metadata.locate_file("")))
    for folder in (*base.glob("*.dist-info"), *base.glob("*.egg-info")):
        with suppress(OSError, UnicodeDecodeError):
            if not (folder / "entry_points.txt").is_file():
                continue
            if (folder / "entry_points.txt").read_text(encoding="utf-8") == points:
                name, _, version = folder.stem.partition("-")
                return name or None, version or None
    return None, None


def _found(metadata: Distribution) -> InstalledPlugin | None:
    """Return the plugin, or None where the distribution has no entry points of ours."""
    problem = None
    try:
        text = plain_text(metadata, "entry_points.txt")
    except UnicodeDecodeError as error:
        text = bytes(error.object).decode("utf-8", "replace")
        problem = "Its entry_points.txt is not UTF-8 text."
    except OSError:
        return None
    # Most distributions have no entry points of ours: one small read rules them out.
    if text is None or f"[{GROUP}]" not in text.replace(" ", ""):
        return None
    name = version = None
    points: tuple[tuple[str, str], ...] = ()
    try:
        file = "PKG-INFO" if is_leftover(metadata) else "METADATA"
        name, version = name_and_version(text_of(metadata, file) or "")
        if not name or not version:
            problem = f"Its {file} has no Name or no Version."
        points = entry_points(text, GROUP)
        for point, value in points:
            if EntryPoint.pattern.fullmatch(value) is None:
                problem = f"Its entry point {point} = {value!r} names no module."
    except RegistryError as error:
        problem = error.what
    if not name or not version:
        name, version = _named_by_folder(metadata, text)
    return InstalledPlugin(
        distribution=name or f"(unnamed at {metadata.locate_file('')})",
        version=version or "unknown",
        entry_points=points,
        metadata=metadata,
        problem=problem,
    )


def _side_by_side(first: InstalledPlugin, second: InstalledPlugin) -> bool:
    """Return whether both lie in one folder, and are not one folder that was searched twice."""
    a, b = first.metadata, second.metadata
    if is_leftover(b):
        return False
    if str(a.locate_file("")) != str(b.locate_file("")):
        return False
    return first.version != second.version or _record(a) != _record(b)


def _record(metadata: Distribution) -> str | None:
    try:
        return text_of(metadata, "RECORD")
    except RegistryError as error:
        return error.what

"""Installed plugins, from the metadata of distributions alone: nothing is imported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distributions
from importlib.metadata import version as installed_version

from taskspace.errors import RegistryError
from taskspace.registry.description import BUILT_IN
from taskspace.registry.intent import normalised

GROUP = "taskspace"
"""The entry-point group of plugins."""


@dataclass(frozen=True)
class Found:
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


def discover(search: Sequence[str] | None = None) -> tuple[Found, ...]:
    """Return every third-party plugin by name, in order of name.

    Args:
        search: folders to look in; None for `sys.path`.
    """
    found: dict[str, Found] = {}
    for metadata in distributions() if search is None else distributions(path=list(search)):
        # Most distributions have no entry points of ours: one small read rules them out.
        text = metadata.read_text("entry_points.txt")
        if text is None or f"[{GROUP}]" not in text.replace(" ", ""):
            continue
        plugin = _found(metadata)
        if normalised(plugin.distribution) != BUILT_IN:
            found.setdefault(normalised(plugin.distribution), plugin)
    return tuple(found[name] for name in sorted(found))


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


def _found(metadata: Distribution) -> Found:
    headers = metadata.metadata
    name, version = (next(iter(headers.get_all(key) or ()), None) for key in ("Name", "Version"))
    problem = None
    if not name or not version:
        problem = "Its METADATA has no Name or no Version."
    entry_points = tuple((e.name, e.value) for e in _entry_points(metadata))
    for entry_name, value in entry_points:
        if EntryPoint.pattern.fullmatch(value) is None:
            problem = f"Its entry point {entry_name} = {value!r} names no module."
    return Found(
        distribution=name or f"(unnamed at {metadata.locate_file('')})",
        version=version or "unknown",
        entry_points=entry_points,
        metadata=metadata,
        problem=problem,
    )


def _entry_points(metadata: Distribution) -> Iterator[EntryPoint]:
    yield from metadata.entry_points.select(group=GROUP)

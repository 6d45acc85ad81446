"""Everything that is known of one plugin."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import distribution
from typing import Any

from taskspace.errors import RegistryError
from taskspace.registry.descriptions.description import BUILT_IN, Description
from taskspace.registry.distributions.declared import DeclaredApi, declared_api
from taskspace.registry.distributions.digest import editable_tree
from taskspace.registry.distributions.discovery import GROUP, InstalledPlugin
from taskspace.registry.distributions.source import package_folders
from taskspace.registry.registry import Registry
from taskspace.registry.state import Examined, PluginState


@dataclass(frozen=True)
class PluginReport:
    """One plugin, as `tasks plugin show` shows it.

    Attributes:
        ours: number of our hooks and base classes.
        declared: the api that the plugin says it is made for, also where it is not used.
        entry_points: name and value of each.
        location: the folder of its files; None where it is not installed.
        seconds: that importing it took in the child process that described it.
        components: what it provides, where that is known.
    """

    state: PluginState
    ours: int
    declared: DeclaredApi | None
    entry_points: tuple[tuple[str, str], ...]
    location: str | None
    seconds: float | None
    components: tuple[Description, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON."""
        record = asdict(self.state)
        locked, api = record.pop("locked"), record.pop("api")
        warning = record.pop("warning")
        declared = self.declared
        return {
            **record,
            "sha256": {"locked": locked, "installed": record["sha256"]},
            "api": {
                "ours": self.ours,
                "locked": api,
                "declared": declared.text if declared else None,
                "declared_at": declared.where if declared else None,
            },
            "warning": None if warning is None else str(self.state.warning),
            "location": self.location,
            "entry_points": dict(self.entry_points),
            "import_seconds": self.seconds,
            "components": [
                {
                    "kind": description.kind,
                    "name": description.name,
                    "summary": description.summary,
                    "target": description.target,
                    "parameters": dict(description.schema),
                }
                for description in self.components
            ],
        }


def plugin_report(registry: Registry, name: str) -> PluginReport:
    """Return what is known of a plugin, whatever its state; nothing of it is imported.

    Args:
        registry: what is known here.
        name: its distribution's name, or the short form of it.

    Raises:
        NotFound: if no plugin has this name, with the nearest name.
    """
    examined = registry.examined(name)
    found = examined.found
    if examined.state.distribution == BUILT_IN:
        points = distribution(BUILT_IN).entry_points.select(group=GROUP)
        entry_points = tuple((point.name, point.value) for point in points)
        location = next((str(folder) for folder in package_folders(BUILT_IN)), None)
    else:
        entry_points = found.entry_points if found else ()
        location = _location(found) if found else None
    return PluginReport(
        state=examined.state,
        ours=registry.api,
        declared=_declared(examined),
        entry_points=entry_points,
        location=location,
        seconds=examined.seconds,
        components=examined.components,
    )


def _location(found: InstalledPlugin) -> str:
    try:
        tree = editable_tree(found.metadata)
    except RegistryError:
        # Its state tells; where the metadata lies is known all the same.
        tree = None
    return str(tree or found.metadata.locate_file(""))


def _declared(examined: Examined) -> DeclaredApi | None:
    """Return what the plugin declares; nothing is read of one that is blocked."""
    if examined.declared or examined.found is None or examined.state.status == "blocked":
        return examined.declared
    try:
        return declared_api(examined.found)
    except RegistryError:
        # A declaration that cannot be read is the reason in its state, once it is listed.
        return None

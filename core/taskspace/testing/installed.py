"""A plugin that is installed, by name."""

from __future__ import annotations

from importlib.metadata import distribution

from taskspace.registry.descriptions.description import BUILT_IN
from taskspace.registry.distributions.digest import editable_tree
from taskspace.registry.distributions.discovery import (
    GROUP,
    InstalledPlugin,
    built_in_version,
    discover,
)
from taskspace.registry.names import matching, no_plugin
from taskspace.testing.source_tree import FILE, tables
from taskspace.testing.target import Target


def named_target(name: str) -> Target:
    """Return an installed plugin by its name or its short name; `taskspace` for the built-ins.

    Whether registry.toml trusts it is not asked.

    Raises:
        NotFound: if none is installed under the name, with the nearest that is.
        RegistryError: if taskspace runs from a source tree that is not installed.
        InputError: if an editable one's pyproject.toml cannot be used.
    """
    if name == BUILT_IN:
        entries = distribution(BUILT_IN).entry_points.select(group=GROUP)
        pairs = tuple((entry.name, entry.value) for entry in entries)
        return Target(BUILT_IN, built_in_version(), pairs)
    installed = {plugin.distribution: plugin for plugin in discover()}
    spelled = matching(name, installed)
    if spelled is None:
        raise no_plugin(name, installed)
    return _installed(installed[spelled])


def _installed(found: InstalledPlugin) -> Target:
    """Return an installed plugin; of an editable one the author's tables are honoured."""
    tree = editable_tree(found.metadata)
    said = tables(tree) if tree is not None and (tree / FILE).is_file() else {}
    return Target(
        found.distribution,
        found.version,
        found.entry_points,
        folder=tree,
        parameters=said.get("parameters", {}),
        excused=said.get("excused", {}),
    )

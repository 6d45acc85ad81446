"""Every plugin that is installed or listed, and what is decided about each."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.registry.builtins import Builtins
from taskspace.registry.distributions.discovery import InstalledPlugin
from taskspace.registry.examine import Rules, examine
from taskspace.registry.intent import Intent, normalised
from taskspace.registry.names import matching
from taskspace.registry.state import Examined, blocked_entry, blocked_stranger, unlisted


def decide(
    intent: Intent,
    found: Sequence[InstalledPlugin],
    builtins: Builtins,
    rules: Rules,
) -> list[Examined]:
    """Return what is decided about each plugin: in the order of registry.toml, then the rest.

    A plugin that comes first keeps a component's name.

    Args:
        intent: what registry.toml says.
        found: what is installed.
        builtins: whose names are taken.
        rules: what holds for every plugin.
    """
    by_name = {normalised(plugin.distribution): plugin for plugin in found}
    known = [*by_name, *(entry.distribution for entry in intent.entries)]
    named = (matching(name, known) for name in rules.allowed.blocked)
    aside = {normalised(distribution) for distribution in named if distribution}
    taken = {(d.kind, d.name): d for d in builtins.components}
    examined = []
    for entry in intent.entries:
        key = normalised(entry.distribution)
        plugin = by_name.pop(key, None)
        if key in aside:
            examined.append(blocked_entry(entry, plugin))
            continue
        result = examine(entry, plugin, taken, rules)
        examined.append(result)
        if result.state.status == "ready":
            taken |= {(d.kind, d.name): d for d in result.components}
    for key, plugin in by_name.items():
        examined.append(blocked_stranger(plugin) if key in aside else unlisted(plugin, intent.path))
    return examined

"""Which plugins may be used: what the user said, on its way to the registry and to workers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AllowedPlugins:
    """Which plugins may be used.

    Attributes:
        plugins: False for the built-ins alone; registry.toml is then not read.
        frozen: True to refuse what is not pinned: editable installs, and entries without hash.
        blocked: plugins that are not looked into, by name or by its short form; a name that no
            plugin has does no harm.
    """

    plugins: bool = True
    frozen: bool = False
    blocked: tuple[str, ...] = ()

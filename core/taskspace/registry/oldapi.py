"""What is said of a plugin that is made for the api before this one."""

from __future__ import annotations

from dataclasses import dataclass

from taskspace.registry.apirange import in_range
from taskspace.registry.distributions.declared import DeclaredApi, hook_files
from taskspace.registry.distributions.discovery import InstalledPlugin
from taskspace.registry.intent import PluginEntry


@dataclass(frozen=True)
class Notice:
    """A warning, and the line of the plugin that it is about, where that can be told."""

    text: str
    file: str | None
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.file else self.text


def notice_of(
    found: InstalledPlugin, declared: DeclaredApi | None, entry: PluginEntry, api: int
) -> Notice | None:
    """Return the warning for a plugin that the next api ends, or None.

    Args:
        found: the installed plugin, supported by this api.
        declared: the range that it declares.
        entry: what registry.toml says; its range holds where the plugin declares none.
        api: number of our hooks and base classes.
    """
    text = declared.text if declared else entry.api
    if in_range(api, text):
        return None
    file = declared.file if declared else next(hook_files(found), None)
    return Notice(
        f"{found.distribution} {found.version} is made for api {text}; this taskspace has api "
        f"{api} and supports the one before for the last time: support ends with api {api + 1}.",
        str(file) if file else None,
        declared.line if declared else 1,
    )

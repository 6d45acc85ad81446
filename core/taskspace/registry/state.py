"""What is decided about each plugin, and why."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlparse

from taskspace.errors import RegistryError
from taskspace.registry.descriptions.description import BUILT_IN, Description
from taskspace.registry.distributions.declared import DeclaredApi
from taskspace.registry.distributions.discovery import InstalledPlugin
from taskspace.registry.distributions.metadata import text_of
from taskspace.registry.intent import PluginEntry
from taskspace.registry.oldapi import Notice

Stage = Literal["known", "discovered", "described", "activated"]
"""known: only registry.toml speaks of it; discovered: installed; described: its components are
known; activated: imported by this process."""

Status = Literal["ready", "disabled", "unlisted", "absent", "untrusted", "quarantined", "blocked"]
"""ready: usable. disabled, unlisted: by registry.toml. absent: listed, not installed. untrusted:
not the bytes that were trusted, or not pinned where only what is pinned may be used.
quarantined: it failed. blocked: by `--no-plugins` or TASKS_BLOCK_PLUGINS."""

BLOCK_VARIABLE = "TASKS_BLOCK_PLUGINS"
"""The environment variable of the command that names plugins to block, with commas between."""

_NAMED = f"{BLOCK_VARIABLE} names it."
_UNNAME = f"take it out of {BLOCK_VARIABLE}"


@dataclass(frozen=True)
class PluginState:
    """One plugin as `tasks plugin list` shows it.

    Attributes:
        reason: why it is not ready, or what to know of one that is; a sentence.
        remedy: what to do about it.
        provides: `kind:name` of each component; where the plugin is not described, as
            registry.toml says.
        trust: builtin, pinned, editable, unverified, or None where registry.toml is silent.
        source: where registry.toml says it came from.
        sha256: of the installed files, where they were hashed.
        locked: the sha256 in registry.toml.
        enabled: what registry.toml says; None where it is silent.
        api: the range of api numbers in registry.toml.
        changes: each file that is not as it was installed, and what happened to it.
        warning: what will make it stop working, for whoever runs something that uses it.
    """

    distribution: str
    version: str | None
    stage: Stage
    status: Status
    reason: str | None = None
    remedy: str | None = None
    provides: tuple[str, ...] = ()
    trust: str | None = None
    source: str | None = None
    sha256: str | None = None
    locked: str | None = None
    enabled: bool | None = None
    api: str | None = None
    changes: tuple[str, ...] = ()
    warning: Notice | None = None

    @property
    def title(self) -> str:
        """Return the distribution with its version, where one is installed."""
        return f"{self.distribution} {self.version}" if self.version else self.distribution

    @property
    def missed(self) -> bool:
        """Return whether registry.toml wants it used, and it cannot be."""
        return self.enabled is True and self.status in ("untrusted", "quarantined", "absent")


@dataclass(frozen=True)
class Examined:
    """A plugin's state with what was learned on the way to it.

    Attributes:
        components: what it provides, where that is known.
        found: the plugin as it is installed; None where it is not, and for the built-ins.
        declared: the api that it says it is made for.
        seconds: that importing it took in the child process that described it.
    """

    state: PluginState
    components: tuple[Description, ...] = ()
    found: InstalledPlugin | None = None
    declared: DeclaredApi | None = None
    seconds: float | None = None


def first_state(entry: PluginEntry, found: InstalledPlugin | None) -> PluginState:
    """Return the state of a listed plugin before anything of it is looked at."""
    return PluginState(
        distribution=entry.distribution,
        version=found.version if found else None,
        stage="discovered" if found else "known",
        status="ready",
        provides=entry.provides,
        trust=entry.trust,
        source=entry.source,
        locked=entry.sha256,
        enabled=entry.enabled,
        api=entry.api,
    )


def bare_state(found: InstalledPlugin, status: Status, reason: str, remedy: str) -> Examined:
    """Return the state of a plugin that is not looked into."""
    state = PluginState(found.distribution, found.version, "discovered", status, reason, remedy)
    return Examined(state, found=found)


def blocked_entry(entry: PluginEntry, found: InstalledPlugin | None) -> Examined:
    """Return the state of a listed plugin that is named as one to leave alone."""
    state = first_state(entry, found)
    return Examined(replace(state, status="blocked", reason=_NAMED, remedy=_UNNAME), found=found)


def blocked_stranger(found: InstalledPlugin) -> Examined:
    """Return the state of an unlisted plugin that is named as one to leave alone."""
    return bare_state(found, "blocked", _NAMED, _UNNAME)


def switched_off(found: InstalledPlugin) -> Examined:
    """Return the state of a plugin while plugins are switched off."""
    return bare_state(found, "blocked", "Plugins are switched off.", "run without --no-plugins")


def unlisted(found: InstalledPlugin, file: Path | None) -> Examined:
    """Return the state of a plugin of which registry.toml does not speak."""
    where = "It is installed, and there is no registry.toml here that lists it."
    if file:
        where = f"It is installed but not listed in {file}."
    status: Status = "quarantined" if found.problem else "unlisted"
    return bare_state(found, status, found.problem or where, _where_from(found))


def _where_from(found: InstalledPlugin) -> str:
    """Return how to trust a plugin that somebody has installed: by where it came from."""
    try:
        address = json.loads(text_of(found.metadata, "direct_url.json") or "{}").get("url", "")
    except (RegistryError, ValueError, AttributeError):
        address = ""
    if isinstance(address, str) and address.startswith("file:"):
        from urllib.request import url2pathname  # noqa: PLC0415  brings HTTP along, for listings

        path = Path(url2pathname(urlparse(address).path))
        # `tasks plugin add` leaves an address that leads nowhere, so that builds do not differ.
        if path.is_absolute() and path.exists():
            return f"tasks plugin add {shlex.quote(str(path))}"
    return (
        "tasks plugin add SOURCE, with the folder, wheel or address that it was installed from; "
        f"pypi:{found.distribution}=={found.version} if that was the package index"
    )


def built_in_state(components: Sequence[Description], version: str) -> Examined:
    """Return the state of the built-ins."""
    return Examined(
        PluginState(
            distribution=BUILT_IN,
            version=version,
            stage="described",
            status="ready",
            provides=provided(components),
            trust="builtin",
        ),
        tuple(components),
    )


def provided(components: Sequence[Description]) -> tuple[str, ...]:
    """Return `kind:name` of each component."""
    return tuple(f"{description.kind}:{description.name}" for description in components)

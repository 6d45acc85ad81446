"""What is decided about each plugin, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taskspace.registry.description import BUILT_IN, Description
from taskspace.registry.discovery import Found

Stage = Literal["known", "discovered", "described", "activated"]
"""known: only registry.toml speaks of it; discovered: installed; described: its components are
known; activated: imported by this process."""

Status = Literal["ready", "disabled", "unlisted", "absent", "untrusted", "quarantined", "blocked"]
"""ready: usable. disabled, unlisted: by registry.toml. absent: listed, not installed. untrusted:
not the bytes that were trusted. quarantined: it failed. blocked: `--no-plugins`."""


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


@dataclass(frozen=True)
class Examined:
    """A plugin's state with the descriptions of what it provides, where they are known."""

    state: PluginState
    components: tuple[Description, ...] = ()


def unlisted(found: Found, file: Path | None) -> Examined:
    """Return the state of a plugin of which registry.toml does not speak."""
    where = (
        f"It is installed but not listed in {file}."
        if file
        else ("It is installed, and there is no registry.toml here that lists it.")
    )
    return Examined(
        PluginState(
            distribution=found.distribution,
            version=found.version,
            stage="discovered",
            status="quarantined" if found.problem else "unlisted",
            reason=found.problem or where,
            remedy=f"tasks plugin add pypi:{found.distribution}=={found.version}",
        )
    )


def blocked(found: Found) -> Examined:
    """Return the state of a plugin while plugins are switched off."""
    return Examined(
        PluginState(
            distribution=found.distribution,
            version=found.version,
            stage="discovered",
            status="blocked",
            reason="Plugins are switched off.",
            remedy="run without --no-plugins",
        )
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

"""Which distributions `tasks plugin add` has brought into the environment, and for whom."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from taskspace.errors import RegistryError
from taskspace.registry.intent import normalised
from taskspace.registry.lifecycle.environment import Environment
from taskspace.registry.lifecycle.installed import name_of

FORMAT = 1


@dataclass(frozen=True)
class Ledger:
    """What `add` has installed, none of which was there before. Names are in their normal form.

    Attributes:
        brought: distributions: plugins, and what they need.
        registries: plugin to the registry.toml files for which it was added.
    """

    brought: frozenset[str] = frozenset()
    registries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_plugin(self, plugin: str, brought: Collection[str], registry: Path) -> Ledger:
        """Return the ledger after `add`."""
        known = self.registries.get(plugin, ())
        return Ledger(
            self.brought | set(map(normalised, brought)),
            {**self.registries, plugin: tuple(dict.fromkeys([*known, str(registry)]))},
        )

    def without_registry(self, plugin: str, registry: Path) -> Ledger:
        """Return the ledger after `remove` for one of several registry.toml files."""
        left = tuple(r for r in self.registries[plugin] if r != str(registry))
        return Ledger(self.brought, {**self.registries, plugin: left})

    def without_plugin(self, plugin: str, gone: Collection[str]) -> Ledger:
        """Return the ledger after the last `remove` of a plugin."""
        left = {name: files for name, files in self.registries.items() if name != plugin}
        return Ledger(self.brought - set(gone) if left else frozenset(), left)

    def no_longer_needed(self, plugin: str) -> tuple[str, ...]:
        """Return what can go with a plugin: what `add` has brought and nothing else needs.

        A requirement of another distribution counts whatever its marker says, unless it is an
        extra. The plugin is first: what it needs is there as long as it is.
        """
        doomed = set(self.brought) - (set(self.registries) - {plugin})
        needs = {normalised(name_of(d)): _requirements(d.requires or ()) for d in distributions()}
        while kept := {
            name
            for user, required in needs.items()
            if user not in doomed
            for name in required & doomed
        }:
            doomed -= kept
        return tuple(sorted(doomed & set(needs), key=lambda name: (name != plugin, name)))

    def as_json(self) -> dict[str, Any]:
        """Return the ledger as JSON; `from_json` reads it."""
        return {
            "format": FORMAT,
            "brought": sorted(self.brought),
            "registries": {name: list(files) for name, files in self.registries.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Ledger:
        """Return the ledger that `as_json` wrote."""
        registries = {name: tuple(files) for name, files in data["registries"].items()}
        return cls(frozenset(data["brought"]), registries)


def read_ledger(environment: Environment) -> Ledger:
    """Return the ledger of an environment; empty where nothing was added.

    Raises:
        RegistryError: if it is damaged.
    """
    file = environment.state / "ledger.json"
    try:
        return Ledger.from_json(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Ledger()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegistryError(
            f"The record of what plugins have installed cannot be read: {error}.",
            where=str(file),
            advice="Delete it: plugins then stay installed when they are removed from "
            "registry.toml.",
        ) from error


def write_ledger(environment: Environment, ledger: Ledger) -> None:
    """Write the ledger; an empty one leaves no file."""
    file = environment.state / "ledger.json"
    if ledger.registries:
        write_json(file, ledger.as_json())
    else:
        file.unlink(missing_ok=True)


def write_json(file: Path, data: object) -> None:
    """Write a file at once as a whole, and onto the disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(data, stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(file)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def _requirements(lines: Collection[str]) -> set[str]:
    return {
        normalised(match[0])
        for line in lines
        if (match := re.match(r"[A-Za-z0-9._-]+", line)) and "extra ==" not in line
    }

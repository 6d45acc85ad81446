"""What `tasks plugin add` has brought into the environment, and for whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, NamedTuple

from taskspace.errors import RegistryError
from taskspace.installer.environment import Environment
from taskspace.installer.installed import Files
from taskspace.installer.registry_file import registry_path
from taskspace.installer.sealed import SealBroken, read_sealed, write_sealed
from taskspace.registry.distributions.metadata import name_of
from taskspace.registry.intent import normalised


@dataclass(frozen=True)
class Ledger:
    """What `add` has installed, none of which was there before. Names are in their normal form.

    Attributes:
        brought: each distribution, plugins and what they need, with its files: what is damaged
            can be repaired and removed by this list.
        registries: plugin to the registry.toml files for which it was added.
        created: registry.toml files that were not there before.
    """

    brought: Mapping[str, Files] = field(default_factory=dict)
    registries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    created: frozenset[str] = frozenset()

    def with_plugin(
        self, plugin: str, brought: Collection[Files], registry: Path, *, creates: bool
    ) -> Ledger:
        """Return the ledger after `add`."""
        known = self.registries.get(plugin, ())
        return Ledger(
            {**self.brought, **{normalised(files.name): files for files in brought}},
            {**self.registries, plugin: tuple(dict.fromkeys([*known, str(registry)]))},
            self.created | ({str(registry)} if creates else frozenset()),
        )

    def without_registry(self, plugin: str, registry: Path) -> Ledger:
        """Return the ledger after `remove` for one of several registry.toml files."""
        left = tuple(r for r in self.registries[plugin] if r != str(registry))
        return replace(self, registries={**self.registries, plugin: left})

    def without_plugin(self, plugin: str, gone: Collection[str]) -> Ledger:
        """Return the ledger after the last `remove` of a plugin."""
        registries = {name: files for name, files in self.registries.items() if name != plugin}
        brought = {name: files for name, files in self.brought.items() if name not in gone}
        return Ledger(brought if registries else {}, registries, self.created)

    def without_created(self, registry: Path) -> Ledger:
        """Return the ledger after a registry.toml that `add` had made is gone."""
        return replace(self, created=self.created - {str(registry)})

    def no_longer_needed(self, plugin: str) -> tuple[str, ...]:
        """Return what can go with a plugin: what `add` has brought and nothing else needs.

        A requirement of another distribution counts whatever its marker says, and one of an extra
        wherever somebody asks for the extra. The plugin is first.
        """
        doomed = set(self.brought) - (set(self.registries) - {plugin})
        needs = {
            normalised(name): list(map(_requirement, d.requires or ()))
            for d in distributions()
            if (name := name_of(d))  # without it there are no requirements to read
        }
        asked = {(r.name, extra) for rs in needs.values() for r in rs for extra in r.extras}
        while kept := {
            required.name
            for user, requirements in needs.items()
            if user not in doomed
            for required in requirements
            if required.name in doomed and (required.of is None or (user, required.of) in asked)
        }:
            doomed -= kept
        return tuple(sorted(doomed, key=lambda name: (name != plugin, name)))

    def as_json(self) -> dict[str, Any]:
        """Return what JSON is made of; `from_json` reads that."""
        return {
            "brought": dict(self.brought),
            "registries": {name: list(files) for name, files in self.registries.items()},
            "created": sorted(self.created),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Ledger:
        """Return the ledger that `as_json` wrote.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: if it is not what that writes.
        """
        return cls(
            {str(name): Files.from_json(files) for name, files in data["brought"].items()},
            {str(name): tuple(_registries(f)) for name, f in data["registries"].items()},
            frozenset(_registries(data["created"])),
        )

    def __bool__(self) -> bool:
        return bool(self.registries)


def read_ledger(environment: Environment) -> Ledger:
    """Return the ledger of an environment; empty where nothing was added.

    Raises:
        RegistryError: if it is damaged, or was not written by `tasks plugin` here.
    """
    file = environment.state / "ledger.json"
    try:
        content = read_sealed(file)
        return Ledger() if content is None else Ledger.from_json(content)
    except (SealBroken, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegistryError(
            f"The record of what plugins have installed cannot be read: {error}.",
            where=str(file),
            advice="Delete it: plugins then stay installed when they are removed from "
            "registry.toml.",
        ) from error


def write_ledger(environment: Environment, ledger: Ledger) -> None:
    """Write the ledger; an empty one leaves no file."""
    file = environment.state / "ledger.json"
    if ledger:
        write_sealed(file, ledger.as_json())
    else:
        file.unlink(missing_ok=True)


def _registries(paths: object) -> list[str]:
    if not isinstance(paths, list):
        raise TypeError(f"{paths!r:.200} is no list")
    return [registry_path(path) for path in paths]


class _Requirement(NamedTuple):
    """One Requires-Dist: the name, the extras that it asks for, the extra that it is part of."""

    name: str
    extras: frozenset[str]
    of: str | None


def _requirement(line: str) -> _Requirement:
    text, _, marker = line.partition(";")
    name = re.match(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?", text)
    part = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", marker)
    extras = name[2] or "" if name else ""
    return _Requirement(
        normalised(name[1]) if name else "",
        frozenset(normalised(extra.strip()) for extra in extras.split(",") if extra.strip()),
        normalised(part[1]) if part else None,
    )

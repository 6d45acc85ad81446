"""registry.toml: which plugins this project trusts, and exactly which bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskspace.errors import RegistryError
from taskspace.registry.bounded.shortened import brief, brief_key
from taskspace.registry.bounded.toml_text import MAX_BYTES, parsed_toml
from taskspace.registry.descriptions.description import BUILT_IN
from taskspace.registry.suggest import no_such_key
from taskspace.regular_file import regular_stream

FILE_NAME = "registry.toml"
SCHEMA = 1
_KEYS = ("schema", "plugins")


@dataclass(frozen=True)
class PluginEntry:
    """What registry.toml says of one plugin.

    Attributes:
        sha256: of the installed files, or None where the file has none.
        provides: `kind:name` of each component, for suggestions while the plugin is not usable.
    """

    distribution: str
    source: str
    version: str
    sha256: str | None
    api: str
    trust: str
    enabled: bool
    provides: tuple[str, ...]


@dataclass(frozen=True)
class Intent:
    """A whole registry.toml; `path` is None where there is no file."""

    path: Path | None = None
    entries: tuple[PluginEntry, ...] = field(default_factory=tuple)

    def entry(self, distribution: str) -> PluginEntry | None:
        """Return what is said of a distribution, or None."""
        wanted = normalised(distribution)
        return next((e for e in self.entries if normalised(e.distribution) == wanted), None)


DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,198}[A-Za-z0-9])?")
"""The name of a distribution (PEP 508), of a length that files can have."""


def normalised(distribution: str) -> str:
    """Return the name of a distribution in the form in which names are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def find_file(start: Path) -> Path | None:
    """Return the registry.toml of `start` or of its nearest parent that has one, or None.

    One that is no file counts, and cannot be read: another's list must not take its place.
    """
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        file = candidate / FILE_NAME
        if os.path.lexists(file):
            return file
    return None


def read_intent(file: Path, kinds: Iterable[str]) -> Intent:
    """Return what a registry.toml says.

    Raises:
        RegistryError: with the file and the key, if it cannot be read or says something wrong.
    """
    try:
        with regular_stream(file) as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise RegistryError(
            f"It cannot be read: {error.strerror or error}.", where=str(file), advice=_ADVICE
        ) from error
    return parse_intent(content, file, kinds)


def parse_intent(content: bytes, file: Path, kinds: Iterable[str]) -> Intent:
    """Return what the content of a registry.toml says.

    Raises:
        RegistryError: with the file and the key, if it says something wrong.
    """
    try:
        data = parsed_toml(content)
    except ValueError as error:
        raise RegistryError(str(error), where=str(file), advice=_ADVICE) from error
    return Intent(file, tuple(_entries(file, data, tuple(kinds))))


_ADVICE = "Correct the file; `tasks --no-plugins` works without it."


def _entries(file: Path, data: Mapping[str, Any], kinds: Sequence[str]) -> Iterator[PluginEntry]:
    def refused(key: str, what: str) -> RegistryError:
        return RegistryError(what, where=f"{file}: {key}", advice=_ADVICE)

    for name in data:
        if name not in _KEYS:
            raise refused(brief_key(name), no_such_key(name, _KEYS))
    if type(data.get("schema")) is not int or data["schema"] != SCHEMA:
        found = brief(data["schema"]) if "schema" in data else "nothing"
        raise refused("schema", f"Found {found}; this version reads schema = {SCHEMA}.")
    plugins = data.get("plugins", {})
    if not isinstance(plugins, dict):
        raise refused("plugins", "It must be a table: [plugins.NAME].")
    owners: dict[str, str] = {}
    for name, value in plugins.items():
        # Costs pydantic, which listing does without where no plugin is listed.
        from pydantic import ValidationError  # noqa: PLC0415

        from taskspace.registry.bounded.registry_shape import PluginTable, mistake_in  # noqa: PLC0415

        key = f"plugins.{brief_key(name)}"
        if not isinstance(value, dict):
            raise refused(key, "It must be a table.")
        if DISTRIBUTION.fullmatch(name) is None:
            raise refused(key, "No distribution has such a name.")
        if normalised(name) == BUILT_IN:
            raise refused(key, "The built-ins need no entry and cannot be disabled.")
        try:
            table = PluginTable.model_validate(value, context={"kinds": kinds})
        except ValidationError as error:
            wrong, what = mistake_in(error)
            raise refused(f"{key}.{wrong}", what) from error
        first = owners.setdefault(normalised(name), name)
        if first is not name:
            raise refused(key, f"It is the same distribution as {first!r}.")
        yield PluginEntry(distribution=name, **table.model_dump())

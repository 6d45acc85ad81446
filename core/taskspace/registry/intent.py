"""registry.toml: which plugins this project trusts, and exactly which bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskspace.errors import RegistryError
from taskspace.registry.apirange import parse_range
from taskspace.registry.bounded.shortened import MAX_SHOWN, brief
from taskspace.registry.bounded.toml_text import MAX_BYTES, parsed_toml
from taskspace.registry.descriptions.description import BUILT_IN, NAME_PATTERN
from taskspace.registry.suggest import nearest
from taskspace.regular_file import regular_stream

FILE_NAME = "registry.toml"
SCHEMA = 1
_TRUSTS = ("pinned", "editable", "unverified")
_KEYS = ("source", "version", "sha256", "api", "trust", "enabled", "provides")
_LONGEST = 4096
"""Characters of a text: what a path may have."""
_REQUIRED = ("source", "version", "api", "trust")
_SOURCE = re.compile(
    r"pypi:[^\s=]+==\S+|git\+.+@[0-9a-f]{40}(#subdirectory=.+)?|path:.+|wheel:.+", re.DOTALL
)
_SOURCE_FORMS = "pypi:NAME==VERSION, git+URL@<40 hex digits>, path:FOLDER or wheel:FILE"


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
    return Intent(file, _Reader(file, tuple(kinds)).entries(data))


_ADVICE = "Correct the file; `tasks --no-plugins` works without it."


@dataclass(frozen=True)
class _Reader:
    file: Path
    kinds: tuple[str, ...]

    def entries(self, data: Mapping[str, Any]) -> tuple[PluginEntry, ...]:
        self._known("", data, ("schema", "plugins"))
        if type(data.get("schema")) is not int or data["schema"] != SCHEMA:
            found = brief(data["schema"]) if "schema" in data else "nothing"
            raise self._error("schema", f"Found {found}; this version reads schema = {SCHEMA}.")
        plugins = data.get("plugins", {})
        if not isinstance(plugins, dict):
            raise self._error("plugins", "It must be a table: [plugins.NAME].")
        entries = tuple(self._entry(name, value) for name, value in plugins.items())
        owners: dict[str, str] = {}
        for entry in entries:
            first = owners.setdefault(normalised(entry.distribution), entry.distribution)
            if first is not entry.distribution:
                raise self._error(
                    f"plugins.{entry.distribution}", f"It is the same distribution as {first!r}."
                )
        return entries

    def _entry(self, name: str, value: object) -> PluginEntry:
        key = f"plugins.{name if len(name) <= MAX_SHOWN else brief(name)}"
        if not isinstance(value, dict):
            raise self._error(key, "It must be a table.")
        if DISTRIBUTION.fullmatch(name) is None:
            raise self._error(key, "No distribution has such a name.")
        if normalised(name) == BUILT_IN:
            raise self._error(key, "The built-ins need no entry and cannot be disabled.")
        self._known(key, value, _KEYS)
        for required in _REQUIRED:
            if required not in value:
                raise self._error(f"{key}.{required}", "It is missing.")
        source = self._text(key, value, "source")
        if _SOURCE.fullmatch(source) is None:
            raise self._error(
                f"{key}.source", f"Found {brief(source)}; it must be {_SOURCE_FORMS}."
            )
        trust = self._text(key, value, "trust")
        if trust not in _TRUSTS:
            raise self._error(
                f"{key}.trust", f"Found {brief(trust)}; it must be one of {', '.join(_TRUSTS)}."
            )
        enabled = value.get("enabled", True)
        if not isinstance(enabled, bool):
            raise self._error(
                f"{key}.enabled", f"Found {brief(enabled)}; it must be true or false."
            )
        return PluginEntry(
            distribution=name,
            source=source,
            version=self._text(key, value, "version"),
            sha256=self._sha256(key, value),
            api=self._api(key, value),
            trust=trust,
            enabled=enabled,
            provides=self._provides(key, value),
        )

    def _sha256(self, key: str, value: Mapping[str, object]) -> str | None:
        if "sha256" not in value:
            return None
        text = self._text(key, value, "sha256")
        if re.fullmatch(r"[0-9a-f]{64}", text) is None:
            raise self._error(f"{key}.sha256", f"Found {brief(text)}; it must be 64 hex digits.")
        return text

    def _api(self, key: str, value: Mapping[str, object]) -> str:
        text = self._text(key, value, "api")
        try:
            parse_range(text)
        except ValueError as error:
            raise self._error(f"{key}.api", str(error)) from error
        return text

    def _provides(self, key: str, value: Mapping[str, object]) -> tuple[str, ...]:
        listed = value.get("provides", [])
        if not isinstance(listed, list):
            raise self._error(f"{key}.provides", 'It must be a list such as ["task:rain"].')
        for item in listed:
            kind, _, name = item.partition(":") if isinstance(item, str) else ("", "", "")
            if kind not in self.kinds or NAME_PATTERN.fullmatch(name) is None:
                raise self._error(
                    f"{key}.provides",
                    f"Found {brief(item)}; it must be KIND:NAME with a kind of "
                    f"{', '.join(self.kinds)}.",
                )
        return tuple(listed)

    def _text(self, key: str, value: Mapping[str, object], name: str) -> str:
        found = value[name]
        if not isinstance(found, str) or not found:
            raise self._error(f"{key}.{name}", f"Found {brief(found)}; it must be a text.")
        if len(found) > _LONGEST or "\0" in found:
            what = f"{len(found)} characters" if len(found) > _LONGEST else "a NUL character"
            raise self._error(f"{key}.{name}", f"It has {what}; that is none of ours.")
        return found

    def _known(self, key: str, table: Mapping[str, object], known: tuple[str, ...]) -> None:
        for name in table:
            if name not in known:
                shown = name if len(name) <= MAX_SHOWN else brief(name)
                near = nearest(name, known) if len(name) <= MAX_SHOWN else None
                hint = f" Did you mean {near!r}?" if near else f" Known: {', '.join(known)}."
                raise self._error(
                    f"{key}.{shown}" if key else shown, f"There is no such key.{hint}"
                )

    def _error(self, key: str, what: str) -> RegistryError:
        return RegistryError(what, where=f"{self.file}: {key}", advice=_ADVICE)

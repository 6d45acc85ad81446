"""registry.toml as a text that is edited: what is not touched stays, byte for byte."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tomlkit
from tomlkit.items import Table

from taskspace.errors import RegistryError
from taskspace.registry.intent import Entry, normalised

FRESH = """\
# Made by `tasks plugin add`, and removed with the last plugin.
#
# The third-party plugins that this project trusts, and exactly which bytes of them. A plugin runs
# with your rights: it can read, change and send whatever you can. A hash proves that its files are
# the ones you decided to trust; it proves nothing about what they do.
schema = 1
"""
"""What a registry.toml says that was made for its first plugin."""


@dataclass(frozen=True)
class RegistryFile:
    """The registry.toml of a project, which may not be there yet."""

    path: Path

    def text(self) -> str | None:
        """Return what it says, line ends as they are; None if it is not there."""
        try:
            return self.path.read_bytes().decode()
        except FileNotFoundError:
            return None

    def write(self, text: str | None) -> None:
        """Write it at once as a whole, or remove it for None.

        Raises:
            RegistryError: if it cannot be written; it is then as it was.
        """
        target = self.path.resolve()  # a link stays a link
        try:
            if text is None:
                target.unlink(missing_ok=True)
                return
            handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(text.encode())
                    stream.flush()
                    os.fsync(stream.fileno())
                Path(draft).chmod(target.stat().st_mode if target.exists() else 0o644)
                Path(draft).replace(target)
            except OSError:
                Path(draft).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise RegistryError(
                f"It cannot be written: {error.strerror or error}.",
                where=str(self.path),
                advice="It is as it was. See that there is space and that you may write there.",
            ) from error

    def with_entry(self, entry: Entry) -> str:
        """Return the text with an entry added, or changed where there is one already."""
        text = self.text() or FRESH
        old = _table(text, entry.distribution)
        if old is None:
            newline = "\r\n" if "\r\n" in text else "\n"
            lines = [f"[plugins.{tomlkit.key(entry.distribution).as_string()}]"]
            lines += [f"{key} = {_literal(value)}" for key, value in _values(entry)]
            return text + newline + newline.join(lines) + newline
        document, table = old
        for key, value in _values(entry):
            if table.get(key) != value:
                table[key] = value
        if entry.sha256 is None:
            table.pop("sha256", None)
        return tomlkit.dumps(document)

    def without_entry(self, distribution: str) -> str | None:
        """Return the text without an entry; None where only what `add` has made is left."""
        text = self.text() or FRESH
        left = _cut(text, distribution)
        return None if left == FRESH else left

    def with_switch(self, distribution: str, *, enabled: bool) -> str:
        """Return the text with an entry's `enabled` set."""
        old = _table(self.text() or "", distribution)
        assert old is not None, "the caller has looked the entry up"
        document, table = old
        table["enabled"] = enabled
        return tomlkit.dumps(document)


def _values(entry: Entry) -> list[tuple[str, object]]:
    values = {
        "source": entry.source,
        "version": entry.version,
        "sha256": entry.sha256,
        "api": entry.api,
        "trust": entry.trust,
        "enabled": entry.enabled,
        "provides": list(entry.provides),
    }
    return [(key, value) for key, value in values.items() if value is not None]


def _literal(value: object) -> str:
    return tomlkit.item(value).as_string()


def _table(text: str, distribution: str) -> tuple[tomlkit.TOMLDocument, Table] | None:
    document = tomlkit.parse(text)
    plugins = document.get("plugins", {})
    for name in plugins:
        if normalised(name) == normalised(distribution):
            return document, plugins[name]
    return None


def _cut(text: str, distribution: str) -> str:
    """Return the text without the lines of one entry; comments behind it are of what follows."""
    found = _table(text, distribution)
    assert found is not None, "the caller has looked the entry up"
    document, table = found
    body = table.as_string() if isinstance(table, Table) else ""
    for header in re.finditer(r"(?m)^[ \t]*\[[ \t]*plugins[ \t]*\.([^\]\n]+)\][^\n]*\n?", text):
        is_it = normalised(header[1].strip().strip("\"'")) == normalised(distribution)
        if is_it and text.startswith(body, header.end()):
            end = header.end() + len(_without_tail(body))
            before, after = text[: header.start()], text[end:]
            return _without_newline(before, after) + after
    # Written in another form, `plugins.weather = {...}`: tomlkit's own way.
    del document["plugins"][next(n for n in document["plugins"] if _same(n, distribution))]
    return tomlkit.dumps(document)


def _same(name: str, distribution: str) -> bool:
    return normalised(name) == normalised(distribution)


def _without_newline(before: str, after: str) -> str:
    """Return `before` without the empty line that `with_entry` has put between."""
    if after and not after.startswith(("\n", "\r\n")):
        return before
    return before.removesuffix("\n").removesuffix("\r") if before.endswith("\n") else before


def _without_tail(body: str) -> str:
    lines: Sequence[str] = body.splitlines(keepends=True)
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return "".join(lines[:end])

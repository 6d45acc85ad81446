"""registry.toml as a text that is edited: what is not touched stays, byte for byte."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import tomlkit
from tomlkit.items import Table

from taskspace.errors import RegistryError
from taskspace.registry.intent import FILE_NAME, PluginEntry, normalised
from taskspace.regular_file import read_regular
from taskspace.tables import UndecodableText, decoded
from taskspace.whole_file import write_whole

FRESH = """\
# Made by `tasks plugin add`, and removed with the last plugin.
#
# The third-party plugins that this project trusts, and exactly which bytes of them. A plugin runs
# with your rights: it can read, change and send whatever you can. A hash proves that its files are
# the ones you decided to trust; it proves nothing about what they do.
schema = 1
"""
"""What a registry.toml says that was made for its first plugin."""


def registry_path(path: object) -> str:
    """Return the path of a registry.toml, as a journal or a ledger names it.

    Raises:
        TypeError: if it is no text.
        ValueError: if it is not absolute, or another file's.
    """
    if not isinstance(path, str):
        raise TypeError(f"{path!r:.200} is no path")
    if not os.path.isabs(path) or os.path.basename(path) != FILE_NAME or "\0" in path:  # noqa: PTH117, PTH119
        raise ValueError(f"{path!r:.200} is no {FILE_NAME}")
    return path


@dataclass(frozen=True)
class RegistryFile:
    """The registry.toml of a project, which may not be there yet."""

    path: Path

    def text(self) -> str | None:
        """Return what it says, line ends as they are; None if it is not there.

        A byte order mark is left out, so that the file has none once it is written.

        Raises:
            RegistryError: if it cannot be read.
        """
        try:
            return decoded(read_regular(self.path))
        except FileNotFoundError:
            return None
        except (OSError, UndecodableText) as error:
            raise RegistryError(f"It cannot be read: {error}.", where=str(self.path)) from error

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
            write_whole(target, text.encode(), durable=True)
        except OSError as error:
            raise RegistryError(
                f"It cannot be written: {error.strerror or error}.",
                where=str(self.path),
                advice="It is as it was. See that there is space and that you may write there.",
            ) from error

    def with_entry(self, entry: PluginEntry) -> str:
        """Return the text with an entry added, or changed where there is one already."""
        text = self.text() or FRESH
        values: dict[str, object] = {**asdict(entry), "provides": list(entry.provides)}
        del values["distribution"]
        if _parsed(text, entry.distribution)[1]:
            return _changed(text, entry.distribution, values)
        newline = "\r\n" if "\r\n" in text else "\n"
        lines = [f"[plugins.{tomlkit.key(entry.distribution).as_string()}]"]
        lines += [_line(key, value) for key, value in values.items() if value is not None]
        appended = text + newline + newline.join(lines) + newline
        try:
            tomllib.loads(appended)
        except tomllib.TOMLDecodeError:
            # Tables written as values, `plugins = {}`, take no table behind them.
            document = tomlkit.parse(text)
            plain = {key: value for key, value in values.items() if value is not None}
            document["plugins"][entry.distribution] = plain
            return tomlkit.dumps(document)
        return appended

    def without_entry(self, distribution: str) -> str:
        """Return the text without an entry that it has."""
        return _cut(self.text() or "", distribution)

    def with_switch(self, distribution: str, *, enabled: bool) -> str:
        """Return the text with `enabled` set in an entry that it has."""
        return _changed(self.text() or "", distribution, {"enabled": enabled})


class _Block(NamedTuple):
    """Where the lines of an entry begin, where their body does, and where its last key ends."""

    start: int
    body: int
    end: int


def _line(key: str, value: object) -> str:
    return f"{key} = {tomlkit.item(value).as_string()}"


def _parsed(text: str, distribution: str) -> tuple[tomlkit.TOMLDocument, str]:
    """Return the document and the name under which it has an entry, or "" where it has none."""
    document = tomlkit.parse(text)
    names = (n for n in document.get("plugins", {}) if normalised(n) == normalised(distribution))
    return document, next(names, "")


def _block(text: str, distribution: str) -> _Block | None:
    """Return where an entry is that has a header of its own; comments behind it are not its own."""
    document, name = _parsed(text, distribution)
    table = document["plugins"][name]
    body = table.as_string() if isinstance(table, Table) else ""
    for header in re.finditer(r"(?m)^[ \t]*\[[ \t]*plugins[ \t]*\.([^\]\n]+)\][^\n]*\n?", text):
        is_it = normalised(header[1].strip().strip("\"'")) == normalised(distribution)
        if is_it and text.startswith(body, header.end()):
            return _Block(header.start(), header.end(), header.end() + len(_without_tail(body)))
    return None


def _changed(text: str, distribution: str, values: dict[str, object]) -> str:
    """Return the text with values of an entry set, and those that are None removed."""
    document, name = _parsed(text, distribution)
    table = document["plugins"][name]
    new = {k: v for k, v in values.items() if v is not None and k not in table}
    for key in values.keys() - new.keys():
        if values[key] is None:
            table.pop(key, None)
        elif table[key] != values[key]:
            table[key] = values[key]
    text = tomlkit.dumps(document)
    block = _block(text, distribution)
    if block is None:
        table |= new
        return tomlkit.dumps(document)
    newline = "\r\n" if "\r\n" in text else "\n"
    before, after = text[: block.end], text[block.end :]
    lines = "".join(_line(key, value) + newline for key, value in new.items())
    joint = newline if lines and before and not before.endswith("\n") else ""
    return before + joint + lines + after


def _cut(text: str, distribution: str) -> str:
    """Return the text without the lines of one entry."""
    block = _block(text, distribution)
    if block is None:
        # Written in another form, `plugins.weather = {...}`: tomlkit's own way.
        document, name = _parsed(text, distribution)
        del document["plugins"][name]
        return tomlkit.dumps(document)
    before, after = text[: block.start], text[block.end :]
    if not after or after.startswith(("\n", "\r\n")):
        # The empty line that `with_entry` has put before it.
        before = before.removesuffix("\n").removesuffix("\r")
    return before + after


def _without_tail(body: str) -> str:
    lines: Sequence[str] = body.splitlines(keepends=True)
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return "".join(lines[:end])

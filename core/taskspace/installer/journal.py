"""What a plugin command is about to change, written down before it changes anything.

The journal is there from just before the first change to just after the last. A command that finds
one, and is alone, knows that its author was interrupted: an `add` is taken back, a `remove` is
brought to its end. Both can be done any number of times.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import invalidate_caches
from pathlib import Path
from typing import Any, Literal

from taskspace.errors import RegistryError
from taskspace.installer.environment import Environment, Say
from taskspace.installer.installed import Files, delete, files_of, put_back
from taskspace.installer.ledger import Ledger, write_ledger
from taskspace.installer.registry_file import RegistryFile, registry_path
from taskspace.installer.sealed import SealBroken, read_sealed, refuse_linked, write_sealed

_FILE = "journal.json"
_ASIDE = "aside"


@dataclass(frozen=True)
class Journal:
    """One operation.

    Attributes:
        plugin: the distribution that it is about.
        registry: the registry.toml that it changes.
        before: what that file said, None where it was not there; `after` what it will say.
        files: what it installs or removes.
        replaces: whether the files of an older version of the plugin are kept in the workplace.
        ledger: for `add` as it was, for `remove` as it will be.
    """

    operation: Literal["add", "remove"]
    plugin: str
    registry: str
    before: str | None
    after: str | None
    files: list[Files]
    replaces: bool
    ledger: Ledger

    def open(self, environment: Environment) -> None:
        """Write it down: from now on the operation is under way."""
        content = {**vars(self), "ledger": self.ledger.as_json()}
        write_sealed(environment.state / _FILE, content)

    def close(self, environment: Environment) -> None:
        """Remove it: the operation is done, or as if it had never been."""
        (environment.state / _FILE).unlink(missing_ok=True)

    def take_back(self, environment: Environment, say: Say) -> None:
        """Undo an `add`: packages, registry.toml and ledger are as they were."""
        for files in self.files:
            delete(files_of(files.name, files) or files)
        if self.replaces:
            put_back(aside(environment))
        self._rewrite(self.after, self.before, say)
        write_ledger(environment, self.ledger)
        self.close(environment)
        invalidate_caches()

    def complete(self, environment: Environment, say: Say) -> None:
        """Finish a `remove`: registry.toml says so, packages are gone, and so says the ledger."""
        self._rewrite(self.before, self.after, say)
        for files in self.files:
            delete(files)
        write_ledger(environment, self.ledger)
        self.close(environment)
        invalidate_caches()

    def _rewrite(self, found: str | None, wanted: str | None, say: Say) -> None:
        """Replace one text of registry.toml by another; a text of somebody else's stays."""
        file = RegistryFile(Path(self.registry))
        try:
            if file.text() == found and found != wanted:
                file.write(wanted)
        except RegistryError as error:
            # Nobody else who shares the environment has to wait until this file can be written.
            say(f"Note: {error} The entry of {self.plugin} in it is for you to put right.")


def aside(environment: Environment) -> Path:
    """Return the folder for the files of a version that is replaced."""
    return environment.state / "staging" / _ASIDE


def interrupted(environment: Environment) -> Journal | None:
    """Return the journal of an operation that is under way or was interrupted, or None.

    Raises:
        RegistryError: if it cannot be read.
    """
    file = environment.state / _FILE
    try:
        content = read_sealed(file)
        return None if content is None else _journal(content)
    except (SealBroken, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RegistryError(
            f"The journal of an interrupted plugin command cannot be read: {error}.",
            where=str(file),
            advice="Delete it, and see with `tasks plugin doctor` what state plugins are in.",
        ) from error


def _journal(content: dict[str, Any]) -> Journal:
    """Return what `open` has written, each part of which is of its type."""
    before, after = content["before"], content["after"]
    if content["operation"] not in ("add", "remove"):
        raise ValueError(f"{content['operation']!r:.200} is no operation")
    if not all(text is None or isinstance(text, str) for text in (before, after)):
        raise TypeError("what registry.toml said is no text")
    if not (isinstance(content["plugin"], str) and isinstance(content["replaces"], bool)):
        raise TypeError("it names no plugin")
    return Journal(
        operation=content["operation"],
        plugin=content["plugin"],
        registry=registry_path(content["registry"]),
        before=before,
        after=after,
        files=[Files.from_json(files) for files in content["files"]],
        replaces=content["replaces"],
        ledger=Ledger.from_json(content["ledger"]),
    )


def recover(environment: Environment, say: Say) -> None:
    """Take back or complete what an interrupted command has begun; call only while locked.

    Raises:
        RegistryError: if its journal cannot be read, or the folder of it is a link.
    """
    refuse_linked(environment.state)
    journal = interrupted(environment)
    if journal is not None:
        if journal.operation == "add":
            journal.take_back(environment, say)
            say(f"An interrupted `tasks plugin add` of {journal.plugin} was taken back.")
        else:
            journal.complete(environment, say)
            say(f"An interrupted `tasks plugin remove` of {journal.plugin} was completed.")
    tidy(environment)


@contextmanager
def workplace(environment: Environment) -> Iterator[Path]:
    """Give a folder for one operation, on the disk of the environment.

    It is gone afterwards, unless the operation was interrupted and has to be taken back with what
    is in it.
    """
    folder = environment.state / "staging"
    try:
        folder.mkdir(parents=True)
        yield folder
    finally:
        tidy(environment)


def tidy(environment: Environment) -> None:
    """Leave no files and no empty folders of ours behind that no open journal needs."""
    if not (environment.state / _FILE).exists():
        shutil.rmtree(environment.state / "staging", ignore_errors=True)
    for folder in (environment.state, environment.state.parent):
        with suppress(OSError):  # not there, or not empty
            folder.rmdir()

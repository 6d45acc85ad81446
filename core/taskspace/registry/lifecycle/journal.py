"""What a plugin command is about to change, written down before it changes anything.

The journal is there from just before the first change to just after the last. A command that finds
one, and is alone, knows that its author was interrupted: an `add` is taken back, a `remove` is
brought to its end. Both can be done any number of times.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib import invalidate_caches
from pathlib import Path
from typing import Literal

from taskspace.errors import RegistryError
from taskspace.registry.lifecycle.environment import Environment, Say
from taskspace.registry.lifecycle.installed import (
    delete,
    find_distribution,
    put_back,
    recorded_paths,
    site_packages,
)
from taskspace.registry.lifecycle.ledger import Ledger, write_json, write_ledger
from taskspace.registry.lifecycle.registry_file import RegistryFile

_FILE = "journal.json"


@dataclass(frozen=True)
class Journal:
    """One operation.

    Attributes:
        plugin: the distribution that it is about.
        registry: the registry.toml that it changes.
        before: what that file said, None where it was not there; `after` what it will say.
        files: name, version and file paths of each distribution that it installs or removes.
        aside: the folder with the files of an older version of the plugin, if there was one.
        ledger: as JSON: for `add` as it was, for `remove` as it will be.
    """

    operation: Literal["add", "remove"]
    plugin: str
    registry: str
    before: str | None
    after: str | None
    files: list[tuple[str, str, list[str]]]
    aside: str | None
    ledger: dict[str, object]

    def open(self, environment: Environment) -> None:
        """Write it down: from now on the operation is under way."""
        write_json(environment.state / _FILE, asdict(self))

    def close(self, environment: Environment) -> None:
        """Remove it: the operation is done, or as if it had never been."""
        (environment.state / _FILE).unlink(missing_ok=True)

    def take_back(self, environment: Environment) -> None:
        """Undo an `add`: packages, registry.toml and ledger are as they were."""
        for name, version, paths in self.files:
            delete(name, version, [*paths, *_editable_files(name, version)])
        if self.aside is not None and (Path(self.aside) / "index").exists():
            put_back(Path(self.aside))
        _rewrite(self.registry, self.after, self.before)
        write_ledger(environment, Ledger.from_json(self.ledger))
        self.close(environment)

    def complete(self, environment: Environment) -> None:
        """Finish a `remove`: packages are gone, registry.toml and ledger say so."""
        _rewrite(self.registry, self.before, self.after)
        for name, version, paths in self.files:
            delete(name, version, paths)
        write_ledger(environment, Ledger.from_json(self.ledger))
        self.close(environment)


def interrupted(environment: Environment) -> Journal | None:
    """Return the journal of an operation that is under way or was interrupted, or None.

    Raises:
        RegistryError: if it cannot be read.
    """
    file = environment.state / _FILE
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return Journal(**data)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise RegistryError(
            f"The journal of an interrupted plugin command cannot be read: {error}.",
            where=str(file),
            advice="Delete it, and see with `tasks plugin doctor` what state plugins are in.",
        ) from error


def recover(environment: Environment, say: Say) -> None:
    """Take back or complete what an interrupted command has begun; call only while locked."""
    journal = interrupted(environment)
    if journal is not None:
        if journal.operation == "add":
            journal.take_back(environment)
            say(f"An interrupted `tasks plugin add` of {journal.plugin} was taken back.")
        else:
            journal.complete(environment)
            say(f"An interrupted `tasks plugin remove` of {journal.plugin} was completed.")
        invalidate_caches()
    for leftover in environment.state.glob("staging-*"):
        shutil.rmtree(leftover)
    tidy(environment)


@contextmanager
def workplace(environment: Environment) -> Iterator[Path]:
    """Give a folder for one operation, on the disk of the environment; it is gone afterwards."""
    folder = environment.state / "staging-1"  # there is one at a time: the environment is locked
    try:
        folder.mkdir(parents=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        tidy(environment)


def tidy(environment: Environment) -> None:
    """Leave no empty folders of ours behind."""
    for folder in (environment.state, environment.state.parent):
        with suppress(OSError):  # not there, or not empty
            folder.rmdir()


def _rewrite(registry: str, found: str | None, wanted: str | None) -> None:
    """Replace one text of registry.toml by another; a text of somebody else's stays."""
    file = RegistryFile(Path(registry))
    if file.text() == found and found != wanted:
        file.write(wanted)


def _editable_files(name: str, version: str) -> Iterator[str]:
    """Yield what an editable install of a distribution has put beside its metadata."""
    plain = name.replace("-", "_").replace(".", "_")
    base = site_packages()
    for path in base.glob(f"__editable__*{plain}*"):
        yield path.name
    installed = find_distribution(name, [str(base)])
    if installed is not None and installed.version == version:
        yield from recorded_paths(installed)

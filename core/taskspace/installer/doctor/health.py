"""What `tasks plugin doctor` looks at, each a function that returns findings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal

from taskspace.errors import InputError, RegistryError
from taskspace.installer.doctor.solver_programs import missing_programs
from taskspace.installer.doctor.startup import startup_files
from taskspace.installer.environment import Environment
from taskspace.installer.journal import interrupted
from taskspace.installer.ledger import read_ledger
from taskspace.registry.allowed import AllowedPlugins
from taskspace.registry.descriptions.cache import cache_root
from taskspace.registry.descriptions.description import BUILT_IN
from taskspace.registry.intent import normalised
from taskspace.registry.registry import Registry

Level = Literal["ok", "note", "warning", "problem"]
"""note: good to know; warning: may surprise, and stops nothing; problem: something that should work
does not."""


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at.

    Attributes:
        about: what was looked at: environment, registry, a plugin's name, a solver's.
    """

    level: Level
    about: str
    message: str
    remedy: str | None = None


@dataclass(frozen=True)
class Surroundings:
    """What is looked at.

    Attributes:
        registry: that holds here; of the built-ins alone where registry.toml is wrong.
        error: what is wrong with registry.toml, or None.
    """

    registry: Registry
    error: InputError | None


def surroundings(allowed: AllowedPlugins) -> Surroundings:
    """Return what is to be looked at here, also where registry.toml is wrong."""
    try:
        return Surroundings(Registry.under(allowed), None)
    except InputError as error:
        return Surroundings(Registry.load(plugins=False), error)


def findings(here: Surroundings) -> list[Diagnosis]:
    """Return what every check finds, in order."""
    checks = (
        *(environment, registry_file, interrupted_operation, plugins, every_process),
        *(solvers, cache),
    )
    return [finding for check in checks for finding in check(here)]


def environment(here: Surroundings) -> Iterator[Diagnosis]:
    """Look at where plugins are installed: Python, its environment, its installer, its traps."""
    place = Environment.current()
    sort = "virtual environment" if place.is_virtual else "no virtual environment"
    version = sys.version.split()[0]
    yield Diagnosis("ok", "environment", f"Python {version}, {sort} at {place.prefix}.")
    try:
        yield Diagnosis("ok", "installer", " ".join(place.pip()))
        place.refuse_unless_writable()
    except RegistryError as error:
        # Plugins that are installed work without.
        yield Diagnosis("warning", "installer", str(error.what), error.advice)
    for trap in place.traps():
        yield Diagnosis("warning", "environment", trap)


def registry_file(here: Surroundings) -> Iterator[Diagnosis]:
    """Look at registry.toml, and say which digest and api hold here."""
    if here.error is not None:
        where = f"{here.error.where}: " if here.error.where else ""
        yield Diagnosis("problem", "registry", f"{where}{here.error.what}", here.error.advice)
        return
    if not here.registry.allowed.plugins:
        yield Diagnosis("note", "registry", "Plugins are switched off (--no-plugins).")
    elif here.registry.file is None:
        yield Diagnosis("note", "registry", "There is no registry.toml here: only the built-ins.")
    else:
        yield Diagnosis("ok", "registry", f"{here.registry.file}")
    frozen = ", --frozen: pinned plugins only" if here.registry.allowed.frozen else ""
    digest = here.registry.digest
    yield Diagnosis("ok", "registry", f"Digest {digest}, api {here.registry.api}{frozen}.")


def interrupted_operation(here: Surroundings) -> Iterator[Diagnosis]:
    """Look for a `tasks plugin` command that did not come to its end."""
    try:
        journal = interrupted(Environment.current())
    except RegistryError as error:
        yield Diagnosis("problem", "journal", f"{error.where}: {error.what}", error.advice)
        return
    if journal is not None:
        next_step = {"add": "taken back", "remove": "completed"}[journal.operation]
        yield Diagnosis(
            "problem",
            "journal",
            f"`tasks plugin {journal.operation}` of {journal.plugin} is under way or was "
            "interrupted.",
            f"if no such command runs: the next `tasks plugin add`, `remove`, `enable` or "
            f"`disable` sees to it that it is {next_step}",
        )


def plugins(here: Surroundings) -> Iterator[Diagnosis]:
    """Look at each plugin's state; enabled and not ready is a problem."""
    for state in here.registry.plugins():
        seconds = here.registry.examined(state.distribution).seconds
        took = f", imported in {seconds:.2f} s" if seconds is not None else ""
        if state.status == "ready":
            note = f" {state.reason}" if state.reason else ""
            level: Level = "ok" if state.reason is None else "note"
            message = f"ready, provides {len(state.provides)}{took}.{note}"
            yield Diagnosis(level, state.title, message)
        else:
            level = "problem" if state.missed else "note"
            yield Diagnosis(level, state.title, f"{state.status}: {state.reason}", state.remedy)
        if state.warning is not None:
            yield Diagnosis("warning", state.title, str(state.warning))


def every_process(here: Surroundings) -> Iterator[Diagnosis]:
    """Look for what runs in every Python process here, this one too, whatever is trusted."""
    try:
        brought = set(read_ledger(Environment.current()).brought)
    except RegistryError as error:
        brought = set()
        yield Diagnosis("problem", "ledger", f"{error.where}: {error.what}", error.advice)
    brought |= {normalised(state.distribution) for state in here.registry.plugins()} - {BUILT_IN}
    for file in startup_files():
        if file.owner is not None and file.owner not in brought:
            came = f"it came with {file.owner}, which is no plugin"
            yield Diagnosis(
                "note", "startup", f"Every Python process here runs {file.path}; {came}."
            )
        else:
            came = f"it came with {file.owner}" if file.owner else "no distribution names it"
            yield Diagnosis(
                "warning",
                "startup",
                f"Every Python process here runs {file.path}; {came}, and no hash covers it.",
                "delete it if you do not know it",
            )


def solvers(here: Surroundings) -> Iterator[Diagnosis]:
    """Ask every solver what it misses, the solvers of each plugin in a child process."""
    owner = attrgetter("plugin")
    found = sorted(here.registry.descriptions("solver"), key=owner)
    for _, group in groupby(found, key=owner):
        for name, missing in missing_programs(list(group)).items():
            level: Level = "ok" if missing is None else "warning"
            yield Diagnosis(level, f"solver {name}", missing or "It can solve.")


def cache(here: Surroundings) -> Iterator[Diagnosis]:
    """Look whether descriptions can be kept."""
    folder = cache_root() / "plugins"
    nearest = next(f for f in (folder, *folder.parents) if f.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        yield Diagnosis("ok", "cache", str(folder))
    else:
        yield Diagnosis(
            "warning",
            "cache",
            f"{folder} cannot be written, so every command describes every plugin anew.",
            "set TASKS_CACHE to a folder of yours",
        )

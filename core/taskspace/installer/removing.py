"""`tasks plugin remove`, `enable` and `disable`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.installer.environment import Environment, Say
from taskspace.installer.installed import (
    Files,
    files_of,
    find_distribution,
    say_strays,
)
from taskspace.installer.journal import Journal, recover, tidy
from taskspace.installer.ledger import Ledger, read_ledger
from taskspace.installer.registry_file import FRESH, RegistryFile
from taskspace.registry.builtins import read_builtins
from taskspace.registry.distributions.discovery import discover
from taskspace.registry.intent import Intent, PluginEntry, find_file, normalised, read_intent
from taskspace.registry.names import matching, no_plugin


@dataclass(frozen=True)
class Removed:
    """What `remove` has done.

    Attributes:
        uninstalled: names of distributions.
        stays: why the plugin is still installed, or None.
        registry: the registry.toml; `deleted` says that it is gone with its last plugin.
    """

    plugin: str
    uninstalled: tuple[str, ...]
    stays: str | None
    registry: Path
    deleted: bool


def remove(name: str, *, folder: Path, say: Say) -> Removed:
    """Take a plugin out of registry.toml and, if `add` has installed it, out of the environment.

    Files are deleted by the list that was made when they were installed, so that a plugin can be
    removed whatever is left of it. Once begun, a removal is completed: by this command, or, if it
    is stopped, by the next.

    Args:
        name: of the plugin, or its short form.
        folder: where the search for registry.toml begins.
        say: is told what is going on, a line at a time.

    Raises:
        NotFound: if registry.toml does not list it.
        RegistryError: if registry.toml or the environment cannot be changed; nothing is then.
    """
    environment = Environment.current()
    with environment.locked(say):
        recover(environment, say)
        path, entry = _listed(name, folder)
        file = RegistryFile(path)
        ledger = read_ledger(environment)
        doomed, stays, left = _decide(entry.distribution, ledger, path)
        for files in doomed:
            say_strays(files.name, ledger.brought.get(normalised(files.name)), say)
        after: str | None = file.without_entry(entry.distribution)
        if str(path) in left.created and after == FRESH:
            after, left = None, left.without_created(path)
        journal = Journal(
            operation="remove",
            plugin=entry.distribution,
            registry=str(path),
            before=file.text(),
            after=after,
            files=doomed,
            replaces=False,
            ledger=left,
        )
        if doomed:
            environment.refuse_unless_writable()
            journal.open(environment)
        try:
            file.write(after)
        except RegistryError:
            journal.close(environment)
            raise
        finally:
            tidy(environment)
        journal.complete(environment, say)
        tidy(environment)
    names = tuple(normalised(files.name) for files in doomed)
    return Removed(entry.distribution, names, stays, path, deleted=after is None)


def switch(name: str, *, enabled: bool, folder: Path, say: Say) -> Path:
    """Enable or disable a listed plugin; return the registry.toml that says so now.

    Raises:
        NotFound: if registry.toml does not list it.
        RegistryError: if it cannot be changed.
    """
    environment = Environment.current()
    with environment.locked(say):
        recover(environment, say)
        path, entry = _listed(name, folder)
        if entry.enabled is not enabled:
            file = RegistryFile(path)
            file.write(file.with_switch(entry.distribution, enabled=enabled))
    return path


def _listed(name: str, folder: Path) -> tuple[Path, PluginEntry]:
    file = find_file(folder)
    intent = read_intent(file, read_builtins().kinds) if file else Intent()
    listed = {entry.distribution: entry for entry in intent.entries}
    chosen = matching(name, listed)
    if file is not None and chosen is not None:
        return file, listed[chosen]
    installed = matching(name, [plugin.distribution for plugin in discover()])
    if installed is not None:
        raise RegistryError(
            f"{installed} is installed, but "
            + (f"{file} does not list it." if file else "there is no registry.toml here."),
            advice=f"It is not used. `pip uninstall {installed}` removes it from the environment.",
        )
    raise no_plugin(name, listed)


def _decide(plugin: str, ledger: Ledger, registry: Path) -> tuple[list[Files], str | None, Ledger]:
    """Return what is uninstalled with a plugin, why it stays if it does, and the ledger then."""
    key = normalised(plugin)
    if key not in ledger.registries:
        return [], _was_there(plugin), ledger
    left = ledger.without_registry(key, registry)
    others = [r for r in left.registries[key] if _lists(Path(r), plugin)]
    if others:
        return [], f"It is also listed in {others[0]}.", left
    names = ledger.no_longer_needed(key)
    doomed = [files_of(name, ledger.brought[name]) or ledger.brought[name] for name in names]
    stays = None if key in ledger.brought else _was_there(plugin)
    return doomed, stays, ledger.without_plugin(key, names)


def _was_there(plugin: str) -> str | None:
    if find_distribution(plugin) is None:
        return None
    return f"It was installed before it was added; `pip uninstall {plugin}` removes it."


def _lists(registry: Path, plugin: str) -> bool:
    if not registry.is_file():
        return False
    try:
        return read_intent(registry, read_builtins().kinds).entry(plugin) is not None
    except RegistryError:  # it may list it: nothing is taken away from it
        return True

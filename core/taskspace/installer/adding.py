"""`tasks plugin add`: plan, show, ask once, install what was planned, write it down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import invalidate_caches
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.installer.environment import Environment, Say
from taskspace.installer.installed import (
    delete,
    files_of,
    find_distribution,
    keep_aside,
    say_strays,
)
from taskspace.installer.journal import Journal, aside, recover, workplace
from taskspace.installer.ledger import Ledger, read_ledger, write_ledger
from taskspace.installer.pip import Pip
from taskspace.installer.proposal import Proposal, holds, installed_plugin, propose
from taskspace.installer.registry_file import RegistryFile
from taskspace.installer.requested import Requested, parse_source
from taskspace.installer.staging import Staged, stage
from taskspace.installer.wheels.places import site_packages
from taskspace.registry.builtins import read_builtins
from taskspace.registry.distributions.digest import files_digest
from taskspace.registry.intent import FILE_NAME, find_file, normalised, parse_intent
from taskspace.registry.names import matching
from taskspace.registry.registry import Registry


def add(
    source: str,
    *,
    editable: bool,
    frozen: bool,
    blocked: Sequence[str],
    folder: Path,
    say: Say,
    agree: Callable[[Proposal], bool],
) -> Proposal | None:
    """Install a plugin and trust it; return what was done, or None if it was not agreed to.

    Nothing is changed before `agree` has said so. What fails or is stopped after that is taken
    back; what is killed is taken back by the next command.

    Args:
        source: as the user wrote it.
        editable: whether a source tree itself is to be used, which may change.
        frozen: whether only what cannot change may be added.
        blocked: names of plugins that must not be looked into.
        folder: the working directory: paths and the search for registry.toml begin there.
        say: is told what is going on, a line at a time.
        agree: is shown the proposal and decides.

    Raises:
        RegistryError: if it cannot be had, is no plugin, does not fit, or may not be trusted.
    """
    environment = Environment.current()
    environment.refuse_unless_writable()
    with environment.locked(say) as lock:
        recover(environment, say)
        registry = find_file(folder) or folder.resolve() / FILE_NAME
        requested = parse_source(
            source, editable=editable, frozen=frozen, folder=folder, registry=registry
        )
        known = Registry.load(folder, blocked=blocked)
        ledger = read_ledger(environment)
        pip = Pip(environment, lock, say)
        with workplace(environment) as place:
            staged = stage(requested, pip, ledger, place, say)
            if any(matching(name, [staged.pin.name]) for name in blocked):
                raise RegistryError(
                    f"TASKS_BLOCK_PLUGINS blocks {staged.pin.name}, so it is not looked into.",
                    advice="Take it out of the variable to add it.",
                )
            proposal = propose(requested, staged, environment, registry, known)
            if frozen and proposal.relocks:
                raise _relocked(proposal)
            if not agree(proposal):
                return None
            _carry_out(proposal, requested, staged, pip, environment, ledger, say)
    return proposal


def _carry_out(
    proposal: Proposal,
    requested: Requested,
    staged: Staged,
    pip: Pip,
    environment: Environment,
    ledger: Ledger,
    say: Say,
) -> None:
    file, key = RegistryFile(proposal.registry), normalised(staged.pin.name)
    after = file.with_entry(proposal.entry)
    # What cannot be read again is not written.
    parse_intent(after.encode(), file.path, read_builtins().kinds)
    old = files_of(staged.pin.name, ledger.brought.get(key)) if proposal.installs else None
    if old is not None:
        say_strays(staged.pin.name, ledger.brought.get(key), say)
        keep_aside(old, aside(environment))
    new = [staged.files[normalised(pin.name)] for pin in proposal.installs]
    journal = Journal(
        operation="add",
        plugin=staged.pin.name,
        registry=str(file.path),
        before=file.text(),
        after=after,
        files=new,
        replaces=old is not None,
        ledger=ledger,
    )
    journal.open(environment)
    try:
        if old is not None:
            delete(old)
        _install(proposal, requested, staged, pip)
        file.write(after)
        brought = [files_of(files.name, files) or files for files in new]
        ledger = ledger.with_plugin(key, brought, file.path, creates=proposal.creates)
        write_ledger(environment, ledger)
    except BaseException:
        journal.take_back(environment, say)
        raise
    journal.close(environment)


def _install(proposal: Proposal, requested: Requested, staged: Staged, pip: Pip) -> None:
    if not proposal.installs:
        return
    for pin in proposal.installs:
        # What an installer would uninstall first by a list that is not ours.
        if (other := find_distribution(pin.name, [str(site_packages())])) is not None:
            raise RegistryError(
                f"Another folder of metadata says that it is {pin.name} {other.version}.",
                where=str(site_packages()),
                advice="Remove the folder NAME.dist-info that does. Nothing was changed.",
            )
    own, *others = proposal.installs
    if requested.editable:
        if others:
            pip.install(others, staged.wheels)
        pip.install_editable(requested.path)
    else:
        pip.install(proposal.installs, staged.wheels)
    invalidate_caches()
    installed = installed_plugin(own.name)
    there = Path(str(installed.metadata.locate_file(""))) if installed else None
    if installed is None or there != site_packages():
        raise RegistryError(
            f"{own} was installed into {site_packages()}, but Python finds "
            + (f"another copy first, in {there}." if there else "none."),
            advice="Remove the other copy, or take its folder out of PYTHONPATH. Nothing was "
            "changed.",
        )
    if proposal.entry.sha256 is not None and not holds(installed, own, proposal.entry.sha256):
        raise RegistryError(
            f"The files of {own} that are installed are not those that were shown: "
            f"sha256 {files_digest(installed.metadata)} instead of {proposal.entry.sha256}.",
            advice="Something else writes into this environment. Nothing was changed.",
        )


def _relocked(proposal: Proposal) -> RegistryError:
    before = proposal.before or proposal.entry
    return RegistryError(
        f"registry.toml locks {before.distribution} {before.version} with sha256 "
        f"{before.sha256 or '(none)'}; this source gives {proposal.entry.version} with "
        f"{proposal.entry.sha256}, and --frozen (the default under CI=true) changes no lock.",
        where=str(proposal.registry),
        advice="Add it where you can look at it first, and commit registry.toml; or say "
        "--no-frozen.",
    )

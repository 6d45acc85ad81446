"""`tasks plugin add`: plan, show, ask once, install what was planned, write it down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import invalidate_caches
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.apirange import supports
from taskspace.registry.builtins import read_builtins
from taskspace.registry.cache import described
from taskspace.registry.declared import declared_api
from taskspace.registry.description import Description
from taskspace.registry.digest import files_digest, tree_digest
from taskspace.registry.discovery import Found, discover
from taskspace.registry.intent import FILE_NAME, Entry, Intent, find_file, normalised, read_intent
from taskspace.registry.lifecycle.environment import Environment, Say
from taskspace.registry.lifecycle.installed import keep_aside, site_packages
from taskspace.registry.lifecycle.journal import Journal, recover, workplace
from taskspace.registry.lifecycle.ledger import read_ledger, write_ledger
from taskspace.registry.lifecycle.pip import Pin, Pip
from taskspace.registry.lifecycle.registry_file import RegistryFile
from taskspace.registry.lifecycle.requested import Requested, parse_source
from taskspace.registry.lifecycle.staging import Staged, stage
from taskspace.registry.registry import Registry
from taskspace.registry.state import provided


@dataclass(frozen=True)
class Proposal:
    """What `add` is about to do, for whoever decides on it.

    Attributes:
        entry: what registry.toml will say.
        before: what it says now of the same plugin, or None.
        components: what the plugin provides.
        installs: what will be installed, the plugin first; () if these very files are there.
        replaces: the version of the plugin that is installed now and goes, or None.
        registry: the registry.toml; `creates` says that it is not there yet.
        traps: what may surprise about the environment, as sentences.
        seconds: that importing it took, or None if it was described before.
    """

    entry: Entry
    before: Entry | None
    components: tuple[Description, ...]
    installs: tuple[Pin, ...]
    replaces: str | None
    registry: Path
    creates: bool
    environment: Path
    traps: tuple[str, ...]
    seconds: float | None

    @property
    def relocks(self) -> bool:
        """Return whether registry.toml trusts other bytes of this plugin now."""
        return self.before is not None and self.before.sha256 != self.entry.sha256


def add(
    source: str,
    *,
    editable: bool,
    frozen: bool,
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
        known = Registry.load(folder)
        pip = Pip(environment, lock, say)
        with workplace(environment) as place:
            staged = stage(requested, pip, place)
            proposal = _proposal(requested, staged, environment, registry, known)
            if frozen and proposal.relocks:
                raise _relocked(proposal)
            if not agree(proposal):
                return None
            _carry_out(proposal, requested, staged, pip, environment, place)
    return proposal


def _proposal(
    requested: Requested,
    staged: Staged,
    environment: Environment,
    registry: Path,
    known: Registry,
) -> Proposal:
    builtins = read_builtins()
    creates = not registry.exists()
    intent = Intent() if creates else read_intent(registry, builtins.kinds)
    found, pin = staged.found, staged.pin
    range_of_api = _api(found, builtins.api)
    digest = tree_digest(requested.path) if requested.editable else files_digest(found.metadata)
    answer = described(found, digest, builtins.api, first=[str(staged.site)])
    if answer.failure is not None:
        raise RegistryError(
            f"{pin} cannot be used: {answer.failure}",
            where=requested.target,
            advice="Nothing was installed. `tasks plugin check` says more of a source tree.",
        )
    _refuse_taken(pin, answer.components, known)
    installed = _installed(pin.name)
    same = installed is not None and not requested.editable and _has(installed, pin, digest)
    before = intent.entry(pin.name)
    entry = Entry(
        distribution=before.distribution if before else pin.name,
        source=requested.recorded(pin.name, pin.version, registry),
        version=pin.version,
        sha256=None if requested.editable else digest,
        api=range_of_api,
        trust="editable" if requested.editable else "pinned",
        enabled=True,
        provides=provided(answer.components),
    )
    return Proposal(
        entry=entry,
        before=before,
        components=answer.components,
        installs=() if same else (pin, *staged.brings),
        replaces=installed.version if installed and not same else None,
        registry=registry,
        creates=creates,
        environment=environment.prefix,
        traps=tuple(environment.traps()),
        seconds=answer.seconds,
    )


def _api(found: Found, ours: int) -> str:
    declared = declared_api(found)
    if declared is None:
        return f">={ours},<{ours + 1}"
    if not supports(ours, declared.text):
        raise RegistryError(
            f"{found.distribution} {found.version} is made for api {declared.text}; this "
            f"taskspace has api {ours}.",
            where=f"{declared.file.name}:{declared.line}",
            advice="Install a version of the plugin, or of taskspace, that fits.",
        )
    return declared.text


def _refuse_taken(pin: Pin, components: tuple[Description, ...], known: Registry) -> None:
    others = {
        (d.kind, d.name): d
        for d in known.descriptions()
        if normalised(d.plugin) != normalised(pin.name)
    }
    for description in components:
        if other := others.get((description.kind, description.name)):
            owner = "taskspace itself" if other.owner == "built in" else other.owner
            raise RegistryError(
                f"Two plugins would provide the {other.kind} {other.name!r}: {owner} and "
                f"{pin.name} {pin.version}.",
                advice="Names are unique. Ask the author for another, or remove or disable the "
                "plugin that has it now.",
            )


def _installed(name: str) -> Found | None:
    return next((p for p in discover() if normalised(p.distribution) == normalised(name)), None)


def _has(installed: Found, pin: Pin, digest: str) -> bool:
    """Return whether the plugin is installed already, with these very files."""
    if installed.version != pin.version:
        return False
    try:
        return files_digest(installed.metadata) == digest
    except RegistryError:  # damaged: it is installed anew
        return False


def _carry_out(
    proposal: Proposal,
    requested: Requested,
    staged: Staged,
    pip: Pip,
    environment: Environment,
    place: Path,
) -> None:
    file = RegistryFile(proposal.registry)
    ledger = read_ledger(environment)
    aside = place / "aside" if proposal.replaces else None
    if aside is not None and (old := _installed(staged.pin.name)) is not None:
        keep_aside(old.metadata, aside)
    journal = Journal(
        operation="add",
        plugin=staged.pin.name,
        registry=str(file.path),
        before=file.text(),
        after=file.with_entry(proposal.entry),
        files=[(pin.name, pin.version, list(staged.paths[pin])) for pin in proposal.installs],
        aside=str(aside) if aside else None,
        ledger=ledger.as_json(),
    )
    journal.open(environment)
    try:
        _install(proposal, requested, staged, pip)
        file.write(journal.after)
        brought = [pin.name for pin in proposal.installs]
        ledger = ledger.with_plugin(normalised(staged.pin.name), brought, file.path)
        write_ledger(environment, ledger)
    except BaseException:
        journal.take_back(environment)
        raise
    journal.close(environment)


def _install(proposal: Proposal, requested: Requested, staged: Staged, pip: Pip) -> None:
    if not proposal.installs:
        return
    own, *others = proposal.installs
    if requested.editable:
        if others:
            pip.install(others, staged.wheels)
        pip.install_editable(requested.path)
    else:
        pip.install(proposal.installs, staged.wheels)
    invalidate_caches()
    installed = _installed(own.name)
    there = Path(str(installed.metadata.locate_file(""))) if installed else None
    if installed is None or there != site_packages():
        raise RegistryError(
            f"{own} was installed into {site_packages()}, but Python finds "
            + (f"another copy first, in {there}." if there else "none."),
            advice="Remove the other copy, or take its folder out of PYTHONPATH. Nothing was "
            "changed.",
        )
    if proposal.entry.sha256 is not None and not _has(installed, own, proposal.entry.sha256):
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

"""What `tasks plugin add` is about to do, worked out before anything is changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.installer.environment import Environment
from taskspace.installer.pip import Pin
from taskspace.installer.requested import Requested
from taskspace.installer.staging import Staged
from taskspace.registry.apirange import supports
from taskspace.registry.builtins import read_builtins
from taskspace.registry.descriptions.cache import described
from taskspace.registry.descriptions.description import Description
from taskspace.registry.distributions.declared import declared_api
from taskspace.registry.distributions.digest import files_digest, tree_digest
from taskspace.registry.distributions.discovery import InstalledPlugin, discover
from taskspace.registry.intent import Intent, PluginEntry, normalised, read_intent
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

    entry: PluginEntry
    before: PluginEntry | None
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


def propose(
    requested: Requested,
    staged: Staged,
    environment: Environment,
    registry: Path,
    known: Registry,
) -> Proposal:
    """Return what adding a plugin would do; it is described in a child process for that.

    Raises:
        RegistryError: if it cannot be described, is for another api, or its names are taken.
    """
    builtins = read_builtins()
    creates = not registry.exists()
    intent = Intent() if creates else read_intent(registry, builtins.kinds)
    found, pin = staged.found, staged.pin
    range_of_api = _api(found, builtins.api)
    digest = tree_digest(requested.path) if requested.editable else files_digest(found.metadata)
    answer = described(found, digest, builtins.api, first=[str(staged.site)])
    if answer.failure is not None:
        raise RegistryError(
            f"{pin} cannot be used: {answer.failure.replace(f'{staged.site}/', '')}",
            where=requested.target,
            advice="Nothing was installed. `tasks plugin check` says more of a source tree.",
        )
    _refuse_taken(pin, answer.components, known)
    installed = installed_plugin(pin.name)
    same = installed is not None and not requested.editable and holds(installed, pin, digest)
    before = intent.entry(pin.name)
    entry = PluginEntry(
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


def _api(found: InstalledPlugin, ours: int) -> str:
    try:
        declared = declared_api(found)
    except RegistryError as error:
        # Where it was laid out is gone when this is read.
        where = str(error.where).replace(f"{found.metadata.locate_file('')}/", "")
        raise RegistryError(error.what, where=where, advice=error.advice) from error
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


def installed_plugin(name: str) -> InstalledPlugin | None:
    """Return the plugin that Python finds under a name, or None."""
    return next((p for p in discover() if normalised(p.distribution) == normalised(name)), None)


def holds(installed: InstalledPlugin, pin: Pin, digest: str) -> bool:
    """Return whether a plugin is installed in this version, with files of this hash."""
    if installed.version != pin.version:
        return False
    try:
        return files_digest(installed.metadata) == digest
    except RegistryError:  # damaged: it is installed anew
        return False

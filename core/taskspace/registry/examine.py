"""What is decided about a listed plugin: installed, trusted, describable, free of collisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from taskspace.errors import RegistryError
from taskspace.registry.apirange import supports
from taskspace.registry.cache import described
from taskspace.registry.description import Description
from taskspace.registry.digest import editable_tree, files_digest
from taskspace.registry.discovery import Found
from taskspace.registry.intent import Entry
from taskspace.registry.state import Examined, PluginState, Status, provided


def examine(
    entry: Entry, found: Found | None, taken: Mapping[tuple[str, str], Description], api: int
) -> Examined:
    """Return the state of a listed plugin, and its components where they could be learned.

    Args:
        entry: what registry.toml says.
        found: the installed plugin, or None.
        taken: components that others provide already, by kind and name.
        api: number of our hooks and base classes.
    """
    state = PluginState(
        distribution=entry.distribution,
        version=found.version if found else None,
        stage="discovered" if found else "known",
        status="ready",
        provides=entry.provides,
        trust=entry.trust,
        source=entry.source,
    )
    components: Sequence[Description] = ()
    try:
        installed = _listing_allows(entry, found, api)
        state = replace(state, sha256=_files(installed))
        _bytes_are_trusted(entry, installed, state.sha256 or "")
        components = _components(installed, state.sha256 or "", api)
        state = replace(state, stage="described", provides=provided(components))
        _names_are_free(components, taken)
    except _SetAside as aside:
        return Examined(
            replace(state, status=aside.status, reason=aside.reason, remedy=aside.remedy(entry)),
            tuple(components),
        )
    mutable = entry.trust == "editable" and entry.sha256 is None
    note = "It is editable: its files may change and are not verified." if mutable else None
    return Examined(replace(state, reason=note), tuple(components))


class _SetAside(Exception):
    """The plugin may not be used."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason

    def remedy(self, entry: Entry) -> str:
        remedies: dict[Status, str] = {
            "absent": f"tasks plugin add {entry.source}",
            "disabled": f"tasks plugin enable {entry.distribution}",
            "untrusted": f"tasks plugin add {entry.source}, if these are the files to trust",
            "quarantined": f"tasks plugin disable {entry.distribution}, or repair it",
        }
        return remedies[self.status]


def _listing_allows(entry: Entry, found: Found | None, api: int) -> Found:
    if found is None:
        raise _SetAside("absent", "It is listed but not installed.")
    if not entry.enabled:
        raise _SetAside("disabled", "It is disabled in registry.toml.")
    if found.problem is not None:
        raise _SetAside("quarantined", found.problem)
    if found.version != entry.version:
        raise _SetAside(
            "untrusted",
            f"registry.toml locks version {entry.version}; {found.version} is installed.",
        )
    if not supports(api, entry.api):
        raise _SetAside(
            "quarantined", f"It is made for api {entry.api}; this taskspace has api {api}."
        )
    return found


def _files(found: Found) -> str:
    try:
        return files_digest(found.metadata)
    except RegistryError as error:
        raise _SetAside("untrusted", str(error)) from error


def _bytes_are_trusted(entry: Entry, found: Found, sha256: str) -> None:
    if entry.trust == "editable" and editable_tree(found.metadata) is None:
        raise _SetAside("untrusted", "registry.toml says that it is editable; a copy is installed.")
    if entry.sha256 is not None and entry.sha256 != sha256:
        raise _SetAside(
            "untrusted",
            f"Its files are not the ones that were trusted: registry.toml says sha256 "
            f"{entry.sha256}, the installed files have {sha256}.",
        )
    never_verified = entry.sha256 is None and entry.trust == "pinned"
    if never_verified or entry.trust == "unverified":
        raise _SetAside(
            "untrusted",
            f"Its files were never verified: registry.toml says trust {entry.trust!r} and "
            f"sha256 {entry.sha256 or '(none)'}, the installed files have {sha256}.",
        )


def _components(found: Found, sha256: str, api: int) -> Sequence[Description]:
    result = described(found, sha256, api)
    if result.failure is not None:
        raise _SetAside("quarantined", result.failure)
    return result.components


def _names_are_free(
    components: Sequence[Description], taken: Mapping[tuple[str, str], Description]
) -> None:
    for description in components:
        other = taken.get((description.kind, description.name))
        if other is not None:
            raise _SetAside(
                "quarantined",
                f"Two plugins provide the {description.kind} {description.name!r}: "
                f"{other.plugin} {other.version} and {description.plugin} {description.version}.",
            )

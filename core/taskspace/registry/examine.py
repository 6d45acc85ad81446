"""What is decided about a listed plugin: installed, trusted, describable, free of collisions."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from taskspace.errors import RegistryError
from taskspace.registry.allowed import AllowedPlugins
from taskspace.registry.apirange import supports
from taskspace.registry.descriptions.cache import described
from taskspace.registry.descriptions.description import Description
from taskspace.registry.distributions.changes import changes, sentence
from taskspace.registry.distributions.declared import DeclaredApi, declared_api
from taskspace.registry.distributions.digest import Inventory, editable_tree, inventory
from taskspace.registry.distributions.discovery import InstalledPlugin, installed_without_hooks
from taskspace.registry.distributions.reach import overreach
from taskspace.registry.intent import PluginEntry
from taskspace.registry.oldapi import notice_of
from taskspace.registry.state import Examined, Status, first_state, provided


@dataclass(frozen=True)
class Rules:
    """What decides about every plugin alike.

    Attributes:
        api: number of our hooks and base classes.
        allowed: which plugins may be used.
        search: folders in which installed plugins are looked for; None for `sys.path`.
    """

    api: int
    allowed: AllowedPlugins
    search: Sequence[str] | None = None


def examine(
    entry: PluginEntry,
    found: InstalledPlugin | None,
    taken: Mapping[tuple[str, str], Description],
    rules: Rules,
) -> Examined:
    """Return the state of a listed plugin, and its components where they could be learned.

    Args:
        entry: what registry.toml says.
        found: the installed plugin, or None.
        taken: components that others provide already, by kind and name.
        rules: what holds for every plugin.
    """
    examined = Examined(first_state(entry, found), found=found)
    try:
        installed = _listing_allows(entry, found, rules)
        if rules.allowed.frozen:
            _pinned(entry, installed)
        files = _files(entry, installed)
        examined = _noting(examined, sha256=files.sha256)
        differences = _differences(entry, installed, files)
        examined = _noting(examined, changes=differences or ())
        _bytes_are_trusted(entry, installed, files, differences)
        _keeps_within(installed)
        declared = _declared(installed, rules.api)
        examined = replace(examined, declared=declared)
        result = described(installed, files.sha256, rules.api)
        if result.failure is not None:
            raise _SetAside("quarantined", result.failure)
        components = result.components
        examined = replace(examined, components=components, seconds=result.seconds)
        examined = _noting(examined, stage="described", provides=provided(components))
        _names_are_free(components, taken)
    except _SetAside as aside:
        return _noting(
            examined, status=aside.status, reason=aside.reason, remedy=aside.remedy_for(entry)
        )
    mutable = entry.trust == "editable" and entry.sha256 is None
    return _noting(
        examined,
        reason="It is editable: its files may change and are not verified." if mutable else None,
        warning=notice_of(installed, declared, entry, rules.api),
    )


def _noting(examined: Examined, **state: Any) -> Examined:
    return replace(examined, state=replace(examined.state, **state))


class _SetAside(Exception):
    """The plugin may not be used."""

    def __init__(self, status: Status, reason: str, remedy: str | None = None) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.remedy = remedy

    def remedy_for(self, entry: PluginEntry) -> str:
        again = _add_again(entry)
        remedies: dict[Status, str] = {
            "absent": again,
            "disabled": f"tasks plugin enable {entry.distribution}",
            "untrusted": f"if these are the files to trust: {again}",
            "quarantined": f"tasks plugin disable {entry.distribution}, or repair it",
        }
        return self.remedy or remedies[self.status]


def _add_again(entry: PluginEntry) -> str:
    if entry.trust == "editable":
        return (
            f"tasks plugin add --editable FOLDER, where its source tree is now ({entry.source}), "
            f"or tasks plugin remove {entry.distribution}"
        )
    return f"tasks plugin add {shlex.quote(entry.source)}"


def _listing_allows(
    entry: PluginEntry, found: InstalledPlugin | None, rules: Rules
) -> InstalledPlugin:
    if not entry.enabled:
        raise _SetAside("disabled", "It is disabled in registry.toml.")
    if found is None:
        if installed_without_hooks(entry.distribution, rules.search):
            raise _SetAside(
                "quarantined",
                "Only parts of it are installed: its METADATA or its entry points are missing or "
                "cannot be read.",
                _add_again(entry),
            )
        raise _SetAside("absent", "It is listed but not installed.")
    if found.problem is not None:
        raise _SetAside("quarantined", found.problem)
    if found.version != entry.version:
        raise _SetAside(
            "untrusted",
            f"registry.toml locks version {entry.version}; {found.version} is installed.",
        )
    if not supports(rules.api, entry.api):
        raise _SetAside(
            "quarantined", f"It is made for api {entry.api}; this taskspace has api {rules.api}."
        )
    return found


def _pinned(entry: PluginEntry, found: InstalledPlugin) -> None:
    if entry.trust == "editable" or _is_editable(found):
        what = "It is editable"
    elif entry.sha256 is None:
        what = "registry.toml has no sha256 for it"
    else:
        return
    raise _SetAside(
        "untrusted",
        f"{what}, and --frozen (the default under CI=true) allows pinned plugins only.",
        f"tasks plugin add {shlex.quote(entry.source)} pins a copy of it; --no-frozen or "
        "TASKS_FROZEN=0 allows it as it is",
    )


def _is_editable(found: InstalledPlugin) -> bool:
    try:
        return editable_tree(found.metadata) is not None
    except RegistryError as error:
        raise _SetAside("untrusted", error.what) from error


def _files(entry: PluginEntry, found: InstalledPlugin) -> Inventory:
    """Return its files, unless it is an editable install of which a part is gone.

    The source tree of one says nothing of that.
    """
    try:
        files = inventory(found.metadata)
    except RegistryError as error:
        raise _SetAside("untrusted", error.what) from error
    if files.incomplete:
        raise _SetAside(
            "quarantined",
            f"It is editable, and a part of its installation is gone: {files.incomplete[0]}.",
            _add_again(entry),
        )
    return files


def _differences(
    entry: PluginEntry, found: InstalledPlugin, files: Inventory
) -> tuple[str, ...] | None:
    """Return None where the files are the ones that were trusted, as far as there is a hash."""
    same = entry.sha256 in (None, files.sha256)
    if same and not files.missing and not files.strange:
        return None
    return changes(found.metadata, files)


def _bytes_are_trusted(
    entry: PluginEntry,
    found: InstalledPlugin,
    files: Inventory,
    differences: tuple[str, ...] | None,
) -> None:
    editable = _is_editable(found)
    if entry.trust == "editable" and not editable:
        raise _SetAside("untrusted", "registry.toml says that it is editable; a copy is installed.")
    both = (
        f"registry.toml says sha256 {entry.sha256 or '(none)'}, the installed files have "
        f"{files.sha256}."
    )
    never_verified = entry.sha256 is None and entry.trust == "pinned"
    if never_verified or entry.trust == "unverified":
        raise _SetAside(
            "untrusted",
            f"Its files were never verified (trust {entry.trust!r}): {both}",
        )
    if differences is not None:
        raise _SetAside(
            "untrusted",
            "Its files are not the ones that were trusted: "
            f"{sentence(differences, editable=editable)}. {both}",
        )


def _keeps_within(found: InstalledPlugin) -> None:
    if (reason := overreach(found)) is not None:
        raise _SetAside(
            "quarantined",
            reason,
            f"pip uninstall {found.distribution}; its author has to change it",
        )


def _declared(found: InstalledPlugin, api: int) -> DeclaredApi | None:
    try:
        declared = declared_api(found)
    except RegistryError as error:
        raise _SetAside("quarantined", str(error)) from error
    if declared is not None and not supports(api, declared.text):
        raise _SetAside(
            "quarantined",
            f"It declares that it is made for api {declared.text} ({declared.where}); this "
            f"taskspace has api {api}.",
        )
    return declared


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

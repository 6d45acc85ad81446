"""The registry: every plugin with its state, every usable component, activation by name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from taskspace.errors import InputError, RegistryError
from taskspace.registry.activation import imported, made
from taskspace.registry.allowed import AllowedPlugins
from taskspace.registry.builtins import Builtins, read_builtins
from taskspace.registry.decide import decide
from taskspace.registry.descriptions.description import BUILT_IN, Description
from taskspace.registry.distributions.digest import editable_tree, tree_digest
from taskspace.registry.distributions.discovery import discover
from taskspace.registry.distributions.from_source import import_from_source
from taskspace.registry.distributions.homes import top_modules
from taskspace.registry.distributions.source import package_folders, packages_beside, source_digest
from taskspace.registry.examine import Rules
from taskspace.registry.intent import Intent, find_file, normalised, read_intent
from taskspace.registry.names import matching, no_plugin
from taskspace.registry.state import (
    Examined,
    PluginState,
    built_in_state,
    switched_off,
)
from taskspace.registry.unknown import names_of, not_found, unavailable, unknown_kind

if TYPE_CHECKING:
    from taskspace.components import Component, ComponentSpec


class Registry:
    """What is known and trusted here; made by `Registry.load`.

    Attributes:
        file: the registry.toml that was read, or None.
        kinds: the kinds of component, in the order in which they are listed.
        api: number of our hooks and base classes.
        allowed: which plugins may be used.
    """

    def __init__(
        self,
        builtins: Builtins,
        intent: Intent,
        third_party: Sequence[Examined],
        allowed: AllowedPlugins,
    ) -> None:
        self.file: Path | None = intent.path
        self.kinds: tuple[str, ...] = builtins.kinds
        self.api: int = builtins.api
        self.allowed = allowed
        own = built_in_state(builtins.components, builtins.version)
        self._examined = {
            normalised(examined.state.distribution): examined for examined in (own, *third_party)
        }
        self._usable: dict[str, dict[str, Description]] = {kind: {} for kind in self.kinds}
        for examined in self._examined.values():
            if examined.state.status == "ready":
                for description in examined.components:
                    self._usable[description.kind][description.name] = description
        self._sources: dict[str, str] = {}
        self._from_source_only = set[str]()
        self._digest: str | None = None

    @classmethod
    def load(
        cls,
        start: Path | None = None,
        *,
        plugins: bool = True,
        frozen: bool = False,
        blocked: Sequence[str] = (),
        search: Sequence[str] | None = None,
    ) -> Self:
        """Return the registry that holds for a folder; see `AllowedPlugins` and `under`.

        Raises:
            RegistryError: if registry.toml is wrong; a plugin that is wrong is set aside instead.
        """
        return cls.under(AllowedPlugins(plugins, frozen, tuple(blocked)), start, search)

    @classmethod
    def under(
        cls,
        allowed: AllowedPlugins,
        start: Path | None = None,
        search: Sequence[str] | None = None,
    ) -> Self:
        """Return the registry that holds for a folder.

        Args:
            allowed: which plugins may be used.
            start: where the search for registry.toml begins; None for the working directory.
            search: folders in which installed plugins are looked for; None for `sys.path`.

        Raises:
            RegistryError: if registry.toml is wrong; a plugin that is wrong is set aside instead.
        """
        builtins = read_builtins()
        found = discover(search)
        if not allowed.plugins:
            return cls(builtins, Intent(), [switched_off(plugin) for plugin in found], allowed)
        file = find_file(start or Path.cwd())
        intent = read_intent(file, builtins.kinds) if file else Intent()
        rules = Rules(builtins.api, allowed, search)
        return cls(builtins, intent, decide(intent, found, builtins, rules), allowed)

    def plugins(self) -> list[PluginState]:
        """Return every plugin: the built-ins, then as listed in registry.toml, then the rest."""
        return [examined.state for examined in self._examined.values()]

    def examined(self, name: str) -> Examined:
        """Return all that is known of a plugin, by its name or by the short form of it.

        Raises:
            NotFound: if no plugin has this name, with the nearest name.
        """
        found = matching(name, self._examined)
        if found is None:
            raise no_plugin(name, [state.distribution for state in self.plugins()])
        return self._examined[found]

    def descriptions(self, kind: str | None = None) -> list[Description]:
        """Return what is usable, of one kind or of all, in order of kind and name.

        Raises:
            NotFound: if there is no such kind.
        """
        kinds = self.kinds if kind is None else (kind,)
        return [self._of(k)[name] for k in kinds for name in sorted(self._of(k))]

    def names(self, kind: str) -> list[str]:
        """Return the usable names of a kind, sorted.

        Raises:
            NotFound: if there is no such kind.
        """
        return sorted(self._of(kind))

    def describe(self, kind: str, name: str) -> Description:
        """Return the description of a component; `plugin/name` asks for that of one plugin.

        Raises:
            ComponentUnavailable: if its plugin is known and may not be used, with the reason.
            NotFound: if nobody provides it, with the nearest name.
        """
        usable = self._of(kind)
        plugin, _, short = name.rpartition("/")
        description = usable.get(short)
        if description is not None and (
            not plugin or normalised(plugin) == normalised(description.plugin)
        ):
            return description
        for state in self.plugins():
            asked = not plugin or normalised(plugin) == normalised(state.distribution)
            if asked and state.status != "ready" and short in names_of(state, kind):
                raise unavailable(kind, name, state)
        raise not_found(kind, name, usable, self.plugins())

    def activate(self, kind: str, name: str) -> type[Component]:
        """Return the class of a component, imported in this process.

        A third-party plugin that fails here is set aside for as long as this registry lives.

        Raises:
            ComponentUnavailable: if it may not be used, or its import fails.
            NotFound: if nobody provides it.
        """
        description = self.describe(kind, name)
        key = normalised(description.plugin)
        try:
            self._from_source(description)
            found = imported(description)
        except RegistryError as error:
            failed = replace(
                self._examined[key].state,
                status="quarantined",
                reason=error.what,
                remedy=error.advice or "repair its installation",
            )
            if description.plugin != BUILT_IN:
                self._set_aside(key, failed)
            raise unavailable(kind, name, failed) from error
        self._note(key, replace(self._examined[key].state, stage="activated"))
        return found

    def component(self, spec: ComponentSpec) -> Component:
        """Return the component of a spec: activated, with its parameters validated.

        Raises:
            ComponentUnavailable: if it may not be used.
            NotFound: if nobody provides it.
            InputError: if it cannot have these parameters.
        """
        from pydantic import ValidationError  # noqa: PLC0415  listing does without

        cls = self.activate(spec.kind, spec.name)
        try:
            plugin = self.describe(spec.kind, spec.name).plugin
            return made(cls, spec.parameters, plugin, self.component)
        except ValidationError as error:
            mistakes = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'as a whole'}: {e['msg']}"
                for e in error.errors()
            )
            raise InputError(
                f"The {spec.kind} {spec.name!r} cannot have these parameters: {mistakes}.",
                advice=f"`tasks components {spec.kind}` shows which it has.",
            ) from error

    def source_digest(self, kind: str, name: str) -> str:
        """Return the sha256 over a component's module and its plugin's modules that it imports.

        Raises:
            ComponentUnavailable: if it may not be used.
            NotFound: if nobody provides it.
            RegistryError: if its source is gone.
        """
        description = self.describe(kind, name)
        module = description.target.partition(":")[0]
        if module not in self._sources:
            self._from_source(description)
            self._sources[module] = source_digest(module, self._packages(description))
        return self._sources[module]

    @property
    def digest(self) -> str:
        """Return the sha256 over the usable plugins, their versions and their files.

        Two processes with one digest activate the same code. For the built-ins the files are
        those of the packages that provide them.
        """
        if self._digest is None:
            lines = [
                f"{key}=={state.version} {state.sha256 or self._built_in_files()}"
                for key, state in ((k, self._examined[k].state) for k in sorted(self._examined))
                if state.status == "ready"
            ]
            self._digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return self._digest

    def _built_in_files(self) -> str:
        folders = [folder for p in read_builtins().packages for folder in package_folders(p)]
        return " ".join(tree_digest(folder) for folder in folders)

    def _packages(self, description: Description) -> frozenset[str]:
        """Return the top-level packages of a component's plugin, as far as they are known."""
        if description.plugin == BUILT_IN:
            # What is in `taskspace` itself is known to all plugins, and followed for each.
            return frozenset(read_builtins().packages) - {BUILT_IN}
        found = self._examined[normalised(description.plugin)].found
        if found is None:
            return frozenset()
        if editable_tree(found.metadata) is not None:
            return packages_beside(description.target.partition(".")[0].partition(":")[0])
        return frozenset(top_modules(found.metadata))

    def _from_source(self, description: Description) -> None:
        """Have a third-party plugin imported from the files that were hashed, and no others."""
        plugin = self._examined[normalised(description.plugin)].found
        if plugin is not None and description.plugin not in self._from_source_only:
            targets = [d.target for d in self._examined[normalised(description.plugin)].components]
            import_from_source(targets, plugin.metadata)
            self._from_source_only.add(description.plugin)

    def _note(self, key: str, state: PluginState) -> None:
        self._examined[key] = replace(self._examined[key], state=state)

    def _set_aside(self, key: str, failed: PluginState) -> None:
        self._note(key, failed)
        self._digest = None
        for kind, usable in self._usable.items():
            self._usable[kind] = {
                name: d for name, d in usable.items() if normalised(d.plugin) != key
            }

    def _of(self, kind: str) -> dict[str, Description]:
        if kind not in self._usable:
            raise unknown_kind(kind, self.kinds)
        return self._usable[kind]

"""The components of a plugin in this process, each with what it is tried with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Self

from taskspace.components import API_VERSION, Dataset, Task
from taskspace.errors import RegistryError
from taskspace.registry.activation import imported
from taskspace.registry.apirange import supports
from taskspace.registry.builtins import read_builtins
from taskspace.registry.descriptions.contained import TIME_LIMIT
from taskspace.registry.descriptions.describing import describe_plugin
from taskspace.registry.descriptions.description import BUILT_IN
from taskspace.registry.distributions import declared
from taskspace.registry.distributions.discovery import GROUP
from taskspace.registry.distributions.from_source import import_from_source
from taskspace.testing.checks.serving import Datasets
from taskspace.testing.checks.values import Values
from taskspace.testing.kit import check_component
from taskspace.testing.processes import Children
from taskspace.testing.report import Outcome
from taskspace.testing.target import Target


class PluginBench:
    """Tries the components of one plugin, one check at a time; close it after use.

    Args:
        target: the plugin; it can be imported here.
        seconds: time limit of each child process.

    Raises:
        RegistryError: if the plugin is made for another api, cannot be described or takes a
            built-in's name; whatever importing it raises comes through.
    """

    def __init__(self, target: Target, *, seconds: float = TIME_LIMIT) -> None:
        import_from_source(value for _, value in target.entry_points)
        hooks = [EntryPoint(name, value, GROUP).load() for name, value in target.entry_points]
        for hook in hooks:
            _refuse_other_api(hook)
        described = describe_plugin(target.distribution, target.version, hooks)
        if not described:
            raise RegistryError("It provides no components.")
        if target.distribution != BUILT_IN:
            taken = {(d.kind, d.name) for d in read_builtins().components}
            for d in described:
                if (d.kind, d.name) in taken:
                    raise RegistryError(f"There is a built-in {d.kind} {d.name!r} already.")
        self._target = target
        self._seconds = seconds
        self._values = Values(target.folder or Path.cwd())
        self._failed: dict[str, set[str]] = {}
        self._classes = {f"{d.kind}:{d.name}": imported(d) for d in described}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was written to try components on."""
        self._values.close()

    @property
    def components(self) -> tuple[str, ...]:
        """Return `kind:name` of every component."""
        return tuple(self._classes)

    def outcome(self, component: str, check: str) -> Outcome:
        """Return how a component does on one check."""
        report = check_component(
            self._classes[component],
            parameters=self._parameters[component],
            dataset=self._dataset(component),
            excused=self._target.excused.get(component),
            only={check},
            children=self._children,
            siblings=self._classes,
            failed=self._failed.get(component, ()),
        )
        (found,) = report.outcomes
        if found.status == "failed":
            self._failed.setdefault(component, set()).add(check)
        return found

    @cached_property
    def _parameters(self) -> Mapping[str, Mapping[str, Any]]:
        said = self._target.parameters
        return {n: self._values.of(cls, said.get(n, {})) for n, cls in self._classes.items()}

    @cached_property
    def _children(self) -> Children:
        announced = [(cls, self._parameters[name]) for name, cls in self._classes.items()]
        return Children(announced, seconds=self._seconds)

    @cached_property
    def _datasets(self) -> Datasets:
        return Datasets(
            (cls, self._parameters[name])
            for name, cls in self._classes.items()
            if issubclass(cls, Dataset)
        )

    def _dataset(self, component: str) -> Dataset | None:
        cls = self._classes[component]
        if not issubclass(cls, Task):
            return None
        try:
            return self._datasets.serving(cls.model_validate(dict(self._parameters[component])))
        except Exception:  # noqa: BLE001  a task that cannot be made is reported by its checks
            return None


def _refuse_other_api(hook: object) -> None:
    said = getattr(hook, declared.NAME, None)
    try:
        if said is not None and not supports(API_VERSION, str(said)):
            raise RegistryError(f"It is made for api {said}; this taskspace has api {API_VERSION}.")
    except ValueError as error:
        raise RegistryError(f"{declared.NAME} = {said!r} is no range of api numbers.") from error

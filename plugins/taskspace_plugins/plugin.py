"""The hooks of the built-ins: every module in the folder of a kind adds what it defines.

A new component is a new file in `tasks/`, `encoders/`, ...; there is no list to edit. Modules
whose names start with `_` are for what several components share.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from taskspace.components import Component, hookimpl


@hookimpl
def taskspace_datasets() -> list[type[Component]]:
    """Return the datasets of `taskspace_plugins.datasets`."""
    return _components("dataset")


@hookimpl
def taskspace_tasks() -> list[type[Component]]:
    """Return the tasks of `taskspace_plugins.tasks`."""
    return _components("task")


@hookimpl
def taskspace_encoders() -> list[type[Component]]:
    """Return the encoders of `taskspace_plugins.encoders`."""
    return _components("encoder")


@hookimpl
def taskspace_readouts() -> list[type[Component]]:
    """Return the readouts of `taskspace_plugins.readouts`."""
    return _components("readout")


@hookimpl
def taskspace_gatings() -> list[type[Component]]:
    """Return the gating schemes of `taskspace_plugins.gating`."""
    return _components("gating", "gating")


@hookimpl
def taskspace_weightings() -> list[type[Component]]:
    """Return the weightings of `taskspace_plugins.weightings`."""
    return _components("weighting")


@hookimpl
def taskspace_solvers() -> list[type[Component]]:
    """Return the solvers of `taskspace_plugins.solvers`."""
    return _components("solver")


@hookimpl
def taskspace_executors() -> list[type[Component]]:
    """Return the executors of `taskspace_plugins.executors`."""
    return _components("executor")


def _components(kind: str, folder: str | None = None) -> list[type[Component]]:
    name = folder or f"{kind}s"
    return [
        cls
        for module in _public_modules(Path(__file__).with_name(name), f"{__package__}.{name}")
        for cls in vars(importlib.import_module(module)).values()
        if isinstance(cls, type)
        and issubclass(cls, Component)
        and cls.__module__ == module
        and getattr(cls, "kind", None) == kind
        and not cls.__name__.startswith("_")
        and not inspect.isabstract(cls)
    ]


def _public_modules(folder: Path, package: str) -> Iterator[str]:
    for module in pkgutil.iter_modules([str(folder)]):
        if not module.name.startswith("_"):
            yield f"{package}.{module.name}"
            if module.ispkg:
                yield from _public_modules(folder / module.name, f"{package}.{module.name}")

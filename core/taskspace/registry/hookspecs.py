"""The hooks of a plugin: one a kind, each returns the component classes that it provides."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pluggy

from taskspace.components import KINDS, Component, hook_name

_hookspec = pluggy.HookspecMarker("taskspace")


def hooks() -> ModuleType:
    """Return what pluggy is told of all hooks: `taskspace_tasks`, `taskspace_datasets`, ..."""
    specifications = ModuleType("hooks")
    vars(specifications).update({hook_name(kind): _hook(cls) for kind, cls in KINDS.items()})
    return specifications


def _hook(kind: type[Component]) -> Callable[[], list[type[Component]]]:
    def provided() -> list[type[Component]]:
        return []

    provided.__doc__ = f"Return component classes, each a `{kind.__module__}.{kind.__name__}`."
    return _hookspec(provided)

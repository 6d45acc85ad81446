"""The hooks of the built-in studies: `study.py` and `task.py` of every folder here."""

import importlib
import inspect
from pathlib import Path

from taskspace.components import Component, Study, Task, hookimpl


@hookimpl
def taskspace_studies() -> list[type[Component]]:
    """Return the studies of `taskspace.studies.*.study`."""
    return _defined("study", Study)


@hookimpl
def taskspace_tasks() -> list[type[Component]]:
    """Return the tasks of `taskspace.studies.*.task`: those that a run of the study has found."""
    return _defined("task", Task)


def _defined(module: str, kind: type[Component]) -> list[type[Component]]:
    """Return the components of a kind that the modules of this name define."""
    modules = [
        f"{__package__}.{file.parent.name}.{module}"
        for file in sorted(Path(__file__).parent.glob(f"*/{module}.py"))
    ]
    return [
        cls
        for name in modules
        for cls in vars(importlib.import_module(name)).values()
        if isinstance(cls, type)
        and issubclass(cls, kind)
        and cls.__module__ == name
        and not inspect.isabstract(cls)
    ]

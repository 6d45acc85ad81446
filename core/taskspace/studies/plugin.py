"""The hook of the built-in studies: the `study.py` of every folder here adds what it defines."""

import importlib
import inspect
from pathlib import Path

from taskspace.components import Component, Study, hookimpl


@hookimpl
def taskspace_studies() -> list[type[Component]]:
    """Return the studies of `taskspace.studies.*.study`."""
    modules = [
        f"{__package__}.{file.parent.name}.study"
        for file in sorted(Path(__file__).parent.glob("*/study.py"))
    ]
    return [
        cls
        for module in modules
        for cls in vars(importlib.import_module(module)).values()
        if isinstance(cls, type)
        and issubclass(cls, Study)
        and cls.__module__ == module
        and not inspect.isabstract(cls)
    ]

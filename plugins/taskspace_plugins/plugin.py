"""The hooks of the built-ins: every module in the folder of a kind adds what it defines.

A new component is a new file in `tasks/`, `encoders/`, ...; there is no list to edit. Modules
whose names start with `_` are for what several components share.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

from taskspace.components import KINDS, Component, hook_name, hookimpl


def _hook(kind: str) -> Callable[[], list[type[Component]]]:
    def provided() -> list[type[Component]]:
        return _components(kind)

    provided.__doc__ = f"Return the built-in components of the kind `{kind}`."
    return hookimpl(provided)


globals().update({hook_name(kind): _hook(kind) for kind in KINDS})


def _components(kind: str) -> list[type[Component]]:
    """Return what is defined in the folder of a kind: `tasks`, or `gating` without an s."""
    root = Path(__file__).parent
    name = next((name for name in (f"{kind}s", kind) if (root / name).is_dir()), None)
    return [
        cls
        for module in (
            () if name is None else _public_modules(root / name, f"{__package__}.{name}")
        )
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

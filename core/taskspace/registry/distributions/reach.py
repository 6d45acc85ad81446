"""How far the files of a distribution reach: modules by name, and what every process runs."""

from __future__ import annotations

from importlib.machinery import BYTECODE_SUFFIXES

from taskspace.registry.distributions.digest import editable_tree
from taskspace.registry.distributions.discovery import InstalledPlugin
from taskspace.registry.distributions.record import recorded
from taskspace.registry.distributions.strangers import IMPORTABLE

_EVERY_PROCESS = frozenset({"sitecustomize", "usercustomize"})
"""Modules that Python imports whenever it starts."""


def top_module(path: str) -> str:
    """Return the name under which Python would import a file, or the folder that it is in.

    Args:
        path: from a folder that modules are imported from.
    """
    name, slash, _ = path.partition("/")
    if slash:
        return name
    return next((name.removesuffix(end) for end in IMPORTABLE if name.endswith(end)), name)


def module_files(module: str) -> frozenset[str]:
    """Return the paths that a module may have, byte code apart."""
    base = module.replace(".", "/")
    suffixes = [suffix for suffix in IMPORTABLE if suffix not in BYTECODE_SUFFIXES]
    return frozenset(f"{base}{end}{s}" for s in suffixes for end in ("", "/__init__"))


def runs_everywhere(path: str) -> bool:
    """Return whether Python runs a file whenever it starts: a path file or a customisation."""
    is_path_file = "/" not in path and path.lower().endswith(".pth")
    return is_path_file or top_module(path).lower() in _EVERY_PROCESS


def overreach(found: InstalledPlugin) -> str | None:
    """Return in a sentence what an installed plugin does that its hash says nothing of, or None.

    Raises:
        RegistryError: if its files are unknown.
    """
    if editable_tree(found.metadata) is not None:
        return None
    paths = frozenset(row.path for row in recorded(found.metadata))
    if everywhere := next(filter(runs_everywhere, sorted(paths)), None):
        return f"It has {everywhere}, which runs in every Python process here."
    for name, value in found.entry_points:
        if not module_files(value.partition(":")[0].strip()) & paths:
            return (
                f"Its entry point {name} = {value} names a module that is not among its files, so "
                "their hash says nothing of what would run."
            )
    return None

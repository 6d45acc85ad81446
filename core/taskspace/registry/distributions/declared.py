"""For which api a plugin says that it is made, read from its source without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.apirange import parse_range
from taskspace.registry.bounded.syntax import parsed
from taskspace.registry.distributions.digest import editable_tree
from taskspace.registry.distributions.discovery import InstalledPlugin
from taskspace.registry.distributions.source import module_file

NAME = "taskspace_api"
"""The variable of a hook module: `taskspace_api = ">=1,<2"`."""


@dataclass(frozen=True)
class DeclaredApi:
    """The range of api numbers that a plugin declares, and where it does."""

    text: str
    file: Path
    line: int

    @property
    def where(self) -> str:
        """Return `file:line`."""
        return f"{self.file}:{self.line}"


def declared_api(found: InstalledPlugin) -> DeclaredApi | None:
    """Return the range that the plugin's hook modules declare, or None where none does.

    Raises:
        RegistryError: with file and line, if a declaration is no plain text, is no range, or
            contradicts another; with the file of RECORD's folder, if that is damaged.
    """
    first: DeclaredApi | None = None
    for file in hook_files(found):
        declared = _declaration(file)
        if declared is None:
            continue
        if first is not None and first.text != declared.text:
            raise RegistryError(
                f"It declares {NAME} = {declared.text!r}, but {first.text!r} in {first.where}.",
                where=declared.where,
                advice="One declaration is enough.",
            )
        first = first or declared
    return first


def hook_files(found: InstalledPlugin) -> Iterator[Path]:
    """Yield the source file of each of a plugin's hook modules, where there is one.

    They are looked for where the plugin is installed, then in its editable tree and in the `src`
    folder of that: not on `sys.path`, so a plugin need not be importable here.
    """
    roots = [Path(str(found.metadata.locate_file("")))]
    tree = editable_tree(found.metadata)
    if tree is not None:
        roots += [tree, tree / "src"]
    modules = dict.fromkeys(value.partition(":")[0].strip() for _, value in found.entry_points)
    yield from filter(None, (module_file(module, roots) for module in modules))


def _declaration(file: Path) -> DeclaredApi | None:
    try:
        source = file.read_bytes()
        if NAME.encode() not in source:
            return None
        tree = parsed(source)
    except (OSError, SyntaxError, ValueError, MemoryError, RecursionError):
        # What keeps it from being read keeps it from being imported, and is said there.
        return None
    value: ast.expr | None = None
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=given) if name == NAME:
                value = given
            case ast.AnnAssign(target=ast.Name(id=name), value=given) if name == NAME:
                value = given
    if value is None:
        return None
    where = f"{file}:{value.lineno}"
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        raise RegistryError(
            f"{NAME} must be a plain text, such as {NAME} = '>=1,<2': it is read without "
            "running the module.",
            where=where,
        )
    try:
        parse_range(value.value)
    except ValueError as error:
        raise RegistryError(
            f"{NAME} = {value.value!r} is no range of api numbers. {error}", where=where
        ) from error
    return DeclaredApi(value.value, file, value.lineno)

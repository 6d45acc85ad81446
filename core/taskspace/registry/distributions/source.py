"""The hash of a component's source, followed through its imports without importing anything."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.bounded.syntax import parsed

_SHARED = "taskspace"


def source_digest(module: str, packages: Collection[str] = ()) -> str:
    """Return the sha256 over a module's source and that of its plugin's modules that it imports.

    Imports are followed statically, wherever in the file they stand, but for those under
    `if TYPE_CHECKING`. Modules of taskspace that are imported count too, and what they import;
    the kinds themselves (`taskspace.components`, as one package) do not: their contract has a
    version. Other distributions are not followed: their versions are in the manifest.
    Modules that are imported under computed names and data files are not seen.

    Args:
        module: where the component is defined; its own package is followed in any case.
        packages: the other top-level packages of its plugin.

    Raises:
        RegistryError: if the module has no file.
    """
    files = source_files(module, packages)
    if module not in files:
        raise RegistryError(f"The module {module} has no source file.", advice="Reinstall it.")
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{hashlib.sha256(files[name].read_bytes()).hexdigest()}  {name}\n".encode())
    return total.hexdigest()


def source_files(module: str, packages: Collection[str] = ()) -> dict[str, Path]:
    """Return the files that `source_digest` is over, by module.

    Raises:
        RegistryError: if a file is not Python.
    """
    package = module.partition(".")[0]
    followed = {package, *packages, _SHARED}
    contract = set() if package == _SHARED else {_SHARED, f"{_SHARED}.components"}
    roots = dict[str, tuple[Path, ...]]()
    pending, files = [module], dict[str, Path]()
    while pending:
        name = pending.pop()
        top = name.partition(".")[0]
        if name in files or name in contract or top not in followed:
            continue
        if top not in roots:
            roots[top] = _roots(top)
        file = module_file(name, roots[top])
        if file is not None:
            files[name] = file
            if file.suffix == ".py":
                pending += _imports(file.read_bytes(), name, file)
    return files


def packages_beside(package: str) -> frozenset[str]:
    """Return what can be imported from the folder that a package lies in, itself among it.

    Raises:
        RegistryError: if it is not installed.
    """
    return frozenset(
        entry.stem
        for root in _roots(package)
        for entry in root.iterdir()
        if entry.suffix == ".py" or (entry.is_dir() and entry.name.isidentifier())
    )


def package_folders(package: str) -> tuple[Path, ...]:
    """Return the folders of a top-level package, several for a namespace; () for a lone module.

    Raises:
        RegistryError: if it is not installed.
    """
    return tuple(Path(location) for location in _spec(package).submodule_search_locations or ())


def _spec(package: str) -> ModuleSpec:
    # Only for a top-level name: for a submodule `find_spec` would import its parents.
    spec = find_spec(package)
    if spec is None:
        raise RegistryError(f"The package {package} is not installed.", advice="Reinstall it.")
    return spec


def _roots(package: str) -> tuple[Path, ...]:
    folders = package_folders(package)
    if not folders:
        return (Path(_spec(package).origin or "").parent,)
    return tuple(folder.parent for folder in folders)


def module_file(module: str, roots: Iterable[Path]) -> Path | None:
    """Return the file of a module in the first of the folders that has one, or None."""
    for root in roots:
        base = root.joinpath(*module.split("."))
        candidates = (
            base / "__init__.py",
            *(base.with_name(base.name + suffix) for suffix in (".py", *EXTENSION_SUFFIXES)),
        )
        for candidate in candidates:
            if candidate.is_file():
                return candidate
    return None


def _imports(source: bytes, module: str, file: Path) -> tuple[str, ...]:
    try:
        return _imported_names(source, module, is_package=file.name == "__init__.py")
    except SyntaxError as error:
        raise RegistryError(f"It is not Python: {error}.", where=str(file)) from error


@lru_cache(maxsize=2048)  # every component imports much of the same; taskspace has 600 modules
def _imported_names(source: bytes, module: str, *, is_package: bool) -> tuple[str, ...]:
    names: list[str] = []
    for node in _run_time_nodes(parsed(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module, is_package=is_package)
            names.append(origin)
            # `from package import name`: the name may be a submodule.
            names += [f"{origin}.{alias.name}" for alias in node.names]
    return tuple(names)


def _origin(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    base = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*base, *([node.module] if node.module else [])])


def _run_time_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            pending += node.orelse
        else:
            # No expression has a statement in it, and most of a tree is expressions.
            pending += (n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.expr))


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )

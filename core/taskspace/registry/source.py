"""The hash of a component's source, followed through its imports without importing anything."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.syntax import parsed


def source_digest(module: str) -> str:
    """Return the sha256 over a module's source and that of its own package's modules it imports.

    Imports are followed statically, wherever in the file they stand, but for those under
    `if TYPE_CHECKING`. A module of taskspace that is imported by its own name
    (`taskspace.components.losses`) counts too, without what it imports. Other distributions are
    not followed: their versions are in the manifest.
    Modules that are imported under computed names and data files are not seen.

    Raises:
        RegistryError: if the module has no file.
    """
    package = module.partition(".")[0]
    roots = _roots(package)
    pending, files = [module], dict[str, bytes]()
    while pending:
        name = pending.pop()
        file = _file(name, roots)
        if name in files or file is None:
            continue
        files[name] = file.read_bytes()
        if file.suffix == ".py":
            for other in _imports(files[name], name, file):
                if other.partition(".")[0] == package:
                    pending.append(other)
                elif other.startswith("taskspace.") and (shared := _shared_module(other)):
                    files[other] = shared
    if module not in files:
        raise RegistryError(f"The module {module} has no source file.", advice="Reinstall it.")
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n".encode())
    return total.hexdigest()


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


def _file(module: str, roots: tuple[Path, ...]) -> Path | None:
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


def _shared_module(module: str) -> bytes | None:
    file = _file(module, _roots("taskspace"))
    return file.read_bytes() if file and file.name != "__init__.py" else None


def _imports(source: bytes, module: str, file: Path) -> Iterator[str]:
    is_package = file.name == "__init__.py"
    try:
        tree = parsed(source)
    except SyntaxError as error:
        raise RegistryError(f"It is not Python: {error}.", where=str(file)) from error
    for node in _run_time_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module, is_package=is_package)
            yield origin
            # `from package import name`: the name may be a submodule.
            yield from (f"{origin}.{alias.name}" for alias in node.names)


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
            pending += ast.iter_child_nodes(node)


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )

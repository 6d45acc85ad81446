"""The shape of the source: no circles, no crowded folders, and every package in every list."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from pathlib import Path

from taskspace.registry.builtins import read_builtins

ROOT = Path(__file__).parents[2]
SOURCES = ("core", "plugins", "cli")
MOST_FILES = 18
SHARED_NAMES = frozenset({"Report"})
"""Classes whose name another class has, too: the list only gets shorter."""


def source_files() -> list[Path]:
    """The Python files of all source roots; templates have another ending."""
    return [file for root in SOURCES for file in sorted((ROOT / root).rglob("*.py"))]


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path, known: set[str]) -> set[str]:
    """Modules of ours that a file imports anywhere: in functions and for types, too."""
    imported = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: an import is relative"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                imported.add(whole if whole in known else str(node.module))
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    return (imported & known) - {module_name(file)}


def circles(graph: dict[str, set[str]]) -> set[str]:
    """What is left of a graph once whatever has no arrow in, or none out, is taken away."""
    left = dict(graph)
    while True:
        aimed = {target for targets in left.values() for target in targets}
        ends = {
            name for name, targets in left.items() if name not in aimed or not targets & left.keys()
        }
        if not ends:
            return set(left)
        left = {name: targets - ends for name, targets in left.items() if name not in ends}


def test_a_circle_is_found():
    chain = {"a": {"b"}, "b": {"c"}, "c": set()}
    assert circles(chain) == set()
    assert circles(chain | {"c": {"b"}, "d": {"a"}}) == {"b", "c"}


def test_no_file_leads_back_to_itself_by_imports():
    files = source_files()
    known = {module_name(file) for file in files}
    graph = {module_name(file): imports_of(file, known) for file in files}
    assert len(graph) == len(files) > 500
    assert circles(graph) == set()


def test_no_folder_holds_more_files_than_can_be_taken_in():
    sizes = Counter(file.parent.relative_to(ROOT) for file in source_files())
    assert {str(folder): size for folder, size in sizes.items() if size > MOST_FILES} == {}


def test_every_package_is_in_every_list():
    packages = {
        folder.name
        for root in SOURCES
        for folder in (ROOT / root).iterdir()
        if (folder / "__init__.py").is_file()
    }
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert set(settings["mypy"]["packages"]) == packages
    assert set(settings["importlinter"]["root_packages"]) == packages
    assert set(settings["setuptools"]["package-data"]) == packages
    assert settings["setuptools"]["packages"]["find"]["where"] == list(SOURCES)
    # The digest is of what workers run; the command is not among it.
    assert set(read_builtins().packages) == packages - {"taskspace_cli"}


def test_every_folder_of_modules_says_what_it_is():
    folders = {file.parent for file in source_files()}
    for folder in folders:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))), folder


def test_no_two_files_name_a_class_alike():
    homes: dict[str, set[Path]] = {}
    for file in source_files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, set()).add(file.relative_to(ROOT))
    alike = {name: files for name, files in homes.items() if len(files) > 1}
    assert {name: files for name, files in alike.items() if name not in SHARED_NAMES} == {}


def test_a_process_of_tests_computes_with_one_thread():
    import torch  # seconds

    assert torch.get_num_threads() == 1

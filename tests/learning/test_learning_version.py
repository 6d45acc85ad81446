"""The version of the learning core is part of every cell that trains, and of no other's."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from taskspace.components import CellFunction
from taskspace.learning.version import LEARNING, learned
from taskspace.studies.multitask.plan import cell_functions as multitask
from taskspace.studies.taxonomy.plan import cell_functions as taxonomy

TRAINS = {"fit", "fit_alone", "train"}
"""What the cells of the studies call to train."""


def functions(module) -> dict[str, CellFunction]:
    return {name: f for name, f in vars(module).items() if isinstance(f, CellFunction)}


def trains(function: CellFunction) -> bool:
    """Whether the body of a cell's function calls what trains, or a function beside it does."""
    module, _, name = function.target.partition(":")
    tree = ast.parse(Path(str(find_spec(module).origin)).read_text(encoding="utf-8"))
    bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    pending, known = [name], set()
    while pending:
        current = pending.pop()
        if current in TRAINS and current not in bodies:
            return True
        if current in known or current not in bodies:
            continue
        known.add(current)
        pending += [
            node.func.id
            for node in ast.walk(bodies[current])
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
    return False


@pytest.mark.parametrize("study", [taxonomy, multitask], ids=["taxonomy", "multitask"])
def test_cells_that_train_carry_the_version_of_the_learning_core(study):
    for name, function in functions(study).items():
        assert (function.version // 1000 == LEARNING) == trains(function), name
    assert any(trains(function) for function in functions(study).values())


@pytest.mark.parametrize("version", [0, 1000])
def test_a_version_that_would_run_into_the_cores_is_refused(version):
    with pytest.raises(ValueError, match="version"):
        learned("a:b", version)

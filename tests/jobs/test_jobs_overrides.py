"""`--set` replaces any value, is held to the same rules, and answers for its own mistakes."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.jobs import load_job
from taskspace.jobs.findings import Findings
from taskspace.jobs.text.nodes import MappingNode, place_of_value, plain
from taskspace.jobs.text.overrides import apply_override
from taskspace.jobs.text.places import Source
from taskspace.jobs.text.python_tree import read_python

KEYS = st.text("abc_7", min_size=1, max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab: #'\"é日", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
DATA = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


def apply(data: object, *arguments: str) -> tuple[MappingNode, Findings]:
    findings = Findings()
    tree = read_python(data, Source("m", Path("/")), findings)
    assert isinstance(tree, MappingNode)
    for order, argument in enumerate(arguments, 1):
        apply_override(tree, argument, order, Path("/"), findings)
    return tree, findings


def ways(value: object, steps: tuple[str | int, ...] = ()):
    if steps:
        yield steps
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for step, part in parts if isinstance(value, dict | list) else ():
        yield (*steps, step)
        if isinstance(part, dict | list):
            yield from ways(part, (*steps, step))


@given(DATA, VALUES, st.data())
def test_what_is_set_is_replaced_and_nothing_else(data, value, draw):
    steps = draw.draw(st.sampled_from(list(ways(data))))
    path = ".".join(map(str, steps))
    argument = f"{path}={json.dumps(value, ensure_ascii=False)}"
    tree, findings = apply(data, argument)
    expected = copy.deepcopy(data)
    part = expected
    for step in steps[:-1]:
        part = part[step]
    part[steps[-1]] = value
    assert not findings
    assert plain(tree) == expected
    place = place_of_value(tree, steps)
    assert (place.source.label, place.line, place.column) == ("--set", 1, len(path) + 2)
    assert place.source_line == argument


@given(DATA, VALUES, st.data())
def test_setting_twice_is_setting_once(data, value, draw):
    steps = draw.draw(st.sampled_from(list(ways(data))))
    argument = f"{'.'.join(map(str, steps))}={json.dumps(value)}"
    assert plain(apply(data, argument)[0]) == plain(apply(data, argument, argument)[0])


@given(st.lists(KEYS, min_size=1, max_size=64), VALUES)
def test_mappings_on_the_way_are_made(keys, value):
    tree, findings = apply({}, f"{'.'.join(keys)}={json.dumps(value)}")
    expected = value
    for key in reversed(keys):
        expected = {key: expected}
    assert not findings
    assert plain(tree) == expected


def test_values_are_yaml(shelf, valid):
    arguments = ["solve.budgets=[2, 6]", "name=other", "train.rate=1e-4", "notes.a=no", "table="]
    job = load_job(valid, overrides=arguments, catalogue=shelf).job
    assert (job.solve.budgets, job.name, job.train.rate) == ([2, 6], "other", 1e-4)
    assert (job.notes["a"], job.table) == ("no", None)


def test_a_list_item_is_set_by_its_index(shelf, valid):
    arguments = ["tasks.2.as=thick", "tasks.0={use: normals, as: flat}"]
    job = load_job(valid, overrides=arguments, catalogue=shelf).job
    assert [task.name for task in job.tasks] == ["flat", "edges_2d", "thick"]


def test_a_parameter_of_a_bare_name_can_be_set(shelf, valid):
    loaded = load_job(valid, overrides=["tasks.0.role=source"], catalogue=shelf)
    assert loaded.document["tasks"][0] == {"use": "normals", "role": "source"}
    assert loaded.job.tasks[0].role == "source"


def test_a_set_repairs_what_was_wrong(problems, valid):
    broken = valid.replace("epochs: 10", "epochs: -1")
    assert [p.path for p in problems(broken)] == ["train.epochs"]
    assert problems(broken, "train.epochs=1") == []


# argument, then code, column, path, suggestion of its one problem.
@pytest.mark.parametrize(
    ("argument", "code", "column", "path", "suggestion"),
    [
        ("train.epochs", "TSK018", 1, "", None),
        ("=3", "TSK018", 1, "", None),
        ("train..epochs=3", "TSK018", 1, "", None),
        ("tasks.7=normals", "TSK018", 7, "tasks", None),
        ("tasks.-1=normals", "TSK018", 7, "tasks", None),
        ("tasks.first.use=normals", "TSK018", 7, "tasks", None),
        ("train.epochs.x=3", "TSK018", 7, "train.epochs", None),
        ("train.epochs=[1", "TSK002", 16, "train.epochs", None),
        ("train.epochs=&a 1", "TSK004", 14, "train.epochs", None),
        ("train={epochs: 1, epochs: 2}", "TSK003", 19, "train.epochs", None),
        ("train.epochs=many", "TSK013", 14, "train.epochs", None),
        ("train.epoch=3", "TSK010", 7, "train.epoch", "epochs"),
        ("trane.epochs=3", "TSK010", 1, "trane", "train"),
        ("train={epoch: 3}", "TSK010", 8, "train.epoch", "epochs"),
        ("solve={solver: {use: hihgs}}", "TSK012", 22, "solve.solver.use", "highs"),
        ("dataset={use: folder}", "TSK011", 1, "dataset.root", None),
        ("tasks.0={role: source}", "TSK011", 9, "tasks.0.use", None),
        ("study=hous", "TSK012", 7, "study", "house"),
        ("notes.日本=[1]", "TSK013", 10, "notes.日本", None),
    ],
)
def test_a_mistake_is_at_the_argument(problems, valid, argument, code, column, path, suggestion):
    (found,) = problems(valid, argument)
    assert (found.file, found.line, found.source_line) == ("--set", 1, argument)
    assert (found.code, found.column, found.path) == (code, column, path)
    assert found.suggestion == suggestion


def test_mistakes_of_the_file_come_first_and_then_those_of_each_argument(problems, valid):
    broken = valid.replace("seed: 3", "seed: -3")
    found = problems(broken, "train.batch=0", "train.rate=0", "notes=3")
    assert [p.path for p in found] == ["seed", "train.batch", "train.rate", "notes"]


def test_depth_counts_from_the_root(problems, valid):
    (found,) = problems(valid, f"notes.a={'[' * 63}{']' * 63}")
    assert (found.code, found.column) == ("TSK005", 71)

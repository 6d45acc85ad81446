"""A component that an option names: the same rules as in a job, and the same words."""

from __future__ import annotations

import pytest

from taskspace.components import ComponentSpec
from taskspace.errors import JobInvalid
from taskspace.jobs import read_reference
from taskspace.registry import Registry

REGISTRY = Registry.load(plugins=False)


def read(given) -> ComponentSpec:
    return read_reference(given, "executor", "--executor", REGISTRY)


@pytest.mark.parametrize(
    ("given", "name", "parameters"),
    [
        ("local", "local", {}),
        ("taskspace/local", "taskspace/local", {}),
        ("{use: ray, address: auto}", "ray", {"address": "auto"}),
        ("use: ray\npatience: 1e1", "ray", {"patience": 10.0}),
        ({"use": "ray", "address": "10.0.0.1:6379"}, "ray", {"address": "10.0.0.1:6379"}),
        ({"use": "inline"}, "inline", {}),
    ],
)
def test_names_and_parameters(given, name, parameters):
    assert read(given) == ComponentSpec("executor", name, parameters)


@pytest.mark.parametrize(
    ("given", "code", "path", "column", "suggestion"),
    [
        ("locl", "TSK012", "executor", 1, "local"),
        ("{use: rai}", "TSK012", "executor.use", 7, "ray"),
        ("{use: ray, adress: auto}", "TSK010", "executor.adress", 12, "address"),
        ("{use: ray, address: nowhere}", "TSK013", "executor.address", 21, None),
        ("{use: ray, patience: 0}", "TSK013", "executor.patience", 22, None),
        ("{address: auto}", "TSK011", "executor.use", 1, None),
        ("[1", "TSK002", "executor", 3, None),
        ("3", "TSK013", "executor", 1, None),
        ("", "TSK013", "executor", 1, None),
        ({"use": "ray", "adress": "auto"}, "TSK010", "executor.adress", 0, "address"),
        ({"use": "ray", "address": 3}, "TSK013", "executor.address", 0, None),
    ],
    ids=str,
)
def test_mistakes_have_their_place_and_a_suggestion(given, code, path, column, suggestion):
    with pytest.raises(JobInvalid) as caught:
        read(given)
    (problem,) = caught.value.problems
    assert (problem.file, problem.code, problem.path) == ("--executor", code, path)
    assert (problem.column, problem.suggestion) == (column, suggestion)


def test_all_mistakes_are_reported_at_once():
    with pytest.raises(JobInvalid) as caught:
        read("{use: ray, address: nowhere, patience: -1, more: 1}")
    assert {p.path.rpartition(".")[2] for p in caught.value.problems} == {
        "address",
        "patience",
        "more",
    }

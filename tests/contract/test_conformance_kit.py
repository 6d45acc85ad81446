"""The kit itself: good components pass, every check catches a planted fault, none disappears."""

from __future__ import annotations

import pytest
from conformance_faults import TABLE
from conformance_samples import GOOD, GoodEncoder, GoodTask

from taskspace.components import KINDS
from taskspace.registry.conformance import INVENTORY, Children, check_component, executor
from taskspace.registry.conformance.kit import CHECKS

GPU_CHECKS = {"loss_runs_on_gpu", "network_runs_on_gpu"}


@pytest.fixture(scope="module")
def children() -> Children:
    """Return one process for all: a fault that ends it costs one start."""
    faults = [cls for check, cls in TABLE if check.endswith(("child", "process"))]
    return Children([(cls, {}) for cls in (*GOOD, *faults)])


def has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.mark.parametrize("cls", GOOD, ids=lambda cls: cls.__name__)
def test_a_good_component_passes(cls, children):
    report = check_component(cls, children=children)
    assert report.ok, str(report)
    assert {o.check for o in report.of("skipped")} <= (set() if has_gpu() else GPU_CHECKS)
    assert [o.check for o in report.outcomes] == list(INVENTORY[cls.kind])


@pytest.mark.parametrize(
    ("check", "cls"), TABLE, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_planted_fault_is_caught(check, cls, children, monkeypatch):
    monkeypatch.setattr(executor, "CLOSE_SECONDS", 1.0)
    if check in GPU_CHECKS and not has_gpu():
        pytest.skip("there is no GPU here")
    report = check_component(cls, only={check}, children=children)
    assert [o.status for o in report.outcomes] == ["failed"], str(report)


def test_every_check_has_a_planted_fault():
    planted = {check for check, _ in TABLE}
    for kind, names in INVENTORY.items():
        assert set(names) <= planted, kind


def test_the_inventory_names_exactly_the_checks_in_their_order():
    assert set(INVENTORY) == set(KINDS) == set(CHECKS)
    for kind, names in INVENTORY.items():
        assert list(names) == [check.__name__ for check in CHECKS[kind]]


def test_the_inventory_does_not_shrink():
    counts = {kind: len(names) for kind, names in INVENTORY.items()}
    assert counts == {
        "dataset": 17,
        "task": 25,
        "encoder": 19,
        "readout": 18,
        "solver": 18,
        "executor": 18,
        "study": 14,
    }


def test_a_check_that_disappears_fails(children):
    fewer = {**CHECKS, "encoder": [c for c in CHECKS["encoder"] if c.__name__ != "name_is_a_word"]}
    report = check_component(GoodEncoder, checks=fewer, children=children)
    assert [o.check for o in report.of("failed")] == ["name_is_a_word"]


def test_an_excuse_is_counted_and_must_be_needed(children):
    silent = next(cls for check, cls in TABLE if check == "fields_are_described")
    name = "fields_are_described"
    report = check_component(silent, only={name}, excused={name: "later"}, children=children)
    assert [(o.status, o.reason) for o in report.outcomes] == [("excused", "later")]
    assert (
        str(report) == f"encoder good_encoder: 0 run, 0 skipped, 1 excused\n  excused {name}: later"
    )
    needless = check_component(GoodEncoder, only={name}, excused={name: "x"}, children=children)
    assert not needless.ok


@pytest.mark.parametrize("argument", [{"only": {"no_such"}}, {"excused": {"no_such": "x"}}])
def test_an_unknown_check_is_an_error(argument):
    with pytest.raises(ValueError, match="no_such"):
        check_component(GoodEncoder, **argument)


def test_a_task_that_the_dataset_cannot_serve_is_skipped_with_the_reason(children):
    class Elsewhere(GoodTask):
        requires = frozenset({"image", "weather"})

    report = check_component(Elsewhere, only={"head_is_declared"}, children=children)
    assert report.of("skipped")[0].reason == "Hand in a dataset with weather."

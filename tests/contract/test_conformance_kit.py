"""The kit itself: good components pass, every check catches a planted fault, none disappears."""

from __future__ import annotations

import inspect
from functools import partial
from importlib import import_module
from pkgutil import walk_packages

import conformance_faults  # noqa: F401  fills the table
import embedding_faults  # noqa: F401  fills the table
import pydantic
import pytest
import transferability_faults  # noqa: F401  fills the table
import zeroshot_faults  # noqa: F401  fills the table
from conformance_samples import (
    GOOD,
    GoodDataset,
    GoodEncoder,
    GoodExecutor,
    GoodSolver,
    GoodTask,
)
from fault_table import TABLE

from taskspace.components import KINDS, Loss, VectorHead
from taskspace.testing import INVENTORY, Children, check_component, checks, kit
from taskspace.testing.checks import executor
from taskspace_plugins.executors import local

GPU_CHECKS = {
    "embedding_runs_on_gpu",
    "loss_runs_on_gpu",
    "network_runs_on_gpu",
    "weights_run_on_gpu",
}


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
    monkeypatch.setattr(local, "GRACE_SECONDS", 0.3)
    if check in GPU_CHECKS and not has_gpu():
        pytest.skip("there is no GPU here")
    report = check_component(cls, only={check}, children=children)
    assert [o.status for o in report.outcomes] == ["failed"], str(report)


def test_what_a_worker_refuses_is_one_sentence(children):
    cls = next(cls for _, cls in TABLE if cls.__name__ == "RefusesElsewhere")
    report = check_component(cls, only={"activates_in_a_spawned_process"}, children=children)
    assert report.outcomes[0].reason == "It cannot be made: as a whole: Value error, not here."


def test_every_check_has_a_planted_fault():
    planted = {check for check, _ in TABLE}
    for kind, names in INVENTORY.items():
        assert set(names) <= planted, kind


def test_the_inventory_names_exactly_the_checks_that_are_there():
    assert set(INVENTORY) == set(KINDS)
    for kind, names in INVENTORY.items():
        assert tuple(kit.checks_of(kind)) == names
    modules = [m.name for m in walk_packages(checks.__path__, f"{checks.__name__}.")]
    written = {
        name
        for module in (kit.common, *map(import_module, modules))
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and not name.startswith("_")
        and list(function.__annotations__.items())
        in ([("subject", "Subject"), ("return", "None")], [("way", "Build"), ("return", "None")])
    }
    assert written == {name for names in INVENTORY.values() for name in names}


def test_the_inventory_does_not_shrink():
    counts = {kind: len(names) for kind, names in INVENTORY.items()}
    assert counts == {
        "dataset": 25,
        "task": 28,
        "encoder": 20,
        "readout": 18,
        "gating": 26,
        "weighting": 20,
        "generator": 23,
        "classifier": 26,
        "lexicon": 16,
        "score": 19,
        "embedding": 21,
        "solver": 18,
        "executor": 18,
        "study": 15,
    }


def test_a_check_that_disappears_fails(children, monkeypatch):
    monkeypatch.delattr(kit.common, "name_is_a_word")
    report = check_component(GoodEncoder, children=children)
    assert [o.check for o in report.of("failed")] == ["name_is_a_word"]


def test_an_excuse_is_counted_and_must_be_needed(children):
    silent = next(cls for check, cls in TABLE if check == "fields_are_described")
    name = "fields_are_described"
    report = check_component(silent, only={name}, excused={name: "later"}, children=children)
    assert [(o.status, o.reason) for o in report.outcomes] == [("excused", "later")]
    assert (
        str(report)
        == f"encoder:good_encoder: 0 run, 0 skipped, 1 excused, 0 failed\n  excused {name}: later"
    )
    needless = check_component(GoodEncoder, only={name}, excused={name: "x"}, children=children)
    assert not needless.ok


@pytest.mark.parametrize("argument", [{"only": {"no_such"}}, {"excused": {"no_such": "x"}}])
def test_an_unknown_check_is_an_error(argument):
    with pytest.raises(ValueError, match="no_such"):
        check_component(GoodEncoder, **argument)


LACKING = {
    "weather": "the field 'weather'",
    "class weather": "the fields 'class' and 'weather' together",
    "a b c": "the fields 'a', 'b' and 'c' together",
}


@pytest.mark.parametrize("fields", LACKING)
def test_a_task_that_no_dataset_serves_fails_once_and_the_reason_can_be_followed(fields, children):
    class Elsewhere(GoodTask):
        requires = frozenset({"image", *fields.split()})

    check = "some_dataset_has_its_fields"
    report = check_component(Elsewhere, only={check, "head_is_declared"}, children=children)
    said = f"No dataset of the kit, of taskspace or of this plugin has {LACKING[fields]}."
    assert [(o.status, o.reason) for o in report.outcomes] == [
        ("failed", f"{said} Provide one here, or excuse this check."),
        ("skipped", said),
    ]


OTHER_TYPES = {
    "loss": (
        GoodTask,
        "loss",
        lambda inner: lambda *given: inner(*given).value,
        "loss_is_one_value_per_image",
        "loss() gave a Tensor; it must return taskspace.components.Loss(value, valid).",
    ),
    "measure": (
        GoodTask,
        "measure",
        lambda inner: lambda *given: tuple(inner(*given)),
        "measure_is_one_value_per_image",
        "measure() gave a tuple; it must return taskspace.components.Loss(value, valid).",
    ),
    "a number": (
        GoodTask,
        "loss",
        lambda inner: lambda *given: Loss(0.5, inner(*given).valid),
        "loss_is_differentiable",
        "loss().value gave a float; it must return a torch.Tensor [B].",
    ),
    "example": (
        GoodTask,
        "example",
        lambda inner: lambda *given: tuple(inner(*given)),
        "example_has_declared_shapes",
        "example() gave a tuple; it must return taskspace.components.Example(input, target).",
    ),
    "head": (
        GoodTask,
        "head",
        lambda inner: lambda *given: 3,
        "loss_keeps_its_arguments",
        "head() gave an int; it must return a VectorHead or a DenseHead of taskspace.components.",
    ),
    "build": (
        GoodEncoder,
        "build",
        lambda inner: lambda *given: None,
        "network_is_fresh",
        "build() gave None; it must return a torch.nn.Module.",
    ),
    "open": (
        GoodExecutor,
        "open",
        lambda inner: lambda *given: None,
        "every_cell_is_reported_once",
        "open() gave None; it must return a taskspace.components.Crew.",
    ),
    "solve": (
        GoodSolver,
        "solve",
        lambda inner: lambda *given: {},
        "infeasible_is_said",
        "solve() gave a dict; it must return a taskspace.components.Solution.",
    ),
    "read": (
        GoodDataset,
        "read",
        lambda inner: lambda *given: list(inner(*given)),
        "reads_what_it_declares",
        "read() gave a list; it must return a mapping of tensors.",
    ),
}


@pytest.mark.parametrize("case", OTHER_TYPES)
def test_what_is_of_another_type_is_said_in_the_words_of_the_contract(case, children, monkeypatch):
    cls, method, change, check, said = OTHER_TYPES[case]
    inner = getattr(cls, method)
    monkeypatch.setattr(cls, method, lambda self, *given: change(partial(inner, self))(*given))
    report = check_component(cls, only={check}, children=children)
    assert [(o.status, o.reason) for o in report.outcomes] == [("failed", said)]


def test_a_component_that_cannot_be_made_fails_once_and_the_rest_waits_for_it(children):
    class Needy(GoodTask):
        """It must be told where."""

        station: str = pydantic.Field(description="Where.")

    whole = check_component(Needy, children=Children([(Needy, {})]))
    made = [o for o in whole.of("skipped") if o.check not in GPU_CHECKS]
    assert {o.reason for o in made} == {"parameters_are_valid failed."}
    assert {"loss_is_differentiable", "activates_in_a_spawned_process"} <= {o.check for o in made}
    (failure,) = [o for o in whole.of("failed") if o.check != "describes_in_a_bare_child"]
    assert failure.reason == (
        "station has no default: write Field(examples=[...]), or "
        '[tool.taskspace.conformance.parameters."task:good_task"] in pyproject.toml.'
    )
    alone = check_component(Needy, only={"loss_is_differentiable"}, children=children)
    assert [o.reason for o in alone.of("failed")] == ["It cannot be made: station: Field required."]
    excuse = {"parameters_are_valid": "it is known"}
    assert not check_component(Needy, excused=excuse, children=Children([(Needy, {})])).ok


def test_a_solver_whose_program_is_missing_was_not_tried(children):
    class Absent(GoodSolver):
        def missing(self):
            return "Install foo."

    report = check_component(Absent, children=Children([(Absent, {})]))
    assert [o.check for o in report.untried] == list(INVENTORY["solver"][-6:])
    assert not check_component(GoodSolver, children=children).untried
    assert not check_component(GoodSolver, only={"name_is_a_word"}, children=children).untried


def test_an_error_names_the_line_of_the_plugin_and_not_where_it_was_noticed(children):
    class TooFewLogits(GoodTask):
        def head(self, fields):
            return VectorHead(1)

        def loss(self, prediction, target):
            return super().loss(prediction, target)

    report = check_component(TooFewLogits, only={"loss_is_differentiable"}, children=children)
    (outcome,) = report.outcomes
    line = inspect.getsourcelines(TooFewLogits.loss)[1] + 1
    assert outcome.reason.endswith(f"({__file__}:{line})")

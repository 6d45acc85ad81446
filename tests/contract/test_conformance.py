"""Every built-in component passes the conformance kit; so will every one that is added."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from taskspace.components import ComponentSpec, Dataset, Task
from taskspace.errors import DataError
from taskspace.registry import BUILT_IN, Registry
from taskspace.testing import INVENTORY, Children, check_component
from taskspace.testing.checks.values import VECTORS, with_examples
from taskspace.testing.inventory import NETWORK

REGISTRY = Registry.load(Path(__file__).parent, plugins=False)
BUILT_INS = [d for d in REGISTRY.descriptions() if d.plugin == BUILT_IN]

UNINSTALLED = {
    f"encoder:{name}": {*INVENTORY["encoder"][-9:], "identity_is_stable"}
    for name, package in {"timm": "timm", "huggingface": "transformers"}.items()
    if find_spec(package) is None
} | {"readout:faster_rcnn": {*NETWORK, "identity_is_stable"}}
"""What needs the package of an extra, by component, and of a readout with a loss
of its own what no other has: `make test-vision` tries them with it."""

GPU = {
    "embedding_runs_on_gpu",
    "loss_runs_on_gpu",
    "network_runs_on_gpu",
    "weights_run_on_gpu",
}
OWN_PROCESS = {
    "dying_worker_loses_only_its_cells",
    "close_at_once_lets_cells_clean_up",
    "close_at_once_returns",
}
UNLABELLED = {"loss_masks_missing_labels"}


@pytest.fixture(scope="session")
def parameters(image_root, official_root, composed_root, drives_root, discovered_run):
    """Return what each built-in is tried with: what it must be given, and examples."""
    said = {
        "dataset:image_folder": {"root": str(image_root)},
        "dataset:taskonomy_folder": {"root": str(official_root)},
        "dataset:cifar10": {"path": str(image_root)},
        "dataset:cifar10_compositions": {"path": str(image_root)},
        "dataset:cifar100": {"path": str(image_root)},
        "dataset:mit_states": {"root": str(composed_root), "split": "compositional"},
        "dataset:ut_zap50k": {"root": str(composed_root), "split": "compositional"},
        "dataset:stanford_vrd": {"root": str(composed_root)},
        "dataset:bdd100k": {"root": str(drives_root), "size": [18, 32]},
        "dataset:features_file": {"file": str(composed_root / "features.npz")},
        "lexicon:glove": {"file": str(image_root / VECTORS)},
        "task:regression": {"field": "weight"},
        "task:discovered": {"run": str(discovered_run)},
        "encoder:weights_file": {"path": str(composed_root / "weights.safetensors")},
    }
    return {named(d): with_examples(d.schema, said.get(named(d), {})) for d in BUILT_INS}


def named(description) -> str:
    return f"{description.kind}:{description.name}"


@pytest.fixture(scope="session")
def children(parameters) -> Children:
    announced = [(REGISTRY.activate(d.kind, d.name), parameters[named(d)]) for d in BUILT_INS]
    return Children(announced)


@pytest.fixture(scope="session")
def datasets(parameters) -> list[Dataset]:
    """Return all datasets; last the one whose frames are black, which look alike when turned."""
    return [
        REGISTRY.component(ComponentSpec("dataset", name, parameters[f"dataset:{name}"]))
        for name in sorted(REGISTRY.names("dataset"), key=lambda name: (name == "bdd100k", name))
    ]


def serving(task: type[Task], parameters, datasets: list[Dataset]) -> Dataset | None:
    made = task.model_validate(parameters)
    for dataset in datasets:
        if made.needs(dataset.fields()) <= set(dataset.fields()):
            with suppress(DataError):  # grey images have no colours to predict
                made.head(dataset.fields())
                return dataset
    return None


def may_be_skipped(kind: str, name: str, cls, parameters, dataset) -> set[str]:
    if kind == "task":
        made = cls.model_validate(parameters)
        free = UNLABELLED if made.needs(dataset.fields()) <= made.inputs else set()
        return GPU | free | (set() if made.trained else {"loss_is_differentiable"})
    if kind in ("encoder", "readout", "gating", "generator", "classifier", "embedding"):
        return UNINSTALLED.get(f"{kind}:{name}", GPU)
    if kind == "weighting":
        absent = cls.model_validate(parameters).missing() is not None
        return set(INVENTORY["weighting"][-8:]) if absent else GPU
    if kind == "executor" and name == "inline":
        return OWN_PROCESS
    if kind == "solver" and cls.model_validate(parameters).missing() is not None:
        return set(INVENTORY["solver"][-6:])
    return set()


def is_slow(description) -> bool:
    """Return whether its checks take ten seconds or more: schemes that learn, and a cluster."""
    learns = description.kind == "gating" and description.name not in ("multi_clustering", "shared")
    return learns or named(description) == "executor:ray"


@pytest.mark.parametrize(
    "description",
    [pytest.param(d, marks=pytest.mark.slow if is_slow(d) else ()) for d in BUILT_INS],
    ids=lambda d: f"{d.kind}-{d.name}",
)
def test_a_built_in_conforms(description, parameters, children, datasets, request):
    cls = REGISTRY.activate(description.kind, description.name)
    given = parameters[named(description)]
    if description.name == "ray":
        # One cluster for all checks, started only where ray is tried.
        given, children = {"address": request.getfixturevalue("ray_cluster").address}, None
    dataset = serving(cls, given, datasets) if issubclass(cls, Task) else None
    report = check_component(cls, parameters=given, dataset=dataset, children=children)
    assert report.ok, str(report)
    skipped = {outcome.check for outcome in report.of("skipped")}
    allowed = may_be_skipped(description.kind, description.name, cls, given, dataset)
    assert skipped <= allowed, str(report)
    assert not report.of("excused")

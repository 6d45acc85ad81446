"""Task networks that start from published weights: scratch and the random encoder do not."""

from __future__ import annotations

import pytest
import torch

import taskspace
from taskspace.components import ComponentSpec, Encoder
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.storage.store import Store
from taskspace.errors import InputError
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.taxonomy.plan.cells import plans_of
from taskspace.studies.taxonomy.plan.facts import untrained_of
from taskspace_plugins.encoders.efficientnet_lite import EfficientnetLite


def job(weights: str) -> dict:
    return {
        "study": "taxonomy",
        "name": "start",
        "dataset": "digits",
        "tasks": ["parity"],
        "encoder": {"use": "efficientnet_lite", "side": 32, "weights": weights},
        "splits": {"train": 0.05, "transfer": 0.05, "select": 0.05, "test": 0.85},
        "train": {"steps": 1},
        "transfer": {"steps": 1},
    }


@pytest.mark.parametrize("weights", ["imagenet", "none"])
def test_networks_that_start_from_published_weights_are_named(weights, tmp_path):
    run = taskspace.run(
        job(weights), until="train", executor="inline", store=tmp_path / "s", runs=tmp_path
    )
    tones = {found["code"]: found["tone"] for found in run.result["findings"]}
    assert tones.get("encoder-pretrained") == ("note" if weights == "imagenet" else None)
    page = run.report.read_text()
    assert ("The task networks start from the published weights" in page) == (weights == "imagenet")


def encoders_of(cell) -> dict:
    return dict(cell.components["encoder"].parameters)


def test_scratch_and_the_random_encoder_are_those_of_a_job_without_weights():
    registry = Registry.load(plugins=False)
    plans = {
        weights: plans_of(load_job(job(weights), catalogue=registry).job, KeyedPlanner(registry))[0]
        for weights in ("imagenet", "none")
    }
    for kind in ("scratch", "probe"):
        cells = {weights: getattr(plan, kind)("parity") for weights, plan in plans.items()}
        assert cells["imagenet"].key == cells["none"].key
        measured = {
            weights: plan.measured(kind, cells[weights], "parity", "test").key
            for weights, plan in plans.items()
        }
        assert measured["imagenet"] == measured["none"]
    supervised = {weights: plan.supervised("parity") for weights, plan in plans.items()}
    assert supervised["imagenet"].key != supervised["none"].key
    assert encoders_of(supervised["imagenet"])["weights"] == "imagenet"


def test_task_networks_start_from_the_published_weights(tmp_path):
    document = job("imagenet") | {"train": {"steps": 1, "learning_rate": 1e-9}}
    taskspace.run(document, until="train", executor="inline", store=tmp_path / "s", runs=tmp_path)
    registry = Registry.load(plugins=False)
    plan, *_ = plans_of(load_job(document, catalogue=registry).job, KeyedPlanner(registry))
    published = EfficientnetLite(side=32).build((1, 8, 8)).state_dict()
    stored = Store(tmp_path / "s")
    weights = stored.get(plan.supervised("parity").key).weights()
    for name, tensor in published.items():
        torch.testing.assert_close(weights[f"encoder.{name}"], tensor, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["small_conv", "small_resnet", "resnet50", "mlp", "identity"])
def test_an_encoder_that_starts_at_random_is_its_own_untrained_self(name):
    encoder = Registry.load(plugins=False).component(ComponentSpec("encoder", name))
    assert encoder.untrained() is encoder


def test_published_weights_can_be_left_out():
    untrained = EfficientnetLite(size=1, side=64, pooled=False).untrained()
    assert untrained == EfficientnetLite(size=1, side=64, pooled=False, weights="none")
    assert untrained.starts_from() is None


class Published(Encoder):
    """An encoder that is nothing without its weights."""

    name = "published"

    def starts_from(self) -> str:
        return "weights of a vendor"

    def code_shape(self, image):
        return image

    def build(self, image):
        return torch.nn.Identity()


def test_an_encoder_that_cannot_start_at_random_is_refused_with_advice():
    with pytest.raises(InputError, match="starts from weights of a vendor and cannot") as raised:
        untrained_of(Published())
    assert raised.value.where == "encoder"
    assert "`sources`" in raised.value.advice

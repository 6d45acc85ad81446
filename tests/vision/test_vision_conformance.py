"""The encoders of extras keep every rule of their kind, with models in files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from outside_models import ENCODERS
from state_dicts import IMAGES

from taskspace.components import Encoder
from taskspace.registry import Registry
from taskspace.testing import check_component

REGISTRY = Registry.load(Path(__file__).parent, plugins=False)
EXTRAS = ("timm_resnet", "timm_vit", "transformers")


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("name", EXTRAS)
def test_an_encoder_conforms(name, pooled, tmp_path):
    parameters = {**ENCODERS[name](tmp_path), "pooled": pooled}
    cls = REGISTRY.activate("encoder", str(parameters.pop("use")))
    report = check_component(cls, parameters=parameters)
    assert report.ok, str(report)
    assert {outcome.check for outcome in report.of("skipped")} <= {"network_runs_on_gpu"}


@pytest.mark.parametrize("name", EXTRAS)
def test_a_network_is_the_same_where_no_gradients_are_recorded(name, tmp_path):
    parameters = ENCODERS[name](tmp_path)
    encoder = REGISTRY.activate("encoder", str(parameters.pop("use"))).model_validate(parameters)
    assert isinstance(encoder, Encoder)
    usual = encoder.build((3, 40, 40)).eval()
    with torch.inference_mode():
        network = encoder.build((3, 40, 40)).eval()
        assert torch.equal(network(IMAGES), usual(IMAGES))
    trained = [parameter.requires_grad for parameter in usual.parameters()]
    assert [parameter.requires_grad for parameter in network.parameters()] == trained

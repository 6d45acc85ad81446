"""The encoders of extras keep every rule of their kind, with models in files."""

from __future__ import annotations

from pathlib import Path

import pytest
from outside_models import ENCODERS

from taskspace.registry import Registry
from taskspace.testing import check_component

REGISTRY = Registry.load(Path(__file__).parent, plugins=False)


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("name", ["timm_resnet", "timm_vit", "transformers"])
def test_an_encoder_conforms(name, pooled, tmp_path):
    parameters = {**ENCODERS[name](tmp_path), "pooled": pooled}
    cls = REGISTRY.activate("encoder", str(parameters.pop("use")))
    report = check_component(cls, parameters=parameters)
    assert report.ok, str(report)
    assert {outcome.check for outcome in report.of("skipped")} <= {"network_runs_on_gpu"}

"""A taxonomy says where its networks start, if that is not at random."""

from __future__ import annotations

import pytest

import taskspace


@pytest.mark.parametrize("weights", ["imagenet", "none"])
def test_networks_that_start_from_published_weights_are_named(weights, tmp_path):
    job = {
        "study": "taxonomy",
        "name": "start",
        "dataset": "digits",
        "tasks": ["parity", "loops"],
        "encoder": {"use": "efficientnet_lite", "side": 32, "weights": weights},
        "splits": {"train": 0.05, "transfer": 0.05, "select": 0.05, "test": 0.85},
        "train": {"steps": 1},
    }
    run = taskspace.run(job, until="train", executor="inline", store=tmp_path / "s", runs=tmp_path)
    codes = [found["code"] for found in run.result["findings"]]
    assert ("encoder-pretrained" in codes) == (weights == "imagenet")
    assert ("ImageNet, those that are called scratch" in run.report.read_text()) == (
        weights == "imagenet"
    )

"""A small taxonomy runs with every encoder from outside, and says what it starts from."""

from __future__ import annotations

import pytest
import yaml
from outside_models import ENCODERS

import taskspace
from small_job import SMALL_JOB


@pytest.mark.parametrize("name", ENCODERS)
def test_a_small_taxonomy(name, tmp_path):
    job = yaml.safe_load(SMALL_JOB)
    job |= {"tasks": ["identity", "parity"], "encoder": ENCODERS[name](tmp_path)}
    run = taskspace.run(job, store=tmp_path / "store", runs=tmp_path / "runs")
    assert run.result["transfers"] and not run.result["missing"]
    assert any("The task networks start from the" in str(finding) for finding in run.findings)


def test_encoders_compete_with_labelled_sources(tmp_path):
    job = yaml.safe_load(SMALL_JOB)
    names = ("timm_vit", "transformers")
    sources = [{**ENCODERS[name](tmp_path), "as": name} for name in names]
    job |= {"tasks": ["identity", "parity"], "sources": sources}
    run = taskspace.run(job, store=tmp_path / "store", runs=tmp_path / "runs")
    assert not run.result["missing"]
    transfers = {(*row["sources"], row["target"]) for row in run.result["transfers"]}
    assert {(name, task) for name in names for task in job["tasks"]} <= transfers

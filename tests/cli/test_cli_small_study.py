"""A study of a third party, made of the learning core alone: short, with numbers and a page."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import numpy as np
import pytest

SOURCE = Path(__file__).parents[1] / "learning" / "small_study.py"
MOST_LINES = 79
ALLOWED = {"taskspace.components", "taskspace.jobs", "taskspace.learning", "typing"}
JOB = """\
study: small
name: tiny
dataset: digits
tasks: [parity, identity]
encoder: {use: small_conv, width: 4}
readout: linear
train: {epochs: 4, batch: 32}
"""


def test_a_study_that_trains_is_written_in_less_than_eighty_lines_of_the_learning_core():
    text = SOURCE.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)]
    assert {".".join(str(node.module).split(".")[:2]) for node in imports} == ALLOWED


@pytest.fixture
def small(plugged, site, tmp_path):
    site.install("taskspace-small", SOURCE.read_text("utf-8"))
    site.trust("taskspace-small", provides='["study:small"]')
    (tmp_path / "job.yaml").write_text(JOB)
    return plugged


def test_its_run_has_a_result_of_losses_per_image_and_a_page(small, tmp_path):
    done = small("run", "job.yaml", "--store", "store", "--executor", "inline")
    assert done.status == 0, done.err
    (run,) = (tmp_path / "runs").iterdir()
    metrics = json.loads((run / "result.json").read_text())["metrics"]
    per_image = [np.load(file) for file in sorted((tmp_path / "store").rglob("metric.npy"))]
    # A fifth of the 1,797 digits tests; every image has a label.
    assert [each.shape for each in per_image] == [(359,), (359,)]
    assert sorted(mean for mean, _, _ in metrics.values()) == pytest.approx(
        sorted(each.mean(dtype=float) for each in per_image)
    )
    assert all(low < mean < high for mean, low, high in metrics.values())
    assert metrics["identity"][0] > 0.3 and metrics["parity"][0] > 0.6
    page = (run / "report.html").read_text("utf-8")
    assert "Networks on test images" in page
    assert all(f"{mean:.3f}" in page for mean, _, _ in metrics.values())


def test_a_mistake_in_its_training_is_refused_at_its_place(small, tmp_path):
    (tmp_path / "job.yaml").write_text(JOB.replace("epochs: 4", "epochs: 4, steps: 9"))
    done = small("check", "job.yaml")
    assert done.status == 2
    assert "job.yaml:7:9" in done.err and "`steps` and `epochs` exclude each other" in done.err

"""What a dataset says of itself reaches everyone who reads a result that was made on it."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("noted_dataset.py")
NOTE = "files-not-read note Not read: 2 files, for example a.heic, because they are <no> images."
WARNING = "masks-missing warning 43 % of the pixels of the masks are 255, which means missing."
JOB = """\
study: {study}
name: {study}
dataset: {{use: noted, root: squares}}
tasks:
- {{use: classification, field: kind, as: kind}}
- {{use: regression, field: size, as: size}}
train: {{epochs: 1, batch: 8}}
"""
MORE = {
    "taxonomy": "encoder: {use: small_conv, width: 4}\n"
    "transfer: {max_order: 1, epochs: 1}\nsolve: {budgets: [1], random_policies: 0}\n",
    "multitask": "encoder: {use: conv_pool, width: 4, depth: 1}\nschemes: [separate, shared]\n",
}


@pytest.fixture
def noted(plugged, site, tmp_path):
    """The command, with the dataset of a third party and jobs of two studies on it."""
    site.install("taskspace-noted", SOURCE.read_text("utf-8"))
    site.trust("taskspace-noted", provides='["dataset:noted"]')
    (tmp_path / "squares").mkdir()
    rows = [f"{'cat' if i % 2 else 'dog'} {i}" for i in range(40)]
    (tmp_path / "squares" / "labels.txt").write_text("\n".join(rows))
    (tmp_path / "squares" / "notes.txt").write_text(f"{NOTE}\n{WARNING}\n")
    for study, more in MORE.items():
        (tmp_path / f"{study}.yaml").write_text(JOB.format(study=study) + more)
    return plugged


def texts() -> list[str]:
    return [line.split(" ", 2)[2] for line in (NOTE, WARNING)]


@pytest.mark.parametrize("study", MORE)
def test_findings_of_a_dataset_reach_every_place_where_a_result_is_shown(noted, study, tmp_path):
    done = noted("run", f"{study}.yaml", "--executor", "inline", COLUMNS="400")
    assert done.status == 0, done.err
    (run,) = (tmp_path / "runs").iterdir()
    result = json.loads((run / "result.json").read_text())
    assert {"files-not-read", "masks-missing"} <= {each["code"] for each in result["findings"]}
    tones = [each["tone"] for each in result["findings"]]
    codes = [each["code"] for each in result["findings"]]
    assert "warning" not in tones[tones.index("note") :] and codes[-1] == "files-not-read"
    page = (run / "report.html").read_text("utf-8")
    shown = noted("show", run.name, COLUMNS="400").out
    for text in texts():
        assert text in done.out and text in shown and html.escape(text) in page
    assert noted("show", run.name, "--json").json["findings"] == result["findings"]


def test_a_warning_stands_on_stderr_before_the_first_cell_runs(noted):
    done = noted("run", "multitask.yaml", "--executor", "inline")
    lines = done.err.splitlines()
    assert f"Warning: {texts()[1]}" in lines
    assert lines.index(f"Warning: {texts()[1]}") == 0 and "train: " in lines[1]


def test_what_would_be_computed_is_told_with_the_findings(noted):
    planned = noted("run", "multitask.yaml", "--dry-run", "--json").json
    assert [each["code"] for each in planned["findings"]] == ["masks-missing", "files-not-read"]
    assert f"Warning: {texts()[1]}" in noted("run", "multitask.yaml", "--dry-run").err


def test_findings_are_in_no_key(noted, tmp_path):
    first = noted("run", "multitask.yaml", "--dry-run", "--json").json
    (tmp_path / "squares" / "notes.txt").write_text("files-not-read note Other words.\n")
    second = noted("run", "multitask.yaml", "--dry-run", "--json").json
    assert first["findings"] != second["findings"]
    assert [cell["key"] for cell in first["cells"]] == [cell["key"] for cell in second["cells"]]


def test_a_reason_that_stops_several_cells_is_said_once(noted, tmp_path):
    (tmp_path / "squares" / "broken.txt").write_text("3\n")
    done = noted("run", "taxonomy.yaml", "--executor", "inline", COLUMNS="400")
    assert done.status == 1
    assert (done.out + done.err).count("a corner too few") == 1
    assert "Failed: 3 cells for the reason above (images/0, examples/kind/0" in done.err
    assert "cells that need them." in done.err

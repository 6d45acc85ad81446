"""`tasks agreement` as it is typed, on runs that are written by hand."""

from __future__ import annotations

import json
from itertools import permutations

import pytest
from typer.testing import CliRunner

from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.keys import digest
from taskspace_cli.main import app

NAMES = ["normals", "depth_z", "reshading", "curvature"]


@pytest.fixture
def runs(tmp_path):
    def write(name, order=NAMES, seed=0, **changes):
        transfers = [
            {
                "target": target,
                "sources": [source],
                "order": 1,
                "supervised": False,
                "affinity": 0.1 * order.index(source),
            }
            for target, source in permutations(NAMES, 2)
        ]
        result = {
            "study": "taxonomy",
            "name": name,
            "seed": seed,
            "tasks": [{"name": n, "source": True} for n in NAMES],
            "transfers": transfers,
            "policies": [
                {"budget": 1.0, "supervised": order[:1], "transfers": {"normals": order[:1]}}
            ],
        } | changes
        manifest = {
            "job": {"study": result["study"], "seed": seed, "name": name},
            "state": "done",
            "started": "2026-01-01T00:00:00Z",
            "attempts": [],
        }
        run = RunFolder(tmp_path / "runs" / f"{name}-{digest(manifest['job'])[:8]}")
        with run.locked():
            run.write_json("result.json", result)
            run.write_json("manifest.json", manifest)
            run.conclude()
        return run.name

    return write


def said_here(*arguments):
    """What the command says, in this process: many of its own would take long."""
    return CliRunner().invoke(app, arguments, env={"TASKS_RUNS": None})


def test_runs_and_a_table(tasks, runs, tmp_path):
    name = runs("one")
    runs("two", seed=1)
    official = dict(zip(NAMES, ["rgb2sfnorm", "rgb2depth", "reshade", "curvature"], strict=True))
    rows = [
        f"{official[t]},{official[s]},{1 - 0.1 * NAMES.index(s)}" for t, s in permutations(NAMES, 2)
    ]
    (tmp_path / "t.csv").write_text("\n".join(["target,sources,affinity_ahp", *rows]))
    said = tasks("agreement", "one", "two", "--table", "t.csv", "--json")
    assert said.status == 0
    answer = said.json
    assert [row["mean"] for row in answer["with_table"]] == [-1.0, -1.0]
    assert answer["ceiling"] == 1.0
    assert answer["policies"][0]["jaccard"] == 1.0
    shown = said_here("agreement", "one", "two", "--table", "t.csv")
    assert shown.exit_code == 0
    assert name in shown.stdout and "curvature" in shown.stdout
    said = " ".join(shown.stdout.split())  # a sentence breaks where the terminal ends
    assert "mean over targets: -1.00; the ceiling, between seeds, is 1.00" in said
    alone = said_here("agreement", "one", "--table", "t.csv")
    assert alone.exit_code == 0 and "No ceiling" in alone.stdout


def test_mistakes_are_said_in_a_sentence(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = runs("one")
    other = runs("other", study="zeroshot")
    table = runs("table", transfers=[])
    runs("newer", transfers=[{"target": "normals", "sources": ["curvature"], "ordinal": 1}])
    for arguments, message in (
        (["one"], f"nothing to compare the run {one} with"),
        (["one", "one"], f"The run {one} is given twice"),
        (["one", "other"], f"The run {other} is of the study 'zeroshot'"),
        (["one", "table"], f"The run {table} has no transfers"),
        (["one", "newer"], "`transfers.0.order`: Field required"),
        (["one", "nobody"], "There is no run 'nobody'"),
        (["one", "--table", "no.csv"], "no.csv: There is no such table"),
    ):
        said = said_here("agreement", *arguments)
        assert (said.exit_code, said.stdout) == (2, "")
        assert message in said.stderr
    error = said_here("agreement", "one", "--json")
    assert error.exit_code == 2
    assert json.loads(error.stdout)["errors"][0]["code"] == "TSK200"

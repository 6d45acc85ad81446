"""The example plugin conforms, passes its own tests, and its job runs with all three components."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from taskspace.testing import INVENTORY, check_component

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/taskspace-sketch"
PROVIDED = {
    "task:symmetry": {"loss_masks_missing_labels", "loss_runs_on_gpu"},
    "encoder:patch_mixer": {"network_runs_on_gpu"},
    "solver:scipy_milp": set(),
}
"""Each component, and the checks that may have nothing to check."""


@pytest.fixture
def plugin(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLE / "src"))
    yield import_module("taskspace_sketch.plugin")
    for name in [name for name in sys.modules if name.split(".")[0] == "taskspace_sketch"]:
        del sys.modules[name]


@pytest.mark.parametrize("component", PROVIDED)
def test_the_example_conforms(component, plugin):
    hooks = (plugin.taskspace_tasks, plugin.taskspace_encoders, plugin.taskspace_solvers)
    by_name = {f"{cls.kind}:{cls.name}": cls for hook in hooks for cls in hook()}
    assert set(by_name) == set(PROVIDED)
    report = check_component(by_name[component])
    assert report.ok, str(report)
    counts = Counter(outcome.status for outcome in report.outcomes)
    assert sum(counts.values()) == len(INVENTORY[by_name[component].kind])
    assert {outcome.check for outcome in report.of("skipped")} <= PROVIDED[component]


@pytest.mark.slow
def test_its_own_tests_pass():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        # The kit has its own test above.
        [*command, "--ignore", "tests/test_conformance.py"],
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow  # test_docs_sessions runs the whole job with the plugin installed
def test_its_job_runs_with_all_that_it_provides(tmp_path):
    site = tmp_path / "site"
    info = site / "taskspace_sketch-1.0.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: taskspace-sketch\nVersion: 1.0.0\n")
    (info / "entry_points.txt").write_text("[taskspace]\nsketch = taskspace_sketch.plugin\n")
    (info / "RECORD").write_text("")
    source = {"url": EXAMPLE.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(source))
    (tmp_path / "registry.toml").write_text(
        "schema = 1\n[plugins.taskspace-sketch]\n"
        f'source = "path:{EXAMPLE}"\nversion = "1.0.0"\napi = ">=1,<2"\ntrust = "editable"\n'
    )
    paths = [str(site), str(EXAMPLE / "src"), os.environ.get("PYTHONPATH", "")]
    small = ("train.epochs=1", "transfer.epochs=1", "transfer.images=60", "transfer.max_order=1",
             "solve.random_policies=5")  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "taskspace_cli", "run", str(EXAMPLE / "job.yaml"), "--json",
         "--executor", "inline", *(part for change in small for part in ("--set", change))],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "TASKS_CACHE": str(tmp_path / "cache"),
            "CI": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {task["name"] for task in result["tasks"]} >= {"symmetry", "upright"}
    assert [policy["status"] for policy in result["policies"]] == ["optimal"] * 3
    (file,) = (tmp_path / "runs").glob("sketch-*/manifest.json")
    manifest = json.loads(file.read_text())
    assert manifest["job"]["solve"]["solver"] in ("scipy_milp", {"use": "scipy_milp"})
    assert manifest["job"]["encoder"]["use"] == "patch_mixer"
    plugins = {plugin["distribution"] for plugin in manifest["plugins"]}
    assert plugins == {"taskspace", "taskspace-sketch"}

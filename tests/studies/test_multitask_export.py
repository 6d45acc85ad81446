"""One small model of one task: the same outputs, its experts alone, nothing but torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from typer.testing import CliRunner

import taskspace
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.storage.store import Store
from taskspace.errors import NotFound
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.multitask.export import Wanted, export_task
from taskspace.studies.multitask.plan.cells import Trial, plan_of
from taskspace_cli.main import app
from taskspace_plugins.gating.networks._mixture import Mixture

SCHEMES = [
    "shared",
    {"use": "ungated", "experts": 5, "as": "all_five"},
    {"use": "multi_clustering", "experts": 5, "density_cost": 0.5, "as": "sparse"},
    {"use": "cross_stitch", "as": "stitched"},
]
ALONE = """
import json, sys
import torch
program = torch.export.load(sys.argv[1])
images = torch.tensor(json.loads(sys.stdin.read()))
with torch.no_grad():
    said = program.module()(images).tolist()
assert not {m.partition(".")[0] for m in sys.modules} & {"taskspace", "taskspace_plugins"}
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("exported")
    document = {
        "study": "multitask", "name": "small", "dataset": "digits", "tasks": ["parity", "identity"],
        "schemes": SCHEMES, "encoder": {"use": "mlp", "width": 16}, "sizes": [100, 50],
        "train": {"steps": 30, "batch": 16, "learning_rate": 0.1}, "seeds": [3, 8],
    }  # fmt: skip
    taskspace.run(document, store=place / "store", runs=place / "runs", executor="inline")
    return place


def export(place: Path, *arguments: str, run: str = "small"):
    folders = ["--store", str(place / "store"), "--runs", str(place / "runs")]
    return CliRunner().invoke(app, ["export", run, *arguments, *folders])


def exported(place: Path, scheme: str, task: str, out: Path, *more: str) -> dict:
    said = export(place, "--scheme", scheme, "--task", task, "--out", str(out), "--json", *more)
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


def test_it_says_what_the_whole_network_says(place, tmp_path):
    made = exported(place, "stitched", "identity", tmp_path / "model")
    assert made["difference"] <= 1e-6
    assert (made["size"], made["seed"]) == (100, 3)
    images = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    program = torch.export.load(made["program"])
    with torch.no_grad():
        said = program.module()(images)
        again = program.module()(images[:1])
    assert said.shape == (3, 10) and torch.allclose(said[:1], again, atol=1e-6)
    weights = load_file(made["weights"])
    assert sum(tensor.numel() for tensor in weights.values()) >= made["parameters"][0]
    held = program.state_dict
    assert held.keys() == weights.keys()
    assert all(torch.equal(held[name], weights[name]) for name in held)


def test_it_needs_nothing_but_torch(place, tmp_path):
    made = exported(place, "sparse", "identity", tmp_path / "model")
    images = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    alone = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, made["program"]],
        input=json.dumps(images.tolist()), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert alone.returncode == 0, alone.stderr
    here = torch.export.load(made["program"]).module()(images)
    assert np.allclose(json.loads(alone.stdout), here.detach().numpy(), atol=1e-6)


def test_a_small_network_that_says_something_else_is_not_written(place, tmp_path, monkeypatch):
    sound = Mixture.export

    def faulty(self, task, chosen):
        small = sound(self, task, chosen)
        with torch.no_grad():
            list(small.parameters())[-1][0] += 1e-4
        return small

    monkeypatch.setattr(Mixture, "export", faulty)
    arguments = ("--scheme", "shared", "--task", "parity", "--out", str(tmp_path / "model"))
    said = export(place, *arguments)
    assert said.exit_code == 1 and "differs from the whole one" in said.stderr
    assert not list(tmp_path.iterdir())


def test_it_is_as_small_as_its_experts(place, tmp_path):
    one = exported(place, "shared", "parity", tmp_path / "one")
    all_five = exported(place, "all_five", "parity", tmp_path / "five")
    sparse = exported(place, "sparse", "parity", tmp_path / "sparse")
    head = 16 * 2 + 2
    expert = one["parameters"][0] - head
    assert one["experts"] == [1, 1] and all_five["experts"] == [5, 5]
    assert all_five["parameters"][0] - head == 5 * expert
    kept = sparse["experts"][0]
    assert 1 <= kept < 5
    assert sparse["parameters"][0] - head == kept * expert
    assert sparse["multiply_adds"] - 32 == kept * (one["multiply_adds"] - 32)
    sizes = [Path(made["weights"]).stat().st_size for made in (one, sparse, all_five)]
    assert sizes == sorted(sizes) and sizes[0] < sizes[2] / 3


def test_another_training_and_another_rule_can_be_asked_for(place, tmp_path):
    other = ("--size", "50", "--seed", "8", "--rule", "all")
    arguments = ("--scheme", "sparse", "--task", "parity", "--out", str(tmp_path / "a"))
    said = export(place, *arguments, *other)
    assert "5 of 5 experts" in said.stdout and "%" in said.stdout
    assert f"wrote {tmp_path / 'a'}.safetensors and {tmp_path / 'a'}.pt2" in said.stdout
    default = exported(place, "sparse", "parity", tmp_path / "b")
    one, two = (load_file(tmp_path / f"{name}.safetensors") for name in "ab")
    assert (default["size"], default["seed"]) == (100, 3)
    assert one.keys() != two.keys() or any(not torch.equal(one[n], two[n]) for n in one)


def test_what_is_exported_is_what_the_report_shows(tmp_path):
    document = {
        "study": "multitask", "name": "whole", "dataset": "digits", "tasks": ["parity"],
        "schemes": [{"use": "multi_clustering", "experts": 4, "as": "all_read"}],
        "encoder": {"use": "mlp", "width": 4}, "rules": ["all", "task"], "train": {"steps": 2},
    }  # fmt: skip
    run = taskspace.run(
        document, store=tmp_path / "store", runs=tmp_path / "runs", executor="inline"
    )
    (shown,) = run.result["summary"]
    samples = run.result["samples"]["train"]
    assert shown["size"] == samples
    arguments = ("--scheme", "all_read", "--task", "parity", "--out", str(tmp_path / "a"), "--json")
    for size in ((), ("--size", str(samples))):
        made = json.loads(export(tmp_path, *arguments, *size, run="whole").stdout)
        assert (made["size"], made["rule"], made["experts"]) == (samples, "all", [4, 4])
        assert made["multiply_adds"] == shown["deployed"]["mean"]
    said = export(tmp_path, *arguments[:-1], "--size", "7", run="whole")
    assert said.exit_code == 2 and f"there are some of {samples}" in said.stderr


def test_what_it_takes_and_what_it_says_is_written_down(place, tmp_path):
    made = exported(place, "shared", "identity", tmp_path)
    assert Path(made["weights"]) == tmp_path / "identity.safetensors"
    assert made["image"] == [1, 8, 8] and made["classes"] == [str(n) for n in range(10)]
    with safe_open(made["weights"], "pt") as weights:
        said = weights.metadata()
    assert said["input"] == "[B, 1, 8, 8], float32, 0 to 1"
    assert json.loads(said["classes"]) == made["classes"]
    assert json.loads(said["component"])["use"] == "identity"
    odd = exported(place, "shared", "parity", tmp_path / "odd.pt2")
    assert Path(odd["program"]) == tmp_path / "odd.pt2" and odd["classes"] == []


def test_a_training_that_has_no_result_hides_no_other(place, tmp_path):
    store = Store(place / "store")
    registry = Registry.load(plugins=False)
    (folder,) = (place / "runs").glob("small-*")
    document = json.loads((folder / "manifest.json").read_text())["job"]
    job = load_job(document, catalogue=registry).job
    plan = plan_of(job, KeyedPlanner(registry))
    lost = plan.trials[Trial("shared", 50, 3)].key

    def result_of(key):
        if key == lost:
            raise KeyError(key)
        return store.get(key)

    def made(size):
        wanted = Wanted("shared", "parity", size)
        return export_task(job, KeyedPlanner(registry), result_of, wanted, tmp_path)

    assert made(100).size == 100
    with pytest.raises(NotFound, match="shared/50/3 has no result"):
        made(50)


def test_a_trained_network_needs_no_weighting_to_be_exported(place, tmp_path, monkeypatch):
    monkeypatch.setattr("taskspace_plugins.weightings.equal.Equal.missing", lambda self: "Buy it.")
    assert exported(place, "shared", "parity", tmp_path / "model")["experts"] == [1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--scheme", "spars", "--task", "parity"), "no scheme 'spars'; .*Did you mean 'sparse'"),
        (("--scheme", "sparse", "--task", "parety"), "no task 'parety'; .*Did you mean 'parity'"),
        (
            ("--scheme", "sparse", "--task", "parity", "--size", "7"),
            "7 samples; there are some of 50, 100",
        ),
        (
            ("--scheme", "sparse", "--task", "parity", "--seed", "0"),
            "no repetition 0; .* has 3, 8",
        ),
        (
            ("--scheme", "sparse", "--task", "parity", "--out", "no/such/folder"),
            "no folder",
        ),
    ],
)
def test_mistakes_are_said_in_a_sentence(place, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = export(place, *arguments)
    assert said.exit_code in (1, 2) and said.stdout == ""
    import re

    assert re.search(message, said.stderr, re.DOTALL), said.stderr
    assert not list(tmp_path.iterdir())


def test_a_training_without_a_result_is_named(place, tmp_path):
    folders = ["--store", str(tmp_path / "none"), "--runs", str(place / "runs")]
    said = CliRunner().invoke(
        app, ["export", "small", "--scheme", "shared", "--task", "parity", *folders]
    )
    assert said.exit_code == 2
    assert "train/shared/100/3 has no result" in said.stderr and "tasks rerun" in said.stderr

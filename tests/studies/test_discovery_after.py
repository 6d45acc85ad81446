"""What a finished discovery is good for: splits as files, a table, tasks in other jobs."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from discovery_jobs import QUICK, arrays_of, discovery_job, run
from typer.testing import CliRunner

import taskspace
from taskspace.components import ComponentSpec, Dataset, Task
from taskspace.engine.planner import KeyedPlanner
from taskspace.errors import InputError
from taskspace.registry import Registry
from taskspace_cli.main import app


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> taskspace.Run:
    place = tmp_path_factory.mktemp("after")
    discover = [
        {"as": "found", "tasks": 2, **QUICK},
        {"as": "coded", "tasks": 1, **QUICK, "sees": {"use": "small_conv", "width": 4}},
    ]
    document = discovery_job(discover=discover, controls=["random_labels"], seeds=1)
    return run(document, place)


def discover(finished: taskspace.Run, *arguments: str):
    command, *rest = arguments
    runs = ["--runs", str(finished.folder.parent)]
    return CliRunner().invoke(app, ["discover", command, "small", *rest, *runs])


@pytest.mark.parametrize("by", ["found", "random"])
def test_index_files_load_in_three_lines(by, finished, tmp_path):
    out = tmp_path / "halves"
    made = discover(finished, "split", "--target", "parity", "--by", by, "--out", str(out))
    assert made.exit_code == 0, made.output
    dataset = torch.utils.data.TensorDataset(torch.arange(1797))
    rows = [int(line) for line in (out / "train.txt").read_text().split()]
    loader = torch.utils.data.DataLoader(torch.utils.data.Subset(dataset, rows), batch_size=64)
    learnt = torch.cat([batch[0] for batch in loader]).numpy()
    tested = np.loadtxt(out / "test.txt", dtype=int)
    used, known = (arrays_of(finished)[name] for name in ("used", "known/parity"))
    assert sorted([*learnt, *tested]) == used.tolist()
    counts = np.bincount(known[used])
    assert abs(np.bincount(known[learnt]) - counts / 2).max() <= 0.5
    about = json.loads((out / "split.json").read_text())
    assert (about["by"], about["train"], about["test"]) == (by, len(learnt), len(tested))
    if by == "found":
        scores = arrays_of(finished)["scores/found/0"][:, 0]
        even, odd = (learnt[known[learnt] == c] for c in (0, 1))
        rest = [tested[known[tested] == c] for c in (0, 1)]
        assert scores[even].min() >= scores[rest[0]].max()
        assert scores[odd].max() <= scores[rest[1]].min()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "paritty"], "Did you mean 'parity'?"),
        (["--target", "parity", "--by", "fuond"], "Did you mean 'found'?"),
        (["--target", "parity", "--number", "3"], "its tasks are 1 to 2"),
        (["--target", "parity", "--number", "0"], "its tasks are 1 to 2"),
        (["--target", "parity", "--repetition", "1"], "no repetition 1"),
        (["--target", "parity", "--by", "random", "--repetition", "-1"], "no repetition -1"),
        (["--target", "parity", "--share", "1"], "between 0 and 1"),
        (["--target", "parity", "--share", "0.0001"], "too few for a split"),
    ],
)
def test_a_split_that_cannot_be_had_is_refused(arguments, words, finished, tmp_path):
    out = tmp_path / "halves"
    made = discover(finished, "split", *arguments, "--out", str(out))
    assert made.exit_code == 2
    assert words in " ".join(made.output.split())
    assert not out.exists()


def test_labels_as_a_table(finished, tmp_path):
    out = tmp_path / "labels.csv"
    assert discover(finished, "labels", "--out", str(out)).exit_code == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    labels = arrays_of(finished)["labels/found/0"]
    assert [int(row["found.0.2"]) for row in rows] == labels[:, 1].tolist()
    assert [int(row["sample"]) for row in rows] == list(range(1797))


def made_task(finished: taskspace.Run, **parameters) -> Task:
    planner = KeyedPlanner(Registry.load(plugins=False))
    spec = ComponentSpec("task", "discovered", {"run": str(finished.folder), **parameters})
    return planner.component(spec, Task)


def digits() -> Dataset:
    planner = KeyedPlanner(Registry.load(plugins=False))
    return planner.component(ComponentSpec("dataset", "digits", {}), Dataset)


@pytest.mark.parametrize("search", ["found", "coded"])
def test_a_discovered_task_gives_images_the_labels_of_its_run(search, finished):
    task, dataset = made_task(finished, search=search), digits()
    labels = task.target(dataset.read(range(1797), {"image"}))
    expected = arrays_of(finished)[f"labels/{search}/0"][:, 0]
    assert (labels.numpy() == expected).mean() > 0.999
    assert task.head(dataset.fields()).size == 2
    assert task.default_label_cost() == 0


def test_its_identity_is_the_weights_and_not_the_place(finished, tmp_path):
    moved = tmp_path / "elsewhere" / finished.folder.name
    shutil.copytree(finished.folder, moved)
    planner = KeyedPlanner(Registry.load(plugins=False))
    other = planner.component(ComponentSpec("task", "discovered", {"run": str(moved)}), Task)
    own = made_task(finished)
    assert other.identity() == own.identity()
    assert made_task(finished, number=2).identity() != own.identity()
    assert made_task(finished, search="coded").identity() != own.identity()


def test_it_stands_in_other_jobs_by_the_name_of_its_run(finished, tmp_path, monkeypatch):
    monkeypatch.setenv("TASKS_RUNS", str(finished.folder.parent))
    tasks = [{"use": "discovered", "run": "small", "number": n, "as": f"found{n}"} for n in (1, 2)]
    multitask = {
        "study": "multitask", "name": "shared", "dataset": "digits", "tasks": ["parity", *tasks],
        "schemes": ["shared"], "encoder": {"use": "mlp", "width": 16}, "train": {"steps": 5},
    }  # fmt: skip
    made = run(multitask, tmp_path)
    assert [task["name"] for task in made.result["tasks"]] == ["parity", "found1", "found2"]
    taxonomy = {
        "study": "taxonomy", "name": "bought", "dataset": "digits", "tasks": ["parity", *tasks],
        "encoder": {"use": "small_conv", "width": 4}, "train": {"epochs": 1},
        "transfer": {"max_order": 1, "images": 60, "epochs": 1},
        "solve": {"budgets": [1], "random_policies": 5},
    }  # fmt: skip
    assert run(taxonomy, tmp_path).result["study"] == "taxonomy"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"run": "nowhere"}, "no run 'nowhere'"),
        ({"search": "fuond"}, "Did you mean 'found'?"),
    ],
)
def test_a_task_that_was_not_found_is_refused(parameters, words, finished):
    with pytest.raises(InputError, match=words.replace("?", r"\?")):
        made_task(finished, **parameters)


def test_a_number_or_images_that_it_does_not_have(finished):
    with pytest.raises(InputError, match="found 2"):
        made_task(finished, number=3).head(digits().fields())
    planner = KeyedPlanner(Registry.load(plugins=False))
    rooms = planner.component(ComponentSpec("dataset", "rooms", {"images": 4, "size": 16}), Dataset)
    with pytest.raises(InputError, match="1 x 8 x 8"):
        made_task(finished).head(rooms.fields())


def test_a_run_of_another_study_or_a_damaged_one(finished, tmp_path):
    other = tmp_path / finished.folder.name
    shutil.copytree(finished.folder, other)
    weights = bytearray((other / "arrays.npz").read_bytes())
    weights[len(weights) // 2] ^= 1
    Path(other / "arrays.npz").write_bytes(bytes(weights))
    planner = KeyedPlanner(Registry.load(plugins=False))
    with pytest.raises(InputError):
        planner.component(ComponentSpec("task", "discovered", {"run": str(other)}), Task).identity()


def test_a_run_without_a_task_writes_no_table(tmp_path):
    document = discovery_job(discover=[], controls=["random_labels"], seeds=1, train={"epochs": 1})
    made = run(document, tmp_path)
    out = tmp_path / "labels.csv"
    runs = ["--runs", str(made.folder.parent)]
    shown = CliRunner().invoke(app, ["discover", "labels", "small", "--out", str(out), *runs])
    assert shown.exit_code == 2
    assert "has found no task" in shown.output
    assert not out.exists()

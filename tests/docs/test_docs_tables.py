"""What the pages on datasets and tasks say is what the components do."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from taskspace.components import ComponentSpec, Dataset, Field, Task, VectorHead
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.taxonomy.dictionary import DICTIONARY
from taskspace_plugins.datasets.rooms import Rooms

DOCS = Path(__file__).parents[2] / "docs"
SIDE = 64
ROW = re.compile(r"^\| (\w+) \| .+? \| (.+?) \| (.+?) \| (\w+) \| (.+?) \|$", re.MULTILINE)
ROWS = {row[0]: row[1:] for row in ROW.findall((DOCS / "tasks.md").read_text())[1:]}
PHOTOGRAPHS = {"image": Field((3, SIDE, SIDE))}
WITH_DEPTH = PHOTOGRAPHS | {"depth_euclidean": Field((1, SIDE, SIDE))}
LOSSES = {"l1": "L1", "l2": "L2"}
"""Metrics that are the loss itself."""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load(plugins=False)


def said_head(task: Task) -> str:
    fields = Rooms(images=16, size=SIDE).fields()
    head = task.head(fields)
    labelled = any(fields[name].classes for name in task.needs(fields))
    if isinstance(head, VectorHead):
        return "classes" if labelled else str(head.size)
    by = f"/{head.stride}" if head.stride > 1 else ""
    return f"{'classes' if labelled else head.channels} x H{by} x W{by}"


def said_source(task: Task) -> str:
    known = {"image": PHOTOGRAPHS, "depth": WITH_DEPTH}
    own = "depth_euclidean" if task.name == "depth_euclidean" else None
    served = (n for n, f in known.items() if own not in f and task.needs(f) <= set(f))
    said = next(served, "dataset")
    said += f", {task.views} views" if task.views > 1 else ""
    return said + (", source-only" if task.source_only else "")


def test_the_table_of_tasks_is_the_dictionary_in_its_order() -> None:
    assert tuple(ROWS) == DICTIONARY


@pytest.mark.parametrize("name", DICTIONARY)
def test_a_row_of_the_table_is_what_the_task_is(name: str, registry: Registry) -> None:
    task = registry.component(ComponentSpec("task", name))
    assert isinstance(task, Task)
    head, loss, metric, label = ROWS[name]
    assert (head, metric, label) == (said_head(task), task.metric, said_source(task))
    assert loss == LOSSES.get(metric, loss)
    assert (loss == "cross-entropy") == (metric == "accuracy")


def test_a_folder_as_it_is_shown_serves_the_job_below_it(tmp_path, registry) -> None:
    text = (DOCS / "datasets.md").read_text().partition("## Your own images")[2]
    listing, job = re.findall(r"^```(?:yaml)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[:2]
    root, *names = (line.split()[0] for line in listing.splitlines())
    photographs = [name for name in names if name.endswith(".jpg")]
    for number, name in enumerate(names):
        path = tmp_path / root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".csv"):
            rows = [f"{each},{100 * i},house {i}" for i, each in enumerate(photographs)]
            path.write_text("\n".join(["file,price,house", *rows]))
        elif name.endswith(".txt"):
            path.write_text("floor\nwall\n")
        elif name.startswith("depth"):
            Image.fromarray(np.full((40, 48), 2500, dtype=np.uint16)).save(path)
        elif name.startswith("masks"):
            Image.fromarray(np.eye(40, 48, dtype=np.uint8)).save(path)
        else:
            Image.new("RGB", (48, 40), (50 * number, 90, 130)).save(path)
    file = tmp_path / "job.yaml"
    file.write_text(job)
    specs = load_job(file, catalogue=registry).components
    dataset = registry.component(specs["dataset",])
    assert isinstance(dataset, Dataset)
    fields = dataset.fields()
    assert dataset.groups() == ("house 1", "house 0")
    assert fields["semantic"].classes == ("floor", "wall") and "house" not in fields
    sample = dataset.read(range(2))
    assert sample["depth_z"][1].nan_to_num(0).unique().tolist() == [2.5]
    tasks = [made for place, spec in specs.items() if place[0] == "tasks"
             if isinstance(made := registry.component(spec), Task)]  # fmt: skip
    assert len(tasks) >= 6
    for task in tasks:
        assert task.needs(fields) <= set(fields)
        task.head(fields)
        assert len(task.example(sample, torch.Generator()).target) == 2

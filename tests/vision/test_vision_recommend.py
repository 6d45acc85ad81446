"""A recommendation ranks models from outside, says their licence, and follows their weights."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from outside_models import ENCODERS
from safetensors.torch import load_file, save_file

import taskspace
from recommend_jobs import classes, done, image_folder, run

TASKS = ("colour", "shape")
WITHOUT_CLASSIFIER = "transformers"
LICENCES = dict.fromkeys(ENCODERS) | {"efficientnet_lite": "Apache-2.0", "timm_vit": "MIT"}
SCORES = ("knn", "leep")


def outside_job(images: dict[str, Any], models: dict[str, dict[str, object]]) -> dict[str, Any]:
    """A job with every kind of encoder, two tasks on one folder of images, and one draw."""
    return {
        "study": "recommend",
        "name": "outside",
        "dataset": images,
        "tasks": [classes(task) for task in TASKS],
        "models": [{**models[name], "as": name} for name in models],
        "scores": list(SCORES),
        "images": [16],
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], Any]:
    """A place, the job that ran there, and its run."""
    place = tmp_path_factory.mktemp("outside")
    labels = [dict(zip(TASKS, own, strict=True)) for own in product("rg", "ab")] * 10
    models = {name: encoder(place) for name, encoder in ENCODERS.items()}
    models["timm_vit"]["spdx"] = LICENCES["timm_vit"]
    job = outside_job(image_folder(place / "images", labels), models)
    return place, job, run(job, place)


def test_every_model_is_ranked_on_every_task(finished):
    result = finished[2].result
    assert result["missing"] == []
    for task in TASKS:
        rows = [row for row in result["ranking"] if row["task"] == task]
        assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
        assert {row["model"] for row in rows} == set(ENCODERS)
    assert all(own["kind"] == "published" for own in result["models"])
    assert all(own["parameters"] and own["multiply_adds"] for own in result["models"])


def test_scores_that_read_probabilities_need_a_classifier(finished):
    result = finished[2].result
    estimated = {
        (own["score"], own["model"])
        for own in result["estimates"]
        if all(value is not None for value in own["values"])
    }
    assert estimated == set(product(SCORES, ENCODERS)) - {("leep", WITHOUT_CLASSIFIER)}
    assert result["reasons"] == {"leep": ["the model has no classifier"]}


def test_licences_are_said_and_unknown_ones_too(finished):
    made: taskspace.Run = finished[2]
    assert {own["name"]: own["licence"] for own in made.result["models"]} == LICENCES
    page = made.report.read_text(encoding="utf-8")
    assert "licence of weights" in page and "Apache-2.0" in page and "unknown" in page


@pytest.mark.parametrize("name", ["timm_resnet", "transformers"])
def test_other_weights_recompute_their_model_and_no_other(name, finished, tmp_path):
    place, job, _ = finished
    own = ENCODERS[name](tmp_path)
    models = [{**own, "as": name} if old["as"] == name else old for old in job["models"]]
    assert done(run({**job, "name": f"copied-{name}", "models": models}, place).folder) == []

    (file,) = tmp_path.rglob("*.safetensors")
    tensors = load_file(file)
    first = next(iter(tensors))
    save_file(tensors | {first: tensors[first] + 0.1}, file, {"format": "pt"})
    cells = done(run({**job, "name": f"changed-{name}", "models": models}, place).folder)
    assert {cell.split("/")[0] for cell in cells} == {"codes", "cost", "head", "score"}
    assert all(name in cell.split("/") for cell in cells)

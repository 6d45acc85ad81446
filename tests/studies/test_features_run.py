"""Features from elsewhere go through the studies, with the encoder that passes them on."""

from __future__ import annotations

import numpy as np
import pytest

import taskspace


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> dict:
    """Eight features, two of which tell colour and fruit; no value is in [0, 1] by rule."""
    draw = np.random.default_rng(0)
    colour, fruit = draw.integers(0, 2, 240), draw.integers(0, 3, 240)
    features = draw.normal(size=(240, 8)).astype(np.float32)
    features[:, 0] += 20 * (colour - 0.5)
    features[:, 1] += 20 * (fruit - 1)
    path = tmp_path_factory.mktemp("features") / "features.npz"
    words = np.array(["red", "green"])[colour]
    np.savez(
        path, features=features, colour=words, fruit=fruit, fruit_classes=["fig", "nut", "pea"]
    )
    return {"use": "features_file", "file": str(path), "labels": ["colour", "fruit"]}


def job(dataset: dict, study: str, **rest) -> dict:
    tasks = [{"use": "classification", "field": f, "as": f} for f in ("colour", "fruit")]
    return {
        "study": study,
        "name": "features",
        "dataset": dataset,
        "tasks": tasks,
        "encoder": "identity",
    } | rest


def run(document: dict, place) -> taskspace.Run:
    return taskspace.run(document, store=place / "store", runs=place / "runs", executor="inline")


def test_tasks_are_learnt_from_features_together(dataset, tmp_path):
    schemes = ["shared"]
    train = {"steps": 30, "batch": 32, "learning_rate": 0.1}
    made = run(
        job(dataset, "multitask", schemes=schemes, train=train, sizes=[150], seeds=1), tmp_path
    )
    for trial in made.result["trials"]:
        colour, fruit = trial["rules"]["task"]["metric"]
        assert colour > 0.9 and fruit > 0.6  # chance is 1/2 and 1/3
    assert made.result["missing"] == []


def test_transfers_between_tasks_are_measured_on_features(dataset, tmp_path):
    made = run(
        job(
            dataset,
            "taxonomy",
            readout="linear",
            train={"epochs": 1},
            transfer={"max_order": 1, "images": 30, "epochs": 1},
            solve={"budgets": [1], "random_policies": 5},
        ),
        tmp_path,
    )
    assert {row["target"] for row in made.result["transfers"]} == {"colour", "fruit"}
    assert made.report.exists()

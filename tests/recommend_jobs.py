"""Small recommendation jobs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import taskspace


def job(**changes: Any) -> dict[str, Any]:
    """A job on the digits of scikit-learn's size, four tasks, two networks and two experts."""
    return {
        "study": "recommend",
        "name": "small",
        "dataset": "digits",
        "tasks": ["identity", "parity", "loops", "at_least_five"],
        "models": [{"use": "small_conv", "width": 4}, {"use": "mlp", "width": 8}],
        "experts": [
            {
                "dataset": "digits",
                "tasks": [{"use": "loops", "as": "expert-loops"}],
                "encoder": {"use": "small_conv", "width": 4},
                "train": {"steps": 5},
            }
        ],
        "scores": ["knn", "leep"],
        "embeddings": ["domain2vec"],
        "images": [40],
        "seeds": 2,
    } | changes


def run(document: dict[str, Any], place: Path, **options: Any) -> taskspace.Run:
    options = {"executor": "inline"} | options
    return taskspace.run(document, store=place / "store", runs=place / "runs", **options)


def done(folder: Path) -> list[str]:
    """The cells that a run has computed, over all of its attempts."""
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return [event["subject"] for event in events if event["kind"] == "done"]


def without_seconds(part: Any) -> Any:
    """A result without what differs between equal runs: how long things took."""
    if isinstance(part, dict):
        return {name: without_seconds(own) for name, own in part.items() if name != "seconds"}
    return [without_seconds(own) for own in part] if isinstance(part, list) else part


def image_folder(place: Path, labels: list[dict[str, str]], size: int = 8) -> dict[str, Any]:
    """Write noise as images whose labels are these, and return the dataset that reads them."""
    draw = np.random.default_rng(0)
    place.mkdir(parents=True, exist_ok=True)
    names = list(labels[0])
    lines = [",".join(["file", *names])]
    for number, row in enumerate(labels):
        pixels = draw.integers(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"{number:03}.png")
        lines.append(",".join([f"{number:03}.png", *(row[name] for name in names)]))
    (place / "labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"use": "image_folder", "root": str(place), "size": size}


def classes(field: str, name: str | None = None) -> dict[str, Any]:
    """The task of a field of classes."""
    return {"use": "classification", "field": field, "as": name or field}

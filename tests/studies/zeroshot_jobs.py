"""Small zero-shot jobs, and the files that they read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import taskspace

ATTRIBUTES = ("red", "dark green", "old")
OBJECTS = ("apple", "fire_truck", "house", "dog")
EACH = 6
"""Samples of a composition in `features_file`."""


def job(**changes: Any) -> dict[str, Any]:
    """A job of two generators and a classifier, a second of work, that needs no file."""
    return {
        "study": "zeroshot",
        "name": "small",
        "dataset": {"use": "compositions", "images": 448, "size": 16},
        "encoder": {"use": "mlp", "width": 4},
        "generators": [
            {"use": name, "width": 4, "hidden": 4, "noise": 4} for name in ("ss", "tds")
        ],
        "classifiers": ["nearest_prototype"],
        "networks": {"words": 4, "critic": 4},
        "train": {"steps": 4, "batch": 16},
        "baseline": {"epochs": 1},
        "seeds": 2,
        "maps": [],
    } | changes


def run(document: dict[str, Any], place: Path, **options: Any) -> taskspace.Run:
    options = {"executor": "inline"} | options
    return taskspace.run(document, store=place / "store", runs=place / "runs", **options)


def done(folder: Path) -> list[str]:
    """The cells that a run has computed, over all of its attempts."""
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return [event["subject"] for event in events if event["kind"] == "done"]


def word_vectors(
    file: Path, names: Sequence[str] = (*ATTRIBUTES, *OBJECTS), size: int = 5
) -> dict[str, str]:
    """Write random vectors of all words of these names, and return the lexicon that reads them."""
    draw = np.random.default_rng(0)
    words = sorted({word for name in names for word in name.lower().replace("_", " ").split()})
    lines = (f"{word} {' '.join(map(str, draw.normal(size=size).round(3)))}\n" for word in words)
    file.write_text("".join(lines), encoding="utf-8")
    return {"use": "glove", "file": str(file)}


def features_job(
    place: Path, change: Callable[[np.ndarray, np.ndarray], None] | None = None, **changes: Any
) -> dict[str, Any]:
    """A job on twelve compositions of stored features, which the encoder `identity` passes on.

    Args:
        place: the folder for its files.
        change: what happens to the features [n, 10] before they are stored, given them and the
            pairs of words [n, 2] that they show.
    """
    draw = np.random.default_rng(0)
    names = np.array([(a, o) for a in ATTRIBUTES for o in OBJECTS for _ in range(EACH)])
    features = draw.normal(0, 0.3, (len(names), 10)).astype(np.float32)
    for column, words in enumerate((ATTRIBUTES, OBJECTS)):
        for number, word in enumerate(words):
            features[names[:, column] == word, number + 3 * column] += 1
    if change is not None:
        change(features, names)
    np.savez(place / "features.npz", features=features, attribute=names[:, 0], object=names[:, 1])
    dataset = {"use": "features_file", "file": str(place / "features.npz")}
    dataset |= {"labels": ["attribute", "object"], "words": ["attribute", "object"]}
    lexicon = word_vectors(place / "words.txt")
    return job(dataset=dataset, encoder="identity", lexicon=lexicon) | changes

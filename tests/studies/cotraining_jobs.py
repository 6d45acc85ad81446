"""Co-trainings on a hundred digits, each arm in a fraction of a second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import taskspace

ARMS = ["baseline", "rotation", "moments", "together", "rotation (shuffled)"]


def cotraining_job(**changes: Any) -> dict[str, Any]:
    """Return a job of a class, a rotated and a plain task, with the values of these keys."""
    return {
        "study": "cotraining",
        "name": "small",
        "dataset": "digits",
        "central": "identity",
        "auxiliary": [
            {"task": "rotation", "batch": 16},
            {"task": {"use": "ink_moments", "as": "moments"}, "every": 2, "images": 100},
        ],
        "encoder": {"use": "mlp", "width": 8, "depth": 2},
        "share": 1,
        "labels": [60, 40],
        "train": {"steps": 8, "batch": 16, "eval_every": 4},
        "seeds": 2,
    } | changes


def run(document: dict[str, Any], place: Path) -> taskspace.Run:
    """Run a job in a folder of its own."""
    return taskspace.run(document, store=place / "store", runs=place / "runs", executor="inline")


def trials_of(made: taskspace.Run) -> dict[tuple[str, int, int], dict[str, Any]]:
    """Return the trainings of a run by arm, labels and repetition."""
    return {(t["arm"], t["labels"], t["seed"]): t for t in made.result["trials"]}

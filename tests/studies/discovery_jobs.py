"""Discoveries on a hundred digits, each in a second or two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import taskspace

QUICK = {
    "steps": 6,
    "warm_up": 1,
    "inner_steps": 12,
    "inner_rate": 0.5,
    "batch": 32,
    "learning_rate": 3e-3,
}


def discovery_job(**changes: Any) -> dict[str, Any]:
    """Return a job whose networks learn, with the values of these keys."""
    return {
        "study": "discovery",
        "name": "small",
        "dataset": "digits",
        "images": 128,
        "network": {"use": "mlp", "width": 16, "depth": 1},
        "tasks": ["parity", "identity"],
        "discover": [{"as": "found", "tasks": 2, **QUICK}],
        "train": {"epochs": 6},
        "seeds": 2,
        "judges": 2,
    } | changes


def run(document: dict[str, Any], place: Path) -> taskspace.Run:
    """Run a job in a folder of its own."""
    return taskspace.run(document, store=place / "store", runs=place / "runs", executor="inline")


def arrays_of(made: taskspace.Run) -> dict[str, np.ndarray]:
    """Return what the run keeps for its report and for other jobs."""
    return dict(np.load(made.folder / "arrays.npz"))

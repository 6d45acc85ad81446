"""What a result shows of single test images: labels, and what arms predict."""

from __future__ import annotations

import numpy as np

from taskspace.studies.cotraining.job import INPUT, TRUTH
from taskspace.studies.cotraining.plan.arms import ArmTraining
from taskspace.studies.cotraining.plan.state import CotrainingState


def previews(
    state: CotrainingState,
) -> tuple[dict[str, np.ndarray], dict[str, dict[str, list[str]]]]:
    """Return pictures, uint8 [n, 3, H, W] as `<task>/<row>`, and words by task and row.

    A row is `input`, `truth`, or an arm: all but the controls for the central task, its own for an
    auxiliary one. They are those of the first repetition that has a result, with the most labels.
    """
    pictures: dict[str, np.ndarray] = {}
    words: dict[str, dict[str, list[str]]] = {}
    for arm, trial in _first(state).items():
        stored = state.trials[trial]
        tasks = zip(stored.record["tasks"], stored.record["words"], strict=True)
        for number, (task, lines) in enumerate(tasks):
            name = task["name"]
            if not task["tested"] or (number and state.plan.arms[arm].kind != "auxiliary"):
                continue
            rows = {INPUT: "input", TRUTH: "truth", arm: "predicted"}
            for row, kind in rows.items():
                if kind in lines:
                    words.setdefault(name, {})[row] = lines[kind]
                else:
                    pictures[f"{name}/{row}"] = stored.array(f"{kind}{number}")
    return pictures, words


def _first(state: CotrainingState) -> dict[str, ArmTraining]:
    """Return the training of each arm that is shown; controls are not."""
    chosen: dict[str, ArmTraining] = {}
    for trial in state.trials:
        best = chosen.get(trial.arm)
        if state.plan.arms[trial.arm].kind == "control":
            continue
        if best is None or (trial.labels or 0) > (best.labels or 0):
            chosen[trial.arm] = trial
    return chosen

"""A zero-shot result that no training made, with the arrays of its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from taskspace.studies.zeroshot.result.comparison import differences, summaries
from taskspace.studies.zeroshot.result.model import MethodRecord, ZeroshotResult, ZeroshotTrial

FIELDS = ("attribute", "object")
ATTRIBUTES = ("red", "wooden", "striped", "wet")
OBJECTS = ("table", "sofa", "lamp")
PAIRS = [[attribute, thing] for attribute in ATTRIBUTES for thing in OBJECTS]
UNSEEN = (1, 3, 8, 10)

METHODS: dict[str, tuple[str, str | None, float]] = {
    "ss": ("generator", "ss", 0.35),
    "uds": ("generator", "uds", 0.45),
    "tds": ("generator", "tds", 0.60),
    "prototype": ("classifier", "nearest_prototype", 0.50),
    "oracle": ("oracle", None, 0.90),
}
"""By name: kind, component and about which share of unseen images is named right."""


def phase(unseen: float) -> dict[str, Any]:
    """What a method is worth that names this share of unseen images."""
    rising = [0.0, unseen / 2, unseen]
    return {
        "images": {"seen": 60, "unseen": 40},
        "unseen": [unseen, min(1.0, unseen + 0.2), 1.0],
        "unseen_by_pair": unseen,
        "words": [unseen, min(1.0, unseen + 0.1)],
        "auc": [unseen / 2, unseen / 1.5, unseen],
        "best_seen": 0.8,
        "best_unseen": unseen,
        "harmonic_mean": unseen / 2,
        "geometric_mean": unseen / 1.9,
        "curve": {"bias": [-1.0, 0.5, 1000.0], "seen": [0.8, 0.6, 0.0], "unseen": rising},
    }


def trial(method: str, repetition: int, unseen: float, **more: Any) -> ZeroshotTrial:
    """A training with this accuracy on unseen compositions."""
    own = {"method": method, "vectors": "own", "repetition": repetition}
    return ZeroshotTrial.model_validate(own | {"evaluation": {"test": phase(unseen)}} | more)


def learned(seed: int) -> dict[str, Any]:
    """What a generator's training records beside its evaluation."""
    losses = {"step": [10, 20, 30], "critic": [-1.0, -2.0, -2.5], "slope": [0.5, 0.8, 1.0]}
    losses |= {"adversarial": [0.1, 0.2, 0.3], "classification": [2.0, 1.5, 1.0 + seed]}
    quality = {"compositions": 4, "own_centroid": 0.7, "real_spread": 2.0, "generated_spread": 0.5}
    losses["clustering"] = [1.0, 0.9, 0.8]
    return {"quality": quality, "slope": 1.0 + 0.02 * seed, "losses": losses}


def sample_trials(repetitions: int = 3) -> list[ZeroshotTrial]:
    """All methods, and the controls of `tds`."""
    rng = np.random.default_rng(0)
    trials = []
    for seed in range(repetitions):
        for name, (kind, _, share) in METHODS.items():
            more = learned(seed) if kind == "generator" else {}
            trials.append(trial(name, seed, share + 0.02 * rng.random(), **more))
        for vectors, share in (("exchanged", 0.24), ("shuffled", 0.30)):
            value = share + 0.02 * (seed - 0.5)
            trials.append(trial("tds", seed, value, vectors=vectors))
    return trials


def sample_result(trials: Sequence[ZeroshotTrial] | None = None, **changes: Any) -> ZeroshotResult:
    """The result of a job with these trainings, compared as a job compares them."""
    made = sample_trials() if trials is None else list(trials)
    methods = [
        MethodRecord.model_validate({"name": name, "kind": kind, "component": component})
        for name, (kind, component, _) in METHODS.items()
    ]
    counts = [
        {"repetition": seed, "seen": 8, "unseen": 4, "untaught": 0, "chance": {"test": 0.25},
         "images": {"train": 1200, "val": 0, "test": 100}}
        for seed in range(3)
    ]  # fmt: skip
    fields: Mapping[str, Any] = {
        "study": "zeroshot", "name": "sample", "seed": 0, "fields": list(FIELDS),
        "dataset": "compositions", "split": None,
        "encoder": {"name": "efficientnet_lite", "starts_from": "ImageNet", "learns": False},
        "lexicon": "glove", "alike": [],
        "interval": "95 % intervals by Student's t over repetitions", "compositions": counts,
        "pairs": PAIRS, "methods": methods, "trials": made, "summary": summaries(made, FIELDS),
        "differences": differences(made, methods), "missing": [],
    }  # fmt: skip
    return ZeroshotResult.model_validate({**fields, **changes})


def sample_arrays() -> dict[str, np.ndarray]:
    """Maps of `uds` and `tds`, and what `tds` predicts for ten images of each unseen pair."""
    rng = np.random.default_rng(1)
    pairs = np.repeat(UNSEEN, 10)
    centres = rng.normal(0, 30, (len(PAIRS), 2))
    arrays: dict[str, np.ndarray] = {}
    for name in ("uds", "tds"):
        for part in ("real", "generated", "noise"):
            middle = 0.0 if (name, part) == ("uds", "noise") else centres[pairs]
            arrays[f"map/{name}/tsne/{part}"] = middle + rng.normal(0, 5, (len(pairs), 2))
            arrays[f"map/{name}/tsne/{part}_pair"] = pairs
    predicted = pairs.copy()
    predicted[:4] = 10  # of `red sofa`, four are taken for `wet sofa`
    arrays["example/image"] = rng.integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    arrays["example/place"] = np.array([0, 10, 20, 39])
    arrays["prediction/truth"] = pairs
    arrays["prediction/by/tds"] = predicted
    arrays["prediction/by/oracle"] = pairs
    return arrays

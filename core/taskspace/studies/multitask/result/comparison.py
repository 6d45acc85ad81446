"""The trainings of a job compared: means, paired differences, the frontier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from taskspace.studies.multitask.result.statistics import Interval, dominated_by, interval

Rows = Sequence[Mapping[str, Any]]


def summaries(rows: Rows) -> list[dict[str, Any]]:
    """Return each scheme on each number of samples, over repetitions, by each rule."""
    found = []
    for size in _distinct(rows, "size"):
        for scheme in _distinct(rows, "scheme"):
            own = [row for row in rows if (row["scheme"], row["size"]) == (scheme, size)]
            if own:
                found.append(_summary(own))
    return found


def _summary(own: Rows) -> dict[str, Any]:
    tasks = range(len(_first(own[0])["metric"]))
    return {
        "scheme": own[0]["scheme"],
        "size": own[0]["size"],
        "repetitions": len(own),
        "rule": own[0]["rule"],
        "experts": own[0]["experts"],
        "parameters": own[0]["parameters"],
        "expected": _over(own, lambda row: float(np.mean(np.sum(row["expected"], axis=0)))),
        "multiply_adds": _over(own, lambda row: row["multiply_adds"]),
        "deployed": _over(own, lambda row: float(np.mean(row["deployed"]))),
        "rules": {
            rule: {
                "mean": _over(own, lambda row, rule=rule: row["rules"][rule]["mean"]),
                "delta_m": _over(own, lambda row, rule=rule: row["rules"][rule]["delta_m"]),
                "metric": [
                    _over(own, lambda row, rule=rule, t=task: row["rules"][rule]["metric"][t])
                    for task in tasks
                ],
                "kept": _over(
                    own, lambda row, rule=rule: float(np.mean(_kept(row["rules"][rule])))
                ),
                "multiply_adds": _over(
                    own, lambda row, rule=rule: row["rules"][rule]["multiply_adds"]
                ),
            }
            for rule in own[0]["rules"]
        },
    }


def _kept(evaluation: Mapping[str, Any]) -> np.ndarray:
    """Return how many experts each task keeps, over all layers [N]."""
    kept: np.ndarray = np.sum(evaluation["kept"], axis=0)
    return kept


def score_name(rows: Rows) -> str | None:
    """Return by what schemes are compared: `mean`, or `delta_m` where metrics differ."""
    for name in ("mean", "delta_m"):
        if any(_first(row)[name] is not None for row in rows):
            return name
    return None


def differences(rows: Rows) -> list[dict[str, Any]]:
    """Return the paired difference of every two schemes on each number of samples.

    Pairs are repetitions: the same samples in the same order, and the same start of the generator.
    """
    score = score_name(rows)
    if score is None:
        return []
    found = []
    for size in _distinct(rows, "size"):
        by_scheme: dict[str, dict[int, float]] = {}
        for row in rows:
            if row["size"] == size and _first(row)[score] is not None:
                by_scheme.setdefault(row["scheme"], {})[row["seed"]] = _first(row)[score]
        for first, second in combinations(by_scheme, 2):
            seeds = sorted(by_scheme[first].keys() & by_scheme[second].keys())
            if seeds:
                gaps = [by_scheme[first][seed] - by_scheme[second][seed] for seed in seeds]
                between = {"first": first, "second": second}
                found.append({"size": size, **between, **_as_json(interval(gaps))})
    return found


def frontier(summary: Rows, score: str | None, *, rising: bool) -> list[dict[str, Any]]:
    """Return cost and score of each scheme on the most samples, and what dominates it.

    Cost is the multiply-adds of experts for a test sample.
    """
    size = max((row["size"] for row in summary), default=None)
    points: dict[str, tuple[float, float]] = {}
    for row in summary:
        found = _first(row)
        if row["size"] == size and score is not None and found[score] is not None:
            points[row["scheme"]] = (found["multiply_adds"]["mean"], found[score]["mean"])
    beaten = dominated_by(points, rising=rising)
    return [
        {"scheme": name, "multiply_adds": cost, "score": value, "dominated_by": beaten[name]}
        for name, (cost, value) in points.items()
    ]


def _first(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a row says by the first rule."""
    found: Mapping[str, Any] = row["rules"][row["rule"]]
    return found


def _over(rows: Rows, value: Callable[..., float | None]) -> dict[str, Any] | None:
    """Return the interval of a value over repetitions; None where none has it."""
    values = [found for row in rows if (found := value(row)) is not None]
    return _as_json(interval(values)) if values else None


def _as_json(found: Interval) -> dict[str, Any]:
    return found._asdict()


def _distinct(rows: Rows, key: str) -> list[Any]:
    return list(dict.fromkeys(row[key] for row in rows))

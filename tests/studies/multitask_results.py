"""Results of multitask jobs that no training made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskspace.studies.multitask.result.comparison import differences, frontier, summaries
from taskspace.studies.multitask.result.model import MultitaskResult, SchemeRecord, TrialRecord


def trial_record(
    scheme: str,
    seed: int,
    *,
    size: int = 100,
    mean: float | None = None,
    delta_m: float | None = None,
    cost: float = 1.0,
    experts: Sequence[int] = (4,),
) -> TrialRecord:
    """A training of one task whose scores are given."""
    value = mean if delta_m is None else delta_m
    rule = {"metric": [value], "loss": [0.0], "mean": mean, "delta_m": delta_m}
    rule |= {"kept": [[1]] * len(experts), "multiply_adds": cost}
    return TrialRecord.model_validate(
        {
            "scheme": scheme, "size": size, "seed": seed, "rule": "task", "rules": {"task": rule},
            "expected": [[1.0]] * len(experts), "experts": list(experts), "multiply_adds": cost,
            "deployed": [3], "parameters": 10, "curve": {"loss": [], "metric": [], "step": []},
        }
    )  # fmt: skip


def multitask_result(
    schemes: Sequence[SchemeRecord],
    trials: Sequence[TrialRecord],
    *,
    metric: str | None = "accuracy",
    score: str | None = "mean",
    tasks: Sequence[str] = ("t",),
    similarity: Sequence[Mapping[str, Any]] = (),
) -> MultitaskResult:
    """The result of a job with these trainings, compared as a job compares them."""
    summary, rising = summaries(trials), score == "delta_m" or metric == "accuracy"
    score = score if trials else None
    return MultitaskResult.model_validate(
        {
            "study": "multitask", "name": "compared", "seed": 0, "metric": metric, "score": score,
            "rising": rising, "interval": "95 % intervals", "samples": {"train": 90, "test": 10},
            "tasks": [
                {"name": name, "metric": "accuracy", "train": 90, "test": 10, "base_rate": None}
                for name in tasks
            ],
            "schemes": schemes, "rules": ["task"], "trials": trials, "summary": summary,
            "differences": differences(trials),
            "frontier": frontier(summary, score, rising=rising),
            "similarity": similarity, "missing": [],
        }
    )  # fmt: skip

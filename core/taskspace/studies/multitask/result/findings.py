"""What a reader must know of a multitask result: warnings, the verdict, then notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from taskspace.components import Finding
from taskspace.learning.missing import missing_finding
from taskspace.studies.multitask.result.contrasts import contrasts, one_repetition
from taskspace.studies.multitask.result.gates import REACH, UnmovedGates, unmoved_gates
from taskspace.studies.multitask.result.model import MultitaskResult
from taskspace.studies.multitask.result.tables import largest_summaries
from taskspace.studies.multitask.result.verdict import listed, verdict_finding


def multitask_findings(
    result: MultitaskResult, artifacts: Mapping[str, np.ndarray]
) -> Iterator[Finding]:
    """Yield the findings of a result.

    Args:
        artifacts: its arrays, gate probabilities among them; see `gate_array`.
    """
    if result.missing:
        yield missing_finding(result.missing)
    for task in result.tasks:
        if task.test == 0:
            yield Finding(
                "task-untested",
                "warning",
                f"No test sample has a label of the task {task.name}; the means leave it out.",
            )
    if result.score is None and result.trials:
        yield Finding(
            "no-score",
            "warning",
            "The tasks have different metrics and no scheme is `separate`, so schemes cannot be "
            "compared. Add `separate` to `schemes`.",
        )
    unmoved = unmoved_gates(result, artifacts)
    if unmoved:
        yield _unmoved_finding(result, unmoved)
    verdict = verdict_finding(result)
    if verdict is not None:
        yield verdict
    single = any(row.repetitions == 1 for row in result.summary)
    if single and not one_repetition(contrasts(result)):
        yield Finding(
            "one-repetition", "note", "One repetition has no interval; set `seeds` to 3 or more."
        )


def _unmoved_finding(result: MultitaskResult, unmoved: Sequence[UnmovedGates]) -> Finding:
    size = largest_summaries(result)[0].size
    names = [each.scheme for each in unmoved]
    rated = any("rate" in each.parameters for each in result.schemes if each.name in names)
    rate = " (for `routing` also its `rate`)" if rated else ""
    return Finding(
        "gates-unmoved",
        "warning",
        f"The gates of {listed(names)} have not moved with {size:,} training samples: every "
        f"probability is within {REACH} of its start, so they do not show which tasks should share "
        "experts. Train for more steps (`train.steps` or `train.epochs`) or at a higher "
        f"`train.learning_rate`{rate}.",
        (
            "Starts: 1/2, or 1/M where one of M experts is drawn. Gates that are on or off have "
            "no known start and are compared with their mean.",
            *(_range(each) for each in unmoved),
        ),
    )


def _range(unmoved: UnmovedGates) -> str:
    starts = " or ".join(f"{start:.2f}" for start in unmoved.starts) or "not known"
    return (
        f"{unmoved.scheme}: probabilities {unmoved.low:.2f} to {unmoved.high:.2f}, start {starts}"
    )

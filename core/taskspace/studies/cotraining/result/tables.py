"""The tables that the terminal and the report share."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components.page import Scalar, Table
from taskspace.learning.records import IntervalRecord
from taskspace.studies.cotraining.result.differences import LEAST
from taskspace.studies.cotraining.result.model import ArmDifference, CotrainingResult

DIGITS = 4
"""Of a difference: a test image of ten thousand is one in the last."""


def arm_table(result: CotrainingResult) -> Table:
    """Return the central metric of each arm, a column for each number of labels."""
    counts = result.label_counts()
    rows: list[Sequence[Scalar]] = []
    for arm in result.arms:
        own = {row.labels: row for row in result.summary if row.arm == arm.name}
        if own:
            values = [shown(own[count].metric) if count in own else None for count in counts]
            rows.append((arm.name, max(row.repetitions for row in own.values()), *values))
    rates = _base_rates(result) if result.central.metric == "accuracy" else {}
    if rates:
        rows.insert(0, ("(base rate)", None, *(f"{rates[n]:.3f}" for n in counts)))
    return Table(
        "arms",
        ("trained beside", "repetitions", *(f"{count:,} labels" for count in counts)),
        rows,
        f"{result.central.name} on test images: {result.central.metric}. ±: {result.interval}."
        + " base rate: accuracy of always predicting the most frequent class." * bool(rates),
    )


def difference_table(result: CotrainingResult) -> Table:
    """Return the paired differences from the baseline, and what they show."""
    rows: list[Sequence[Scalar]] = [
        (
            row.arm,
            row.labels,
            difference_with_ends(row),
            None if row.p_value is None else f"{row.p_value:.2g}",
            row.outcome,
            row.needed,
        )
        for row in result.differences
    ]
    better = "higher" if result.central.rising else "lower"
    metric = result.central.metric
    return Table(
        "differences",
        ("arm - baseline", "labels", metric, "p, corrected", "shown", "needed"),
        rows,
        f"Differences in {metric} ({better} is better), paired by repetition, with pointwise "
        f"{result.interval}. p: paired t-test, corrected for {len(result.differences)} comparisons "
        "by Holm's method. needed: repetitions that show this mean with a probability of 80 % at "
        "this spread, uncorrected.",
        keys=2,
    )


def further_table(result: CotrainingResult) -> Table:
    """Return the further central metrics of each arm, and their differences from the baseline."""
    differences = {(row.arm, row.labels, row.metric): row for row in result.further}
    rows: list[Sequence[Scalar]] = []
    for summary in result.summary:
        for metric, found in summary.further.items():
            row = differences.get((summary.arm, summary.labels, metric))
            p_value = None if row is None or row.p_value is None else f"{row.p_value:.2g}"
            ends = None if row is None else difference_with_ends(row)
            rows.append((summary.arm, summary.labels, metric, shown(found), ends, p_value))
    return Table(
        "further",
        ("trained beside", "labels", "metric", "value", "- baseline", "p, corrected"),
        rows,
        f"Further metrics of {result.central.name} on test images, each corrected for itself as "
        "above; the verdict is not about them.",
        keys=3,
    )


def difference_with_ends(row: ArmDifference) -> str:
    """Return `+0.0120 [+0.0031, +0.0209]`, the mean alone of two repetitions or one."""
    mean = f"{row.mean:+.{DIGITS}f}"
    if row.low is None or row.high is None or row.repetitions < LEAST:
        return mean
    return f"{mean} [{row.low:+.{DIGITS}f}, {row.high:+.{DIGITS}f}]"


def auxiliary_table(result: CotrainingResult) -> Table:
    """Return what each arm has learnt of its auxiliary tasks, and of how many images."""
    rows: list[Sequence[Scalar]] = []
    for row in result.summary:
        for task in result.first_of(row).tasks[1:]:
            metric = next(each.metric for each in result.auxiliary if each.name == task.name)
            value = shown(row.auxiliary.get(task.name))
            rows.append((row.arm, row.labels, task.name, metric, value, task.base_rate))
    return Table(
        "auxiliary",
        ("arm", "labels", "task", "metric", "value", "base rate"),
        rows,
        f"Auxiliary tasks on test images with their true labels, shuffled in no arm. "
        f"±: {result.interval}.",
        keys=3,
    )


def sample_table(result: CotrainingResult) -> Table:
    """Return how many images each arm saw of each task, in its first repetition."""
    rows: list[Sequence[Scalar]] = []
    for row in result.summary:
        for task in result.first_of(row).tasks:
            rows.append((row.arm, row.labels, task.name, task.images, task.seen, task.tested))
    return Table(
        "samples",
        ("arm", "labels", "task", "images", "in batches", "tested on"),
        rows,
        "Training images with a label of the task that it learnt from, images in all of its "
        "batches (repeated ones count again), and test images with its label.",
        keys=3,
    )


def shown(found: IntervalRecord | None) -> str | None:
    """Return `0.612 ± 0.021`, the mean alone of two repetitions or one, None without a value.

    Its spaces are such that no line ends at them.
    """
    if found is None:
        return None
    mean = f"{found.mean:.3f}"
    if found.high is None or found.repetitions < LEAST:
        return mean
    return f"{mean}\u00a0±\u00a0{found.high - found.mean:.3f}"


def _base_rates(result: CotrainingResult) -> dict[int, float]:
    """Return the base rate of the central task by number of labels; empty without classes."""
    return {
        trial.labels: float(trial.central.base_rate)
        for trial in result.trials
        if trial.central.base_rate is not None
    }

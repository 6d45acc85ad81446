"""The figures of a comparison: differences from the baseline, and how arms learn."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components.exchanged.intervals import IntervalRow, Intervals
from taskspace.components.page import Block, Curve, Plot
from taskspace.studies.cotraining.result.differences import LEAST
from taskspace.studies.cotraining.result.model import ArmDifference, ArmTrial, CotrainingResult


def difference_figure(result: CotrainingResult) -> Plot | Intervals:
    """Return the difference of each arm from the baseline with its interval, by labels if several.

    With less than three repetitions it has no intervals: two values say nothing of a spread.
    """
    better = "above 0" if result.central.rising else "below 0"
    caption = (
        f"Difference in {result.central.metric} of {result.central.name} on test images, "
        f"paired by repetition; {better} an auxiliary task helps. Pointwise {result.interval}."
    )
    title = f"{result.central.metric} - baseline"
    if len(result.label_counts()) == 1:
        rows = [IntervalRow(row.arm, row.mean, *_ends(row)) for row in result.differences]
        return Intervals("differences-plot", rows, title, caption, mark=0.0)
    curves = []
    for arm in result.arms:
        rows_of = [row for row in result.differences if row.arm == arm.name]
        if rows_of:
            ends = [_ends(row) for row in rows_of]
            curves.append(
                Curve(
                    arm.name,
                    [row.labels for row in rows_of],
                    [row.mean for row in rows_of],
                    low=[low for low, _ in ends],
                    high=[high for _, high in ends],
                )
            )
    return Plot("differences-plot", curves, "images with a central label", title, caption=caption)


def _ends(row: ArmDifference) -> tuple[float | None, float | None]:
    return (row.low, row.high) if row.repetitions >= LEAST else (None, None)


def loss_plot(result: CotrainingResult) -> list[Block]:
    """Return the training loss of the central task by step, with the most labels."""
    groups = _largest(result)
    curves = [
        Curve(name, own[0].curve.step, _means([[p[0] for p in t.curve.loss] for t in own]))
        for name, own in groups.items()
    ]
    if not curves:
        return []
    count = result.label_counts()[-1]
    caption = f"Training loss of {result.central.name} with {count:,} labels, mean of repetitions."
    return [Plot("training-loss", curves, "step", "loss", caption=caption)]


def test_plot(result: CotrainingResult) -> list[Block]:
    """Return the central metric on test images by step; empty where the job asks for none."""
    curves = [
        Curve(name, own[0].curve.step, _means([trial.curve.metric for trial in own]))
        for name, own in _largest(result).items()
        if own[0].curve.metric
    ]
    if not curves:
        return []
    title = result.central.metric
    caption = (
        f"{title.capitalize()} of {result.central.name} on test images while it learns. Not used "
        "for selection: results are those after the last step."
    )
    return [Plot("on-the-way", curves, "step", title, caption=caption)]


def _largest(result: CotrainingResult) -> dict[str, list[ArmTrial]]:
    """Return the trainings of each arm with the most labels."""
    groups: dict[str, list[ArmTrial]] = {}
    for trial in result.trials:
        if trial.labels == result.label_counts()[-1]:
            groups.setdefault(trial.arm, []).append(trial)
    return groups


def _means(curves: Sequence[Sequence[float | None]]) -> list[float | None]:
    """Return the mean over repetitions at each point, None where one has no value."""
    means: list[float | None] = []
    for values in zip(*curves, strict=True):
        known = [value for value in values if value is not None]
        means.append(sum(known) / len(known) if len(known) == len(values) else None)
    return means

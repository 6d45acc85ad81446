"""The ladder as a picture: a rung a set, with every repetition."""

from __future__ import annotations

from taskspace.components.exchanged.intervals import IntervalRow, Intervals
from taskspace.studies.discovery.result.ladder import mean_agreement
from taskspace.studies.discovery.result.model import DiscoveryResult


def ladder_plot(result: DiscoveryResult) -> Intervals:
    """Return the mean agreement of each rung, and that of each repetition as a small point."""
    rows = []
    for rung in result.rungs:
        points = [mean_agreement(each) for each in result.sets if each.name == rung.name]
        rows.append(IntervalRow(rung.name, sum(points) / len(points), points=points))
    return Intervals(
        "ladder-plot",
        rows,
        "agreement score",
        caption="Mean agreement score of each set of tasks, the highest first; a small point a "
        "repetition.",
    )

"""The ladder as a picture: a rung a set, with every repetition."""

from __future__ import annotations

from taskspace.components.page import PointGroup, Scatter
from taskspace.studies.discovery.result.ladder import mean_agreement
from taskspace.studies.discovery.result.model import DiscoveryResult


def ladder_plot(result: DiscoveryResult) -> Scatter:
    """Return mean agreement by rung, a point a repetition."""
    groups = []
    for place, rung in enumerate(result.rungs, start=1):
        own = [each for each in result.sets if each.name == rung.name]
        points = [(float(place), mean_agreement(each)) for each in own]
        names = [f"{rung.name}, repetition {each.seed}" for each in own]
        groups.append(PointGroup(rung.name, points, names))
    return Scatter(
        "ladder-plot",
        groups,
        caption="Mean agreement score of each set of tasks, a point a repetition.",
        x_title="rung, highest first",
        y_title="agreement score",
    )

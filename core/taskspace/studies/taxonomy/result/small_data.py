"""Whether there is enough data to decide: too few test images, labels in unwieldy units."""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.components import Finding
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.result.model import TaxonomyResult

MOST_NAMED = 12
OFF_CENTRE = 2.0
NARROW, WIDE = 0.1, 10.0
"""Deviations of a regression's targets, in units that networks learn, that cost accuracy."""


def small_data_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Say where an interval is too wide to decide, and which targets are not standardised."""
    yield from _undecided(result)
    yield from _not_standardised(result)


def _undecided(result: TaxonomyResult) -> Iterator[Finding]:
    """Name the comparisons whose interval holds 0, with the number of images that would do."""
    lines = []
    for row in result.evidence:
        if row.mean > 0 and row.low <= 0:
            number = "no number" if row.needed is None else f"about {row.needed:,}"
            how = row.competitor.replace(SUPERVISED, "its own network")
            lines.append(f"{row.target} by {how}: {row.images} test images; {number} would do")
    if lines:
        more = [f"and {len(lines) - MOST_NAMED} more"] if len(lines) > MOST_NAMED else []
        yield Finding(
            "interval-too-wide",
            "warning",
            f"Too few test images to decide, for {len(lines)} of {len(result.evidence)} "
            "transfers and networks, whether they are better than their target's floor.",
            (*lines[:MOST_NAMED], *more),
        )


def _not_standardised(result: TaxonomyResult) -> Iterator[Finding]:
    lines = []
    for task in result.tasks:
        trained = task.labels["train"] if task.scalable and task.labels else None
        for mean, deviation in zip(trained.mean, trained.deviation, strict=True) if trained else ():
            if abs(mean) > OFF_CENTRE or not NARROW <= deviation <= WIDE:
                lines.append(
                    f"{task.name}: mean {mean:.3g}, deviation {deviation:.3g} in the units that "
                    "networks learn"
                )
    if lines:
        yield Finding(
            "targets-not-standardised",
            "warning",
            "Regression targets that are not standardised, which costs accuracy: set `offset` to "
            "the mean of the field and `scale` to its deviation.",
            tuple(lines),
        )

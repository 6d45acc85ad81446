"""Methods on the page: what their choices lose, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components.page import Block, Curve, Plot, Text
from taskspace.studies.recommend.result.model import RecommendResult, TriedRecord
from taskspace.studies.recommend.result.tables import method_table, setting

MOST_CURVES = 8
CLOSE = 0.01
"""Of the height of a plot: curves that are nowhere further apart are drawn as one."""


def method_blocks(result: RecommendResult) -> list[Block]:
    """Return the verdict and the table of methods of each setting."""
    blocks: list[Block] = []
    verdicts = {(own.adapt, own.images): own for own in result.verdicts}
    for adapt, images in reversed(result.settings()):
        table = method_table(result, adapt, images)
        if not table.rows:
            continue
        own = verdicts.get((adapt, images))
        if own is not None:
            blocks.append(Text(own.text, "normal" if own.winners else "warning"))
        blocks.append(table)
    return blocks


def curve_blocks(result: RecommendResult) -> list[Block]:
    """Return what is lost over how many models are really tried, a plot a setting."""
    plots: list[Block] = []
    for adapt, images in reversed(result.settings()):
        own = [c for c in result.curves if (c.adapt, c.images) == (adapt, images)]
        own = sorted(own, key=lambda each: each.relative[0].mean)[:MOST_CURVES]
        if not own or len(own[0].tried) < 2:
            continue
        drawn = _curves(own)
        joint = "; methods with the same curve share it" * (len(drawn) < len(own))
        plots.append(
            Plot(
                f"tried-{adapt}-{images}",
                drawn,
                "models really tried",
                "relative error over the best, %",
                f"The best of the first k models of each ranking{setting(images, adapt)}; mean "
                f"over tasks{joint}.",
            )
        )
    return plots


def _curves(tried: Sequence[TriedRecord]) -> list[Curve]:
    """Return the curves; those that would hide each other are one with the names of all."""
    top = max(span.mean for each in tried for span in each.relative) or 1.0
    alike: dict[tuple[int, ...], list[TriedRecord]] = {}
    for each in tried:
        height = tuple(round(span.mean / top / CLOSE) for span in each.relative)
        alike.setdefault(height, []).append(each)
    return [
        Curve(
            ", ".join(each.name for each in same),
            same[0].tried,
            [span.mean for span in same[0].relative],
        )
        for same in alike.values()
    ]

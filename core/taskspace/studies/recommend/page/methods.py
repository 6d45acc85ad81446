"""Methods on the page: what their choices lose, and the verdict."""

from __future__ import annotations

from taskspace.components.page import Block, Curve, Plot, Text
from taskspace.studies.recommend.result.model import RecommendResult
from taskspace.studies.recommend.result.tables import ADAPTED, method_table

MOST_CURVES = 8


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
        plots.append(
            Plot(
                f"tried-{adapt}-{images}",
                [
                    Curve(each.name, each.tried, [span.mean for span in each.relative])
                    for each in own
                ],
                "models really tried",
                "relative error over the best, %",
                f"The best of the first k models of each ranking, {images} labelled images, "
                f"{ADAPTED[adapt]}; mean over tasks.",
            )
        )
    return plots

"""Which function draws which block."""

from __future__ import annotations

from typing import assert_never

from taskspace.components.exchanged.intervals import Intervals
from taskspace.components.page import (
    Block,
    Dendrogram,
    Figures,
    Heatmap,
    ImageGrid,
    Plot,
    PolicyGraph,
    Scatter,
    Table,
    Text,
)
from taskspace.report.blocks.dendrogram import draw_dendrogram
from taskspace.report.blocks.heatmap import draw_heatmap
from taskspace.report.blocks.image_grid import draw_image_grid
from taskspace.report.blocks.intervals import draw_intervals
from taskspace.report.blocks.plot import draw_plot
from taskspace.report.blocks.policy_graph import draw_policy_graph
from taskspace.report.blocks.scatter import draw_scatter
from taskspace.report.blocks.table import draw_table
from taskspace.report.blocks.text import draw_figures, draw_text
from taskspace.report.frame import Ids
from taskspace.report.markup import Markup


def draw(block: Block, ids: Ids) -> Markup:
    """Return the HTML of a block; `ids` are those of the page it stands in."""
    match block:
        case Text():
            drawn = draw_text(block)
        case Figures():
            drawn = draw_figures(block)
        case Table():
            drawn = draw_table(block, ids)
        case Heatmap():
            drawn = draw_heatmap(block, ids)
        case Dendrogram():
            drawn = draw_dendrogram(block, ids)
        case PolicyGraph():
            drawn = draw_policy_graph(block, ids)
        case Plot():
            drawn = draw_plot(block, ids)
        case Intervals():
            drawn = draw_intervals(block, ids)
        case Scatter():
            drawn = draw_scatter(block, ids)
        case ImageGrid():
            drawn = draw_image_grid(block, ids)
        case _:
            assert_never(block)
    return drawn

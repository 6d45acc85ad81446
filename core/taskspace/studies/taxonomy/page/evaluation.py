"""Gain and quality in the report: by budget and by order (Fig. 9), and of novel tasks (Fig. 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskspace.components.page import Block, Curve, Figures, Heatmap, Plot
from taskspace.studies.taxonomy.plan.cells import label
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.result.evaluation_tables import novel_loss_table, order_table

STATISTICS = ("gain", "quality")
MEAN = "mean over targets"
_RIVALS = {"random_projection": "an untrained encoder", "supervised": "full supervision"}


def gain_and_quality(result: Mapping[str, Any]) -> list[Block]:
    """Return test gain and quality of every target by budget, then by order."""
    rows = {
        (row["target"], SUPERVISED if row["supervised"] else label(row["sources"])): row["test"]
        for row in result.get("transfers", ())
        if row["test"]
    }
    policies = [policy for policy in result["policies"] if policy["transfers"]]
    orders = result.get("orders", [])
    blocks: list[Block] = []
    if rows and policies:
        blocks += [
            _grid(rows, policies, statistic, "budget", "under each budget's policy")
            for statistic in STATISTICS
        ]
    if rows and orders:
        blocks += [_order_plot(orders)] if len(orders) > 1 else []
        blocks.append(order_table(result))
        blocks += [
            _grid(
                rows,
                orders,
                statistic,
                "order",
                "by its best transfer of at most each order, chosen by affinity",
            )
            for statistic in STATISTICS
        ]
    return blocks


def _grid(
    rows: Mapping[tuple[str, str], Mapping[str, Any]],
    columns: Sequence[Mapping[str, Any]],
    statistic: str,
    axis: str,
    how: str,
) -> Heatmap:
    """Return a heat map of targets by columns, each with `transfers` and the mean of them."""
    targets = sorted({target for column in columns for target in column["transfers"]})
    matrix: list[list[float | None]] = []
    for target in targets:
        line: list[float | None] = []
        for column in columns:
            sources = column["transfers"].get(target, [])
            name = SUPERVISED if sources == [target] else label(sources)
            interval = rows.get((target, name), {}).get(statistic)
            line.append(interval[0] if interval else None)
        matrix.append(line)
    matrix.append([column[f"mean_{statistic}"] for column in columns])
    return Heatmap(
        f"{statistic}-by-{axis}",
        [*targets, MEAN],
        [f"{column[axis]:g}" for column in columns],
        matrix,
        caption=f"Test {statistic} of each target {how}.",
        row_title="target",
        column_title=axis,
        low=0.0,
        high=1.0,
        middle=0.5,
    )


def _order_plot(orders: Sequence[Mapping[str, Any]]) -> Plot:
    curves = [
        Curve(
            statistic,
            [row["order"] for row in orders],
            [row[f"mean_{statistic}"] for row in orders],
            low=[_end(row[f"{statistic}_interval"], 0) for row in orders],
            high=[_end(row[f"{statistic}_interval"], 1) for row in orders],
        )
        for statistic in STATISTICS
    ]
    return Plot(
        "by-order",
        curves,
        "order up to",
        "mean win rate",
        caption="Mean test gain and quality of the best transfers of at most each order, every "
        "target served by others; intervals are over images.",
    )


def _end(interval: Sequence[float] | None, end: int) -> float | None:
    return interval[end] if interval else None


def novel_tasks(result: Mapping[str, Any]) -> list[Block]:
    """Return how each target fares as a new task with few labels: win rates and losses."""
    novel = result.get("novel")
    if not novel:
        return []
    means = novel["mean_wins"]
    return [
        Figures(
            [
                (
                    f"beats {_RIVALS.get(rival, rival)}",
                    f"{100 * means[rival][0]:.0f} %",
                    f"of test images, mean over targets; 95 % interval {100 * means[rival][1]:.0f} "
                    f"to {100 * means[rival][2]:.0f}",
                )
                for rival in ("scratch", "random_projection", "supervised")
                if means.get(rival)
            ]
        ),
        _wins(novel),
        novel_loss_table(novel),
    ]


def _wins(novel: Mapping[str, Any]) -> Heatmap:
    """Return the share of test images on which each transfer beats each rival."""
    rivals = list(novel["mean_wins"])
    rows = [[_rate(row["wins"].get(rival)) for rival in rivals] for row in novel["targets"]]
    return Heatmap(
        "novel-wins",
        [*(row["target"] for row in novel["targets"]), MEAN],
        rivals,
        [*rows, [_rate(novel["mean_wins"][rival]) for rival in rivals]],
        caption="Each target as if it were new: few labels, no network of its own. The share of "
        "test images on which its best transfer from all other tasks beats training from scratch "
        "on the same images, a readout on one encoder alone, and full supervision.",
        row_title="target",
        column_title="rival",
        low=0.0,
        high=1.0,
        middle=0.5,
    )


def _rate(interval: Sequence[float] | None) -> float | None:
    return interval[0] if interval else None

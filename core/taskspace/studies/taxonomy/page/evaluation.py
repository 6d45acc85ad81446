"""Gain and quality in the report: by budget and by order (Fig. 9), and of novel tasks (Fig. 10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from taskspace.components.page import Block, Curve, Figures, Heatmap, Plot
from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.plan.cells import label
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, competitor_name
from taskspace.studies.taxonomy.result.model import (
    FloorRecord,
    HeldBackScores,
    NovelRecord,
    OrderRecord,
    TaxonomyResult,
)
from taskspace.studies.taxonomy.result.policy_model import STATISTICS, BudgetPolicy, Interval3
from taskspace.studies.taxonomy.result.tables import novel_loss_table, order_table, over

MEAN = "mean over targets"
_RIVALS = {"random_projection": "an untrained encoder", "supervised": "full supervision"}


def gain_and_quality(result: TaxonomyResult) -> list[Block]:
    """Return test gain and quality of every target by budget, then by order."""
    rows = {
        (row.target, SUPERVISED if row.supervised else label(row.sources)): row.test
        for row in result.transfers
        if row.test.model_fields_set
    }
    floors = {task.name: task.floor for task in result.tasks if task.floor}
    blocks: list[Block] = []
    if rows and result.decided:
        policies = [(policy.budget, policy) for policy in result.decided]
        how = "under each budget's policy; of one that is not served, that of its floor"
        blocks += _grids(rows, policies, "budget", how, floors)
    if rows and result.orders:
        orders = [(row.order, row) for row in result.orders]
        how = "by its best transfer of at most each order, chosen by affinity"
        blocks += [_order_plot(result)] if len(orders) > 1 else []
        blocks += [order_table(result), *_grids(rows, orders, "order", how, floors)]
    return blocks


def _grids(
    rows: Mapping[tuple[str, str], HeldBackScores],
    columns: Sequence[tuple[float, BudgetPolicy | OrderRecord]],
    axis: str,
    how: str,
    floors: Mapping[str, FloorRecord],
) -> Iterator[Heatmap]:
    """Yield a heat map of gain and one of quality, targets by columns.

    Args:
        rows: of the competitors, by target and name.
        columns: the number that heads each, and what serves the targets.
        floors: what the targets have that nothing serves; the means hold them too.
    """
    targets = sorted({target for _, column in columns for target in column.transfers})
    for statistic in STATISTICS:
        matrix: list[list[float | None]] = []
        for target in targets:
            line: list[float | None] = []
            for _, column in columns:
                name = competitor_name(target, column.transfers.get(target, ()))
                if name == FLOOR and target in column.transfers and target in floors:
                    line.append(floors[target].by(statistic))
                else:
                    line.append(_rate(rows.get((target, name), HeldBackScores()).by(statistic)))
            matrix.append(line)
        yield Heatmap(
            f"{statistic}-by-{axis}",
            [*targets, MEAN],
            [f"{head:g}" for head, _ in columns],
            [*matrix, [column.by(statistic).mean for _, column in columns]],
            caption=f"Test {statistic} of each target {how}.",
            row_title="target",
            column_title=axis,
            low=0.0,
            high=1.0,
            middle=0.5,
        )


def _order_plot(result: TaxonomyResult) -> Plot:
    orders = result.orders
    curves = [
        Curve(
            statistic,
            [row.order for row in orders],
            [row.by(statistic).mean for row in orders],
            low=[row.by(statistic).low for row in orders],
            high=[row.by(statistic).high for row in orders],
        )
        for statistic in STATISTICS
    ]
    return Plot(
        "by-order",
        curves,
        "order up to",
        "mean win rate",
        caption="Mean test gain and quality of the best transfers of at most each order, every "
        f"target served by others; 95 % intervals over {over(result)}.",
    )


def novel_tasks(novel: NovelRecord | None) -> list[Block]:
    """Return how each target fares as a new task with few labels: win rates and losses."""
    if novel is None:
        return []
    return [
        Figures(
            [
                (
                    f"beats {_RIVALS.get(rival, rival)}",
                    f"{100 * wins[0]:.0f} %",
                    f"of test images, mean over targets; 95 % interval {100 * wins[1]:.0f} "
                    f"to {100 * wins[2]:.0f}",
                )
                for rival in ("scratch", "random_projection", "supervised")
                if (wins := novel.mean_wins.get(rival))
            ]
        ),
        _wins(novel),
        novel_loss_table(novel),
    ]


def _wins(novel: NovelRecord) -> Heatmap:
    """Return the share of test images on which each transfer beats each rival."""
    rivals = list(novel.mean_wins)
    rows = [[_rate(row.wins.get(rival)) for rival in rivals] for row in novel.targets]
    return Heatmap(
        "novel-wins",
        [*(row.target for row in novel.targets), MEAN],
        rivals,
        [*rows, [_rate(wins) for wins in novel.mean_wins.values()]],
        caption="Each target as if it were new: few labels, no network of its own. The share of "
        "test images on which its best transfer from all other tasks beats training from scratch "
        "on the same images, a readout on one encoder alone, and full supervision.",
        row_title="target",
        column_title="rival",
        low=0.0,
        high=1.0,
        middle=0.5,
    )


def _rate(interval: Interval3 | None) -> float | None:
    return interval[0] if interval else None

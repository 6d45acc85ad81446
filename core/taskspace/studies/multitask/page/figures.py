"""The figures of a comparison: by data size, by rule, by computation, by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from taskspace.components import Choice
from taskspace.components.page import Block, Curve, Heatmap, Plot, Table, Text
from taskspace.studies.multitask.result.model import (
    FrontierRecord,
    MultitaskResult,
    RuleSummary,
    SchemeSummary,
)
from taskspace.studies.multitask.result.tables import (
    ShownScore,
    largest_summaries,
    scaled,
    score_of,
)

LEARNT = 1e-9
"""By how much a rule has to change a score to be worth a picture."""


def by_size(result: MultitaskResult) -> list[Block]:
    """Return the score of each scheme by the number of training samples (Yan 2020, Fig. 3.1)."""
    if result.score is None:
        return []
    score = score_of(result)
    curves = [
        _curve(result, name, [row for row in result.summary if row.scheme == name], None)
        for name in _names(result)
    ]
    single = len({row.size for row in result.summary}) == 1
    advice = " The job trains on one size; set `sizes` to compare several." if single else ""
    caption = (
        f"{score.name.capitalize()} on test samples, by training samples; "
        f"{result.interval}.{advice}"
    )
    return [Plot("by-size", curves, "training samples", score.title, caption=caption)]


def by_rule(result: MultitaskResult) -> list[Block]:
    """Return the score by the rule that says which experts a task keeps (Yan 2020, Fig. 3.2)."""
    rules, largest = result.rules, largest_summaries(result)
    if result.score is None or len(rules) < 2:
        return []
    score = score_of(result)
    values = [_scores(result, [row.rules[rule] for rule in rules]).mean for row in largest]
    blocks: list[Block] = [
        Heatmap(
            "by-rule",
            [row.scheme for row in largest],
            rules,
            values,
            caption=f"{score.title.capitalize()}, with {largest[0].size} training samples, by "
            "the rule that says how many experts a task keeps when it is tested: `task` a number "
            "of its own, `mean` the same for all, `rounded` those of at least even odds, `all` "
            "every one.",
            row_title="scheme",
            column_title="rule",
            digits=score.digits,
        )
    ]
    for row, own in zip(largest, values, strict=True):
        numbers = [value for value in own if value is not None]
        rows = [each for each in result.summary if each.scheme == row.scheme]
        if numbers and max(numbers) - min(numbers) > LEARNT and len(rows) > 1:
            curves = [_curve(result, rule, rows, rule) for rule in rules]
            caption = f"{row.scheme}: {score.name} by training samples and rule."
            name = f"rule-{row.scheme}"
            blocks.append(Plot(name, curves, "training samples", score.title, caption=caption))
    return blocks


def frontier_blocks(result: MultitaskResult) -> list[Block]:
    """Return score against computation, a point a scheme, and which schemes are dominated."""
    points = result.frontier
    if not points:
        return []
    score = score_of(result)
    by_cost = sorted(points, key=lambda row: (row.multiply_adds, row.scheme))
    edge = [_point(row, score) for row in by_cost if row.dominated_by is None]
    curves = [_frontier_curve(result, row, score) for row in points]
    if len(edge) > 1:
        curves.append(Curve("frontier", *zip(*edge, strict=True)))
    rows = [(row.scheme, *_point(row, score), row.dominated_by) for row in by_cost]
    return [
        Plot(
            "frontier",
            curves,
            "million multiply-adds for a test sample",
            score.title,
            caption=f"{score.name.capitalize()} against computation, with "
            f"{largest_summaries(result)[0].size} training samples. Only the experts that run "
            "are counted.",
        ),
        Table(
            "frontier-points",
            ("scheme", "M multiply-adds", score.title, "dominated by"),
            rows,
            "A scheme is dominated by one that is nowhere worse and somewhere better, going by "
            "the means.",
        ),
    ]


def loss_curves(result: MultitaskResult) -> list[Block]:
    """Return the training loss by step on the most samples, and the tests on the way."""
    largest = {row.scheme: row.size for row in largest_summaries(result)}
    losses, tests = [], []
    for name, size in largest.items():
        trials = [r for r in result.trials if (r.scheme, r.size) == (name, size)]
        steps = trials[0].curve.step
        losses.append(Curve(name, steps, _means([trial.curve.loss for trial in trials])))
        if trials[0].curve.metric and result.metric is not None:
            tests.append(Curve(name, steps, _means([trial.curve.metric for trial in trials])))
    blocks: list[Block] = []
    if losses:
        caption = "Training loss, the mean over tasks and repetitions; gates are sampled."
        blocks.append(Plot("training-loss", losses, "step", "loss", caption=caption))
    if tests:
        title = f"mean {result.metric}"
        caption = f"{title.capitalize()} on test samples during training."
        blocks.append(Plot("on-the-way", tests, "step", title, caption=caption))
        blocks.append(
            Text("Not used for selection: results are those after the last step.", "note")
        )
    return blocks


def _means(curves: Sequence[Sequence[Sequence[float | None]]]) -> list[float | None]:
    """Return the mean over repetitions and tasks at each point of a curve."""
    table = np.array(curves, dtype=np.float64)
    known = ~np.isnan(table)
    totals = np.where(known, table, 0.0).sum(axis=(0, 2))
    counts = known.sum(axis=(0, 2))
    return [float(t / n) if n else None for t, n in zip(totals, counts, strict=True)]


def _curve(
    result: MultitaskResult, label: str, rows: Sequence[SchemeSummary], rule: Choice | None
) -> Curve:
    evaluations = [row.reported if rule is None else row.rules[rule] for row in rows]
    scores = _scores(result, evaluations)
    return Curve(label, [row.size for row in rows], scores.mean, low=scores.low, high=scores.high)


class _Scores(NamedTuple):
    """The score of each evaluation and its interval, as they are shown."""

    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]


def _scores(result: MultitaskResult, evaluations: Sequence[RuleSummary]) -> _Scores:
    score = score_of(result)
    intervals = [evaluation.by(result.score) for evaluation in evaluations]
    return _Scores(
        [None if each is None else scaled(each.mean, score) for each in intervals],
        [None if each is None else scaled(each.low, score) for each in intervals],
        [None if each is None else scaled(each.high, score) for each in intervals],
    )


def _frontier_curve(result: MultitaskResult, point: FrontierRecord, score: ShownScore) -> Curve:
    """Return the one point of a scheme with its interval."""
    (own,) = (row for row in largest_summaries(result) if row.scheme == point.scheme)
    scores = _scores(result, [own.reported])
    label = point.scheme + ("" if point.dominated_by is None else " (dominated)")
    cost, value = _point(point, score)
    return Curve(label, [cost], [value], low=scores.low, high=scores.high)


def _point(point: FrontierRecord, score: ShownScore) -> tuple[float, float]:
    """Return million multiply-adds, and the score as it is shown."""
    return point.multiply_adds / 1e6, score.factor * point.score


def _names(result: MultitaskResult) -> list[str]:
    return list(dict.fromkeys(row.scheme for row in result.summary))

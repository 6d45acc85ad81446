"""The figures of a comparison: by data size, by rule, by computation, by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from taskspace.components.page import Block, Curve, Heatmap, Plot, Table, Text
from taskspace.studies.multitask.tables import first_rule, largest_summaries

LEARNT = 1e-9
"""By how much a rule has to change a score to be worth a picture."""


def by_size(result: Mapping[str, Any]) -> list[Block]:
    """Return the score of each scheme by the number of training samples (Yan 2020, Fig. 3.1)."""
    score = result["score"]
    sizes = sorted({row["size"] for row in result["summary"]})
    if score is None:
        return []
    curves = [
        _curve(name, [row for row in result["summary"] if row["scheme"] == name], score, None)
        for name in _names(result)
    ]
    said = "" if len(sizes) > 1 else " One size was asked for; `sizes` in the job asks for more."
    caption = (
        f"{_title(result).capitalize()} on test samples, by training samples; "
        f"{result['interval']}.{said}"
    )
    return [Plot("by-size", curves, "training samples", _title(result), caption=caption)]


def by_rule(result: Mapping[str, Any]) -> list[Block]:
    """Return the score by the rule that says which experts a task keeps (Yan 2020, Fig. 3.2)."""
    score, rules, largest = result["score"], result["rules"], largest_summaries(result)
    if score is None or len(rules) < 2:
        return []
    values = [
        [found["mean"] if (found := row["rules"][rule][score]) else None for rule in rules]
        for row in largest
    ]
    blocks: list[Block] = [
        Heatmap(
            "by-rule",
            [row["scheme"] for row in largest],
            rules,
            values,
            caption=f"{_title(result).capitalize()} with {largest[0]['size']} training samples, by "
            "the rule that says how many experts a task keeps when it is tested: `task` a number "
            "of its own, `mean` the same for all, `rounded` those of at least even odds, `all` "
            "every one.",
            row_title="scheme",
            column_title="rule",
            digits=3,
        )
    ]
    for row, own in zip(largest, values, strict=True):
        numbers = [value for value in own if value is not None]
        rows = [each for each in result["summary"] if each["scheme"] == row["scheme"]]
        if numbers and max(numbers) - min(numbers) > LEARNT and len(rows) > 1:
            curves = [_curve(f"{rule}", rows, score, rule) for rule in rules]
            caption = f"{row['scheme']}: {_title(result)} by training samples and rule."
            name = f"rule-{row['scheme']}"
            blocks.append(Plot(name, curves, "training samples", _title(result), caption=caption))
    return blocks


def frontier_blocks(result: Mapping[str, Any]) -> list[Block]:
    """Return score against computation, a point a scheme, and which schemes are dominated."""
    points = result["frontier"]
    if not points:
        return []
    largest = {row["scheme"]: first_rule(row)[result["score"]] for row in largest_summaries(result)}
    by_cost = sorted(points, key=lambda row: (row["multiply_adds"], row["scheme"]))
    edge = [row for row in by_cost if row["dominated_by"] is None]
    curves = [
        Curve(
            row["scheme"] + ("" if row["dominated_by"] is None else " (dominated)"),
            [row["multiply_adds"] / 1e6],
            [row["score"]],
            low=[largest[row["scheme"]]["low"]],
            high=[largest[row["scheme"]]["high"]],
        )
        for row in points
    ]
    if len(edge) > 1:
        curves.append(
            Curve("frontier", [r["multiply_adds"] / 1e6 for r in edge], [r["score"] for r in edge])
        )
    rows = [
        (row["scheme"], row["multiply_adds"] / 1e6, row["score"], row["dominated_by"])
        for row in by_cost
    ]
    return [
        Plot(
            "frontier",
            curves,
            "million multiply-adds for a test sample",
            _title(result),
            caption=f"{_title(result).capitalize()} against computation, with "
            f"{largest_summaries(result)[0]['size']} training samples. Only the experts that run "
            "are counted.",
        ),
        Table(
            "frontier-points",
            ("scheme", "M multiply-adds", _title(result), "dominated by"),
            rows,
            "A scheme is dominated by one that is nowhere worse and somewhere better, going by "
            "the means.",
        ),
    ]


def loss_curves(result: Mapping[str, Any]) -> list[Block]:
    """Return the training loss by step on the most samples, and the tests on the way."""
    largest = {row["scheme"]: row["size"] for row in largest_summaries(result)}
    losses, tests = [], []
    for name, size in largest.items():
        trials = [r for r in result["trials"] if (r["scheme"], r["size"]) == (name, size)]
        steps = trials[0]["curve"]["step"]
        losses.append(Curve(name, steps, _means(trials, "loss")))
        if trials[0]["curve"]["metric"] and result["metric"] is not None:
            tests.append(Curve(name, steps, _means(trials, "metric")))
    blocks: list[Block] = []
    if losses:
        caption = "Training loss, the mean over tasks and repetitions; gates are drawn."
        blocks.append(Plot("training-loss", losses, "step", "loss", caption=caption))
    if tests:
        caption = f"Mean {result['metric']} on test samples while networks learn."
        blocks.append(Plot("on-the-way", tests, "step", _title(result), caption=caption))
        blocks.append(Text("Nothing was chosen by these: networks end at the last step.", "note"))
    return blocks


def _means(trials: Sequence[Mapping[str, Any]], key: str) -> list[float | None]:
    """Return the mean over repetitions and tasks at each point of a curve."""
    table = np.array([trial["curve"][key] for trial in trials], dtype=np.float64)
    known = ~np.isnan(table)
    totals = np.where(known, table, 0.0).sum(axis=(0, 2))
    counts = known.sum(axis=(0, 2))
    return [float(t / n) if n else None for t, n in zip(totals, counts, strict=True)]


def _curve(label: str, rows: Sequence[Mapping[str, Any]], score: str, rule: str | None) -> Curve:
    found = [(first_rule(row) if rule is None else row["rules"][rule])[score] for row in rows]
    ends = [[None if each is None else each[end] for each in found] for end in ("low", "high")]
    values = [None if each is None else each["mean"] for each in found]
    return Curve(label, [row["size"] for row in rows], values, low=ends[0], high=ends[1])


def _names(result: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(row["scheme"] for row in result["summary"]))


def _title(result: Mapping[str, Any]) -> str:
    return "delta_m" if result["score"] == "delta_m" else f"mean {result['metric']}"

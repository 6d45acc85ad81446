"""Tables, figures and findings agree on the unit of delta_m: percent."""

from __future__ import annotations

import pytest

import taskspace
from taskspace.components.page import Heatmap, Plot
from taskspace.studies.multitask.page.figures import by_rule, by_size, frontier_blocks
from taskspace.studies.multitask.result.model import MultitaskResult


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> taskspace.Run:
    place = tmp_path_factory.mktemp("units")
    job = {
        "study": "multitask", "name": "units", "dataset": "digits",
        "tasks": ["parity", "ink_moments"], "schemes": ["shared", "separate"],
        "encoder": {"use": "mlp", "width": 8}, "train": {"steps": 12, "batch": 16},
        "sizes": [20, 60], "seeds": 2,
    }  # fmt: skip
    return taskspace.run(job, store=place / "store", runs=place / "runs", executor="inline")


@pytest.fixture(scope="module")
def shared(made) -> float:
    """The mean of delta_m of the scheme `shared` in percent, from the fractions of the result."""
    gains = [
        trial["rules"]["task"]["delta_m"]
        for trial in made.result["trials"]
        if (trial["scheme"], trial["size"]) == ("shared", 60)
    ]
    return 100 * sum(gains) / len(gains)


def test_tables_show_percent(made, shared):
    summary, _, differences = made.tables
    assert summary.columns[3] == differences.columns[2] == "delta_m, %"
    (row,) = (row for row in summary.rows if row[:2] == ("shared", 60))
    assert float(row[3].split()[0]) == pytest.approx(shared, abs=0.05)
    (row,) = differences.rows
    (stored,) = (row for row in made.result["differences"] if row["size"] == 60)
    assert row[0] == "shared - separate" and row[2] == pytest.approx(shared)
    assert row[3:5] == pytest.approx((100 * stored["low"], 100 * stored["high"]))


def test_figures_show_percent(made, shared):
    result = MultitaskResult.model_validate(made.result)
    *figures, points = [*by_size(result), *frontier_blocks(result)]
    assert all(isinstance(block, Plot) and block.y_title == "delta_m, %" for block in figures)
    for plot in figures:
        (curve,) = (each for each in plot.curves if each.label.startswith("shared"))
        assert curve.y[-1] == pytest.approx(shared)
        assert curve.low[-1] < shared < curve.high[-1]
        assert curve.low[-1] + curve.high[-1] == pytest.approx(2 * shared)
    assert points.columns[2] == "delta_m, %"
    assert [row[2] for row in points.rows if row[0] == "shared"] == pytest.approx([shared])
    (rules,) = (block for block in by_rule(result) if isinstance(block, Heatmap))
    assert rules.caption.startswith("Delta_m, %")
    assert rules.values[rules.rows.index("shared")][0] == pytest.approx(shared)


def test_the_verdict_says_percent(made, shared):
    (found,) = (each for each in made.findings if each.code == "verdict")
    assert "delta_m, %" in found.details[0]
    assert found.details[1].startswith(f"shared - separate: {shared:.2f} [")

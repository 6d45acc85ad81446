"""Intervals below each other: what is drawn where, what is absent, and what is read aloud."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable

import pytest
from report_reader import Element, saved

from taskspace.components.exchanged.intervals import IntervalRow, Intervals

Draw = Callable[..., Element]

ROWS = [
    IntervalRow("angle", -1.0, -2.0, 0.0),
    IntervalRow("distance", 1.0, points=(0.5, 1.5)),
    IntervalRow("nothing", None),
    IntervalRow("far", math.nan, -1.0, math.inf),
]


def place(mark: Element) -> tuple[float, float]:
    x, y = re.findall(r"-?[\d.]+", mark.attributes["transform"] or "")
    return float(x), float(y)


def test_values_ends_and_points_stand_on_one_scale_in_the_order_of_rows(drawn: Draw) -> None:
    [drawing] = drawn(Intervals("i", ROWS, "ap - baseline", mark=0.0)).all("div", "scroll")
    values = [place(each) for each in drawing.all("path", "mark") if each.all("title")]
    points = [place(each) for each in drawing.all("path", "mark") if not each.all("title")]
    [whisker] = drawing.all("path", "whisker")
    low, _, high = map(float, re.findall(r"-?[\d.]+", whisker.attributes["d"] or ""))
    (angle, first), (distance, second) = values
    unit = (distance - angle) / 2
    assert second > first
    assert (angle - low, high - angle) == pytest.approx((unit, unit), abs=0.2)
    halves = [distance - unit / 2, distance + unit / 2]
    assert [x for x, _ in points] == pytest.approx(halves, abs=0.2)
    [line] = drawing.all("path", "axis")
    assert f"M{angle + unit:.1f}" in (line.attributes["d"] or "")


def test_every_row_has_its_name_and_the_file_has_every_number(drawn: Draw) -> None:
    page = drawn(Intervals("i", ROWS, "ap - baseline"))
    [drawing] = page.all("div", "scroll")
    shown = [text.all("title")[0].text for text in drawing.all("text", "end")]
    assert shown == [row.name for row in ROWS]
    assert "angle -1.000 [-2.000, 0.000]; distance 1.000; nothing —" in page.all("desc")[0].text
    assert not drawing.all("path", "axis"), "no line where no value was named"
    rows = list(csv.reader(io.StringIO(saved(page.all("figcaption")[0].all("a")[0]))))
    assert rows[:4] == [
        ["name", "kind", "ap - baseline", "low", "high"],
        ["angle", "value", "-1.0", "-2.0", "0.0"],
        ["distance", "value", "1.0", "", ""],
        ["distance", "point", "0.5", "", ""],
    ]
    assert rows[5] == ["nothing", "value", "", "", ""]


def test_rows_without_values_are_said_to_be_none(drawn: Draw) -> None:
    page = drawn(Intervals("i", [IntervalRow("a", None), IntervalRow("b", math.nan)], "x"))
    assert page.all("p", "nothing") and not page.all("svg")

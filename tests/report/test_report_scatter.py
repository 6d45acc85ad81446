"""A scatter draws each point once, stays small, and tells its groups apart without colour."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_browser import Browser
from report_reader import Element, saved

from taskspace.components.page import Page, PointGroup, Scatter, Section
from taskspace.report import render, write_report
from taskspace.report.blocks.marker import markers_of

Draw = Callable[..., Element]
CLOUD = np.random.default_rng(0).normal(0, 30, (4000, 2))


def starts(path: Element) -> list[tuple[float, float]]:
    """Return where each marker of a path begins."""
    found = re.findall(r"M(-?[\d.]+) (-?[\d.]+)", path.attributes["d"] or "")
    return [(float(x), float(y)) for x, y in found]


def groups(page: Element) -> list[Element]:
    drawing = page.all("div", "scroll")[0]
    return [part for part in drawing.walk() if {"mark", "ring"} & set(part.classes)]


def test_each_group_is_one_path_with_a_marker_at_each_point(drawn: Draw) -> None:
    page = drawn(Scatter("s", [PointGroup("a", [(0, 0), (1, 0), (0, 1)]), PointGroup("b", [])]))
    [group] = groups(page)
    [path] = group.all("path")
    origin, right, above = starts(path)
    assert group.all("title")[0].text == "a" and group.attributes["class"] == "mark k0"
    assert right[0] - origin[0] == pytest.approx(origin[1] - above[1], abs=0.2), "one scale"
    assert right[1] == origin[1] and above[0] == origin[0]
    assert [item.text for item in page.all("ul", "legend")[0].all("li")] == ["a", "b: no points"]
    assert page.all("desc")[0].text.startswith("a (3 points), b (0 points).")
    assert not page.all("text"), "a map without titles has no numbers"


def test_a_titled_axis_has_numbers_and_its_own_scale(drawn: Draw) -> None:
    points = [(0.0, 0.0), (1.0, 1000.0)]
    page = drawn(Scatter("s", [PointGroup("a", points)], "c", "share", "loss"))
    texts = [text.text for text in page.all("div", "scroll")[0].all("text")]
    assert {"0.0", "1.0", "1000", "shareshare", "lossloss"} <= set(texts)
    (x, y), (far_x, far_y) = starts(groups(page)[0].all("path")[0])
    assert far_x - x > 250 and y - far_y > 250


def test_names_of_points_are_titles_shown_as_written(drawn: Draw) -> None:
    group = PointGroup("<b>&", [(0, 0), (1, 2)], ["<script>", "\"'>&amp;"])
    page = drawn(Scatter("s", [group]))
    [drawn_group] = groups(page)
    titles = [path.all("title")[0].text for path in drawn_group.all("path")]
    assert titles == ["<b>&: <script>", "<b>&: \"'>&amp;"]
    link = page.all("figure")[0].all("a", "download")[0]
    rows = list(csv.reader(io.StringIO(saved(link), newline="")))
    assert rows == [
        ["group", "x", "y", "name"],
        ["<b>&", "0.0", "0.0", "<script>"],
        ["<b>&", "1.0", "2.0", "\"'>&amp;"],
    ]


def test_a_family_is_one_entry_of_the_legend_with_both_its_markers(drawn: Draw) -> None:
    pairs = [
        PointGroup(label, [(0, 0)], family=family)
        for family in ("cat", "dog")
        for label in ("real", "generated")
    ]
    page = drawn(Scatter("s", pairs))
    entries = page.all("ul", "legend")[0].all("li")
    assert [entry.text for entry in entries] == ["real", "generated", "cat", "dog"]
    assert [len(entry.all("path")) for entry in entries] == [1, 1, 2, 2]
    assert [group.all("title")[0].text for group in groups(page)] == [
        "cat, real", "cat, generated", "dog, real", "dog, generated",
    ]  # fmt: skip


def test_a_legend_that_nobody_could_use_is_left_out(drawn: Draw) -> None:
    many = [PointGroup(f"group {k}", [(k, 0)]) for k in range(17)]
    assert not drawn(Scatter("s", many)).all("ul", "legend")
    assert "17 groups" in drawn(Scatter("s", many)).all("figure")[0].text
    assert drawn(Scatter("s", many[:16])).all("ul", "legend")


def test_four_thousand_points_stay_small() -> None:
    parts = np.split(CLOUD, 10)
    block = Scatter("s", [PointGroup(f"group {k}", part) for k, part in enumerate(parts)])
    bare, full = (len(render(Page("t", "", [Section("s", b)]), {})) for b in ([], [block]))
    assert full - bare < 330_000


def test_sixteen_groups_or_eight_families_differ_without_colour() -> None:
    alone = markers_of([PointGroup(str(k), []) for k in range(16)])
    assert len({(marker.shape, marker.is_open) for marker in alone}) == 16
    pairs = markers_of([PointGroup("", [], family=str(k // 2)) for k in range(16)])
    assert len({(marker.shape, marker.is_open) for marker in pairs}) == 16
    for first, second in zip(pairs[::2], pairs[1::2], strict=True):
        assert (first.shape, first.hue) == (second.shape, second.hue)
        assert (first.is_open, second.is_open) == (False, True)


@given(st.lists(st.booleans(), max_size=64))
def test_groups_of_a_scatter_never_look_alike(has_family: list[bool]) -> None:
    made = [PointGroup("", [], family=str(k // 2) if f else "") for k, f in enumerate(has_family)]
    markers = markers_of(made)
    assert len(set(markers)) == len(markers)


def test_points_at_one_place_and_huge_ones_are_drawn_inside(drawn: Draw) -> None:
    for points in ([(5, 5)] * 3, [(1e300, -1e300), (-1e300, 1e300)], [(1e-300, 0)]):
        for titles in (("", ""), ("x", "y")):
            [group] = groups(drawn(Scatter("s", [PointGroup("a", points)], "", *titles)))
            for x, y in starts(group.all("path")[0]):
                assert 0 <= x <= 380 and 0 <= y <= 330


def test_scatters_stand_side_by_side_where_there_is_room(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    blocks = [Scatter(f"s{k}", [PointGroup("a", CLOUD[:50])], f"Map {k}") for k in range(3)]
    write_report(Page("t", "", [Section("s", blocks)]), {}, path)
    tops = """[...document.querySelectorAll("figure.scatter")]
        .map(part => part.getBoundingClientRect().top)"""
    for width, rows in ((390, 3), (1280, 2)):
        browser.script(on=True)
        browser.media()
        browser.size(width)
        browser.open(path)
        assert len(set(browser.value(tops))) == rows
        assert browser.value("document.scrollingElement.scrollWidth") == width


def test_a_point_is_found_by_the_pointer(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    block = Scatter("s", [PointGroup("a", [(0, 0), (1, 1)], ["left", "right"])])
    write_report(Page("t", "", [Section("s", [block])]), {}, path)
    browser.script(on=True)
    browser.media()
    browser.size(1280)
    browser.open(path)
    titles = """[...document.querySelectorAll(".scroll g.mark > path")].map(path => {
        const box = path.getBoundingClientRect();
        return document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
            .querySelector("title").textContent; })"""
    assert browser.value(titles) == ["a: left", "a: right"]

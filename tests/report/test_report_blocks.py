"""Each block shows the numbers that it was given, and an empty one says so."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from report_reader import Element, saved
from report_sample import BUDGETS, SOURCES, TARGETS, sample_page

from taskspace.components.page import (
    Block,
    Curve,
    Dendrogram,
    Figures,
    Heatmap,
    ImageGrid,
    Plot,
    PointGroup,
    PolicyGraph,
    PolicyView,
    Scatter,
    Table,
    Text,
)
from taskspace.report.blocks.heatmap import Scale
from taskspace.report.palette import LEVELS

Draw = Callable[..., Element]


def numbers(page: Element, file: str) -> list[list[str]]:
    [link] = [a for a in page.all("a", "download") if a.attributes["download"] == file]
    return list(csv.reader(io.StringIO(saved(link), newline="")))


def test_text_and_figures_stand_as_they_were_written(drawn: Draw) -> None:
    page = drawn(Text("plain"), Text("care", "warning"), Figures([("gain", "0.67", "a win rate")]))
    [section] = page.all("section")[:1]
    assert [p.text for p in section.all("p")] == ["plain", "Warning. care"]
    assert [d.text for d in section.all("dl")[0].all("dd")] == ["0.67", "a win rate"]


def test_a_table_aligns_numbers_shows_dashes_and_saves_everything(drawn: Draw) -> None:
    rows = [["a", 1, 0.123456, True], ["b", None, 2e-7, None], ["c", -3, math.nan, False]]
    page = drawn(Table("t", ["name", "n", "x", "ok"], rows, "caption"))
    [table] = page.all("table")
    shown = [[cell.text for cell in row.inside] for row in table.all("tr")]  # type: ignore[union-attr]
    assert shown == [
        ["name", "n", "x", "ok"],
        ["a", "1", "0.123", "yes"],
        ["b", "—", "2.00e-07", "—"],
        ["c", "-3", "NaN", "no"],
    ]
    assert ["number" in cell.classes for cell in table.all("tr")[2].all("td")] == [
        True,
        True,
        False,
    ]
    assert [row.all("th")[0].attributes["scope"] for row in table.all("tr")[1:]] == ["row"] * 3
    saved_rows = numbers(page, "t.csv")
    assert saved_rows[1:3] == [["a", "1", "0.123456", "True"], ["b", "", "2e-07", ""]]


def test_a_heatmap_writes_tells_and_saves_each_value(drawn: Draw) -> None:
    values = [[0.0, 0.25, None], [1.0, math.nan, math.inf]]
    page = drawn(Heatmap("h", ["r1", "r2"], ["c1", "c2", "c3"], values, digits=2))
    names, drawing = page.all("figure")[0].all("svg")
    assert [text.text for text in names.all("text")] == ["r1r1", "r2r2"]  # each with its title
    cells = [group for group in drawing.all("g") if group.all("title") and group.all("rect")]
    assert [cell.all("title")[0].text for cell in cells] == [
        "r1 · c1: 0.0000", "r1 · c2: 0.2500", "r1 · c3: no value",
        "r2 · c1: 1.0000", "r2 · c2: NaN", "r2 · c3: ∞",
    ]  # fmt: skip
    assert [cell.all("rect")[0].classes for cell in cells] == [
        ["q0"], [f"q{LEVELS // 4}"], ["empty"], [f"q{LEVELS - 1}"], ["empty"], [f"q{LEVELS - 1}"],
    ]  # fmt: skip
    assert [text.text for text in drawing.all("text", "v")] == ["0.00", "0.25", "1.00", "NaN", "∞"]
    assert numbers(page, "h.csv") == [
        ["row", "c1", "c2", "c3"],
        ["r1", "0.0", "0.25", ""],
        ["r2", "1.0", "nan", "inf"],
    ]


def test_a_heatmap_drops_its_numbers_where_they_do_not_fit(drawn: Draw) -> None:
    names = [str(index) for index in range(60)]
    page = drawn(Heatmap("h", ["r"], names, [[index / 60 for index in range(60)]]))
    assert page.all("rect")
    assert not page.all("text", "v")


def test_colours_diverge_from_the_middle() -> None:
    def shares(**ends: float) -> list[float]:
        scale = Scale.of(Heatmap("h", ["r"], ["a", "b", "c"], [[0.2, 0.5, 0.6]], **ends))
        return [scale.share(value) for value in (0.2, 0.5, 0.6)]

    assert shares() == pytest.approx([0, 0.75, 1])
    assert shares(low=0.0, high=1.0) == pytest.approx([0.2, 0.5, 0.6])
    assert shares(middle=0.5) == pytest.approx([0, 0.5, 0.5 + 0.5 * 0.1 / 0.3])
    assert shares(low=0.0, middle=0.5, high=0.6) == pytest.approx([0.2, 0.5, 1])


def test_a_tree_keeps_joined_leaves_together_and_at_their_height(drawn: Draw) -> None:
    page = drawn(Dendrogram("tree", list("abcd"), [(0, 3, 1.0), (1, 2, 2.0), (4, 5, 4.0)]))
    names = [text.all("title")[0].text for text in page.all("text", "end")]
    assert names == ["a", "d", "b", "c"]
    joins = page.all("path", "tree")
    assert [join.all("title")[0].text for join in joins] == [
        "1.000: a, d", "2.000: b, c", "4.000: a, d, b, c",
    ]  # fmt: skip
    right = [float((j.attributes["d"] or "").split("H")[1].split("V")[0]) for j in joins]
    assert right[1] - right[0] == pytest.approx((right[2] - right[1]) / 2, abs=0.2)
    assert numbers(page, "tree.csv")[3] == ["a + d", "b + c", "4.0"]


def test_the_ends_of_an_interval_stay_on_one_line(drawn: Draw) -> None:
    page = drawn(Table("t", ["a", "gain"], [["x", "0.45 [0.43, 0.47]"], ["y", "[a, b, c]"]]))
    cells = [cell.text for cell in page.all("td")]
    assert cells == ["0.45 [0.43,\N{NO-BREAK SPACE}0.47]", "[a, b, c]"]
    assert numbers(page, "t.csv")[1] == ["x", "0.45 [0.43, 0.47]"]


def test_every_policy_is_drawn_and_said(drawn: Draw) -> None:
    policies = [
        PolicyView("1", ["a"], {"a": ["a"], "b": ["a"]}),
        PolicyView("2", ["a", "c"], {"a": ["a"], "b": ["a", "c"]}, "better"),
    ]
    page = drawn(PolicyGraph("g", policies, ["a", "c"], ["a", "b"]))
    one, two = page.all("div", "policy")
    assert [d.all("desc")[0].text for d in (*one.all("svg"), *two.all("svg"))] == [
        "a: its own supervised network; b from a",
        "a: its own supervised network; b from a + c",
    ]
    assert [len(panel.all("path", "edge")) for panel in (one, two)] == [2, 3]
    assert [len(panel.all("path", "own")) for panel in (one, two)] == [1, 1]
    assert [len(panel.all("rect", "bought")) for panel in (one, two)] == [2, 3]
    assert [item.text for item in two.all("ul", "names")[0].all("li")] == ["a", "c"]
    [slider] = page.all("div", "slider")
    assert "hidden" in slider.attributes, "without a script there is nothing to slide"
    assert numbers(page, "g.csv")[4] == ["2", "b", "a + c", "False"]


def test_one_policy_has_no_slider(drawn: Draw) -> None:
    page = drawn(PolicyGraph("g", [PolicyView("1", ["a"], {})], ["a"], ["b"]))
    assert not page.all("input")
    assert page.all("desc")[0].text == "b: not served"


def test_policies_of_many_targets_are_listed_by_what_serves_them(drawn: Draw) -> None:
    targets = [f"t{k:03}" for k in range(101)]
    transfers = {name: ["a"] if k % 2 else ["a", "b"] for k, name in enumerate(targets)}
    transfers |= {"t000": ["t000"], "t001": []}
    view = PolicyView("2", ["a", "b", "t000"], transfers)
    page = drawn(PolicyGraph("g", [view], ["a", "b"], targets))
    assert not page.all("svg")
    first, second, third = (
        [row.all("th")[0].text, *(cell.text for cell in row.all("td"))]
        for row in page.all("tr")
        if row.all("td")
    )
    assert first[:2] == ["a + b", "50"] and first[2].startswith("t002, t004, t006")
    assert first[2].endswith("t024 and 38 more")
    assert second[:2] == ["a", "49"] and third == ["not served", "1", "t001"]
    assert drawn(PolicyGraph("g", [view], ["a", "b"], targets[:100])).all("svg")


def test_a_plot_has_each_point_and_a_gap_where_there_is_none(drawn: Draw) -> None:
    curve = Curve(
        "gain", [1, 2, 3, 4], [0.1, 0.2, None, 0.4], [0.0, 0.1, 0.0, 0.3], [0.2, 0.3, 1.0, 0.5]
    )
    page = drawn(Plot("p", [curve], "budget", "rate"))
    [drawing] = page.all("div", "scroll")
    assert [mark.all("title")[0].text for mark in drawing.all("path", "mark")] == [
        "gain · budget 1: 0.100 [0.000, 0.200]",
        "gain · budget 2: 0.200 [0.100, 0.300]",
        "gain · budget 4: 0.400 [0.300, 0.500]",
    ]
    assert len(drawing.all("path", "line")) == 2
    assert [t.text for t in drawing.all("text", "mid")][:4] == ["1", "2", "3", "4"]
    assert numbers(page, "p.csv")[1:4:2] == [
        ["gain", "1", "0.1", "0.0", "0.2"],
        ["gain", "3", "", "0.0", "1.0"],
    ]
    assert [item.text for item in page.all("ul", "legend")[0].all("li")] == ["gain"]


def test_a_plot_leaves_out_what_is_not_finite(drawn: Draw) -> None:
    y, x = [0.5, math.nan, math.inf, None, 2.0, 1.0], [1, 2, 3, 4, 5, math.nan]
    page = drawn(Plot("p", [Curve("c", x, y, y, y)], "x", "y"))
    [drawing] = page.all("div", "scroll")
    paths = [path.attributes["d"] or "" for path in drawing.all("path")]
    places = [mark.attributes["transform"] or "" for mark in drawing.all("path", "mark")]
    assert len(places) == len(drawing.all("path", "line")) == 2
    assert not [text for text in [*paths, *places] if "nan" in text or "inf" in text]


def test_pictures_hold_the_pixels_that_were_given(drawn: Draw) -> None:
    gray = np.array([[0.0, 0.5], [1.0, 2.0], [np.nan, -1.0]])
    colour = np.zeros((1, 2, 3))
    colour[0, 1] = [1.0, 0.5, 0.0]
    page = drawn(
        ImageGrid("i", ["gray", "colour", "said"], [("row", [gray, colour, "text"])], "", 4)
    )
    first, second = page.all("img")
    pixels = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode((i.attributes["src"] or "")[22:]))))
        for i in (first, second)
    ]
    assert pixels[0].tolist() == [[0, 128], [255, 255], [0, 0]]
    assert pixels[1].tolist() == [[[0, 0, 0], [255, 128, 0]]]
    assert (first.attributes["width"], first.attributes["height"]) == ("8", "12")
    assert [first.attributes["alt"], second.attributes["alt"]] == ["row gray", "row colour"]
    assert [cell.text for cell in page.all("table")[0].all("th")] == [
        "gray", "colour", "said", "row",
    ]  # fmt: skip


EMPTY = [
    (Table("e", [], []), "No columns."),
    (Table("e", ["a"], []), "No rows."),
    (Heatmap("e", [], [], []), "No values to draw."),
    (Heatmap("e", ["a"], [], [[]]), "No values to draw."),
    (Dendrogram("e", [], []), "No leaves to draw."),
    (PolicyGraph("e", [], ["a"], ["b"]), "No policies."),
    (Plot("e", [], "x", "y"), "No values to draw."),
    (Plot("e", [Curve("c", [1, math.nan], [None, 1.0])], "x", "y"), "No values to draw."),
    (Scatter("e", []), "No points to draw."),
    (Scatter("e", [PointGroup("a", []), PointGroup("b", np.zeros((0, 2)))]), "No points to draw."),
    (ImageGrid("e", [], []), "No pictures."),
    (Figures([]), "No figures."),
]


@pytest.mark.parametrize(("block", "said"), EMPTY)
def test_an_empty_block_says_that_it_is_empty(block: Block, said: str, drawn: Draw) -> None:
    [section] = drawn(block).all("section")[:1]
    assert said in section.text
    assert not section.all("svg")


def test_one_leaf_and_all_none_are_drawn(drawn: Draw) -> None:
    page = drawn(
        Dendrogram("one", ["leaf"], []),
        Heatmap("none", ["r"], ["c"], [[None]]),
        PolicyGraph("bare", [PolicyView("0", [], {})], [], []),
        Plot("point", [Curve("", [3], [0.5])], "x", "y"),
    )
    one, none, bare, point = page.all("figure")
    assert "leaf" in one.text
    assert "No values." in none.all("desc")[0].text
    assert "no task" in bare.text
    assert len(point.all("path", "mark")) == 1


def test_the_sample_shows_all_its_tasks_and_budgets(drawn: Draw) -> None:
    page = drawn(*[block for section in sample_page().sections for block in section.blocks])
    policies = page.all("div", "policy")
    assert [panel.attributes["data-label"] for panel in policies] == [str(b) for b in BUDGETS]
    for panel in policies:
        names = [text.all("title")[0].text for text in panel.all("text") if text.all("title")]
        assert sorted(names) == sorted([*TARGETS, *SOURCES])

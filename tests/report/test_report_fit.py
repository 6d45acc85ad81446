"""Every table, drawing and picture is whole and legible on a phone, a laptop and paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from report_browser import Browser
from report_reader import Element
from report_sample import LONG, MANIFEST, sample_page, wide_page

from taskspace.components.page import Heatmap, ImageGrid, Table
from taskspace.report import write_report
from taskspace.report.label import lines, width

PHONE, LAPTOP, PAPER = 390, 1280, 688
"""Widths in pixels; of paper, what A4 leaves between the margins."""

MOST = {PHONE: 8, 800: 20, LAPTOP: 26, PAPER: 26}
"""Columns up to which a heat map is whole at a width; with more it may scroll."""

# A part is whole if its text lies in it and it lies in the page, or in a box that may scroll.
CUT = """((width, most) => {
    const columns = map => map.querySelectorAll("svg[role=img] > text").length;
    const scrolls = part => {
        const map = part.closest(".map");
        return map !== null && columns(map) > most;
    };
    const inside = (inner, outer, slack) =>
        inner.left >= outer.left - slack && inner.right <= outer.right + slack;
    const page = {left: 0, right: width};
    const problems = [];
    const shown = part => part.checkVisibility() && part.getBoundingClientRect().width > 0;
    const parts = document.querySelectorAll("td, th, img, svg, svg text, figcaption, li, p");
    for (const part of [...parts].filter(shown)) {
        const name = `${part.tagName} ${part.textContent.slice(0, 40)}`;
        const box = part.getBoundingClientRect();
        if (!scrolls(part) && !inside(box, page, 0.5)) problems.push(`beyond the page: ${name}`);
        if (part.matches("td, th") && part.textContent) {
            const words = document.createRange();
            words.selectNodeContents(part);
            if (!inside(words.getBoundingClientRect(), box, 1)) problems.push(`cut: ${name}`);
        }
        const drawing = part.matches("svg text") && part.ownerSVGElement.getBoundingClientRect();
        if (drawing && !inside(box, drawing, 1))
            problems.push(`beyond its drawing: ${name}`);
    }
    for (const box of document.querySelectorAll(".scroll"))
        if (!scrolls(box.firstElementChild) && box.scrollWidth > box.clientWidth)
            problems.push(`scrolls: ${box.ariaLabel}`);
    return problems;
})(%d, %d)"""

SMALLEST = """Math.min(...[...document.querySelectorAll("svg text")]
    .filter(text => text.getBoundingClientRect().width > 0)
    .map(text => parseFloat(getComputedStyle(text).fontSize)
        * text.ownerSVGElement.getBoundingClientRect().width
        / text.ownerSVGElement.viewBox.baseVal.width))"""

# Upright and slanted names are left out: their boxes overlap where their letters do not.
COLLIDING = """[...document.querySelectorAll("svg")].flatMap(drawing => {
    const texts = [...drawing.querySelectorAll("text:not([transform])")]
        .filter(text => text.checkVisibility())
        .map(text => [text.textContent, text.getBoundingClientRect()]);
    return texts.flatMap(([one, a], index) => texts.slice(index + 1)
        .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
        .map(([other]) => `${one} on ${other}`)); })"""


@pytest.fixture(scope="module", params=[sample_page, wide_page])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fit") / "report.html"
    write_report(request.param(), MANIFEST, path)
    return path


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wide") / "report.html"
    write_report(wide_page(), MANIFEST, path)
    return path


def opened(browser: Browser, path: Path, width: int) -> None:
    browser.script(on=True)
    browser.media(media="print" if width == PAPER else "")
    browser.size(width)
    browser.open(path)


@pytest.mark.parametrize("width", MOST)
def test_nothing_is_cut_and_the_page_does_not_scroll_sideways(
    width: int, browser: Browser, page: Path
) -> None:
    opened(browser, page, width)
    assert browser.value("document.scrollingElement.scrollWidth <= innerWidth")
    assert browser.value("innerWidth") == width
    assert browser.value(CUT % (width, MOST[width])) == []


@pytest.mark.parametrize("width", [PHONE, LAPTOP])
def test_text_in_drawings_is_legible_and_apart(width: int, browser: Browser, page: Path) -> None:
    opened(browser, page, width)
    assert browser.value(SMALLEST) >= 9
    assert browser.value(COLLIDING) == []
    assert not browser.value("[...document.querySelectorAll('svg text')].filter("
                             "text => text.textContent.includes('…')).length")  # fmt: skip


def test_wide_tables_are_cards_on_a_phone_alone(browser: Browser, wide: Path) -> None:
    heads = """Object.fromEntries([...document.querySelectorAll("figure.table")].map(figure =>
        [figure.id, figure.querySelector("thead").checkVisibility()]))"""
    opened(browser, wide, LAPTOP)
    assert browser.value(heads) == {"schemes": True, "decisions": True, "small": True}
    opened(browser, wide, PHONE)
    assert browser.value(heads) == {"schemes": False, "decisions": False, "small": True}
    label = "getComputedStyle(document.querySelector('#schemes td'), '::before').content"
    assert browser.value(label) == '"samples"'


def test_row_names_stay_while_a_heat_map_scrolls(browser: Browser, wide: Path) -> None:
    opened(browser, wide, PHONE)
    box = "document.querySelector('#transfers .scroll')"
    assert browser.value(f"{box}.scrollWidth > {box}.clientWidth")
    names = f"{box}.querySelector('.rows').getBoundingClientRect()"
    before = browser.value(f"[{names}.left, {names}.right]")
    assert browser.value(f"{box}.scrollLeft = 300, {box}.scrollLeft") == 300
    assert browser.value(f"[{names}.left, {names}.right]") == before
    middle = "(part => (part.top + part.bottom) / 2)"
    name, cell = (
        browser.value(f"{middle}({box}.querySelector('{part}').getBoundingClientRect())")
        for part in (".rows text", "svg[role=img] g > rect")
    )
    assert name == pytest.approx(cell, abs=3), "a name stands beside its row"


def test_a_card_names_its_row_and_each_value(drawn: Callable[..., Element]) -> None:
    columns = ["scheme", *(f"a_long_name_{at}" for at in range(8))]
    page = drawn(Table("t", columns, [["equal", *range(8)]]))
    [row] = page.all("tbody")[0].all("tr")
    assert row.all("th")[0].attributes["scope"] == "row"
    labels = [cell.attributes["data-label"] or "" for cell in (*row.all("th"), *row.all("td"))]
    assert [label.replace("\N{ZERO WIDTH SPACE}", "") for label in labels] == columns
    assert any(class_.startswith("cards-") for class_ in page.all("table")[0].classes)
    small = drawn(Table("t", ["task", "rank", "of"], [["parity", 1, 12]])).all("table")[0]
    assert "class" not in small.attributes
    grid = drawn(ImageGrid("g", ["a", "b"], [("r", ["x", "y"])])).all("table")[0]
    assert "class" not in grid.attributes


def test_a_heat_map_keeps_its_least_legible_width(drawn: Callable[..., Element]) -> None:
    def least(columns: int) -> list[str]:
        names = [f"task_{at}" for at in range(columns)]
        page = drawn(Heatmap("h", names, names, [[0.5] * columns] * columns))
        return page.all("div", "map")[0].classes[1:]

    assert least(6) == []
    assert least(13) == ["at-least-480"]


def test_long_names_break_at_their_joints() -> None:
    assert lines(LONG[1], 12, 150) == ["unsupervised_", "segmentation_2.5d"]
    assert lines("two words", 10, 40) == ["two", "words"]
    assert lines("short", 12, 150) == ["short"]
    assert lines("x" * 50, 10, 60) == ["x" * 10, "x" * 9 + "…"]
    assert all(width(line, 12) <= 90 for name in LONG for line in lines(name, 12, 90, 3))

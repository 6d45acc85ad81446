"""The page in a real browser, opened from disk."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from report_browser import Browser
from report_sample import BUDGETS, MANIFEST, sample_page
from test_report_structure import HOSTILE, hostile_blocks

from taskspace.components.page import Page, Section
from taskspace.report import write_report

SHOWN = """[...document.querySelectorAll(".policy")]
    .filter(panel => panel.getBoundingClientRect().height > 0).map(panel => panel.dataset.label)"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "report.html"
    write_report(sample_page(), MANIFEST, path)
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    blocks = hostile_blocks(list(HOSTILE), [0.5, None, float("nan"), float("-inf"), 1e300])
    page = Page(HOSTILE[0], HOSTILE[7], [Section(name, blocks) for name in HOSTILE[:3]])
    write_report(page, {HOSTILE[0]: HOSTILE[7]}, path)
    return path


def opened(browser: Browser, path: Path, width: int = 1280, *, dark: bool = False) -> None:
    browser.script(on=True)
    browser.media(dark=dark)
    browser.size(width)
    browser.open(path)


@pytest.mark.parametrize("which", ["sample", "hostile"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_opens_quietly_alone_and_fits(
    which: str, width: int, browser: Browser, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(which)
    opened(browser, path, width)
    assert browser.complaints() == []
    assert browser.requests() == [path.as_uri()]
    assert browser.value("document.documentElement.scrollWidth") == width
    assert browser.value("document.scrollingElement.clientWidth") == width
    assert browser.value("document.images.length") > 0
    assert browser.value("[...document.images].every(image => image.naturalWidth > 0)")


def test_a_heatmap_scrolls_in_its_own_box_on_a_phone(browser: Browser, sample: Path) -> None:
    opened(browser, sample, 360)
    box = "document.querySelector('.heatmap .scroll')"
    assert browser.value(f"{box}.scrollWidth > {box}.clientWidth")
    assert browser.value(f"{box}.scrollLeft = 50, {box}.scrollLeft") == 50


def test_the_slider_moves_the_policy_graph(browser: Browser, sample: Path) -> None:
    opened(browser, sample)
    assert browser.value(SHOWN) == [str(BUDGETS[3])]
    slide = """slider => { slider.value = "6";
        slider.dispatchEvent(new Event("input", {bubbles: true})); }"""
    browser.value(f"({slide})(document.querySelector('.slider input'))")
    assert browser.value(SHOWN) == [str(BUDGETS[6])]
    assert browser.value("document.querySelector('.slider output').textContent") == "8"
    assert browser.value("document.querySelector('.slider input').ariaValueText") == "8"


def test_the_slider_has_a_tick_at_every_budget_and_moves_all_that_is_said(
    browser: Browser, sample: Path
) -> None:
    opened(browser, sample)
    ticks = """[...document.querySelector('.slider input').list.options].map(tick => {
        const box = tick.getBoundingClientRect();
        return [tick.value, tick.textContent, box.left + box.width / 2]; })"""
    at = browser.value(ticks)
    assert [tick[:2] for tick in at] == [[str(i), str(b)] for i, b in enumerate(BUDGETS)]
    steps = [right[2] - left[2] for left, right in itertools.pairwise(at)]
    assert max(steps) - min(steps) < 1
    shown = """[...document.querySelectorAll('.policy figure.table, .policy .figures .value')]
        .filter(part => part.getBoundingClientRect().height > 0)
        .map(part => part.matches('.table') ? part.id : part.textContent)"""
    for position, budget in ((3, 4), (7, 10)):
        slide = """(slider, to) => { slider.value = to;
            slider.dispatchEvent(new Event("input", {bubbles: true})); }"""
        browser.value(f"({slide})(document.querySelector('.slider input'), {position})")
        objective, table = browser.value(shown)
        assert objective == f"{2.1 + 0.4 * budget:.3f}"
        rows = f"document.getElementById('{table}').querySelectorAll('tbody tr').length"
        assert browser.value(rows) == 12
        download = f"document.querySelector('#{table} a.download').download"
        assert browser.value(download) == f"sensitivity-budget-{budget}.csv"


@pytest.mark.parametrize("width", [1200, 500])
def test_a_policy_graph_is_whole_beside_its_tables(
    width: int, browser: Browser, sample: Path
) -> None:
    opened(browser, sample, width)
    graph = "document.querySelector('.policy.shown .pair > .scroll')"
    assert browser.value(f"{graph}.scrollWidth <= {graph}.clientWidth")


def test_the_slider_answers_the_keyboard(browser: Browser, sample: Path) -> None:
    opened(browser, sample)
    browser.value("document.querySelector('.slider input').focus()")
    for kind in ("keyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key="ArrowRight",
            code="ArrowRight",
            windowsVirtualKeyCode=39,
        )
    assert browser.value(SHOWN) == [str(BUDGETS[4])]


def test_without_scripts_every_policy_is_there(browser: Browser, sample: Path) -> None:
    browser.script(on=False)
    browser.media()
    browser.open(sample)
    assert browser.value(SHOWN) == [str(budget) for budget in BUDGETS]
    assert browser.value("document.querySelector('.slider').getBoundingClientRect().height") == 0


def test_a_dark_screen_gets_a_dark_page_with_readable_text(browser: Browser, sample: Path) -> None:
    seen = {}
    for dark in (False, True):
        opened(browser, sample, dark=dark)
        seen[dark] = [
            browser.value(f"getComputedStyle(document.querySelector('{selector}')).{what}")
            for selector, what in (("body", "backgroundColor"), ("body", "color"), (".q0", "fill"))
        ]
    assert seen[False] == ["rgb(255, 255, 255)", "rgb(27, 31, 36)", "rgb(230, 238, 247)"]
    assert seen[True] == ["rgb(20, 24, 29)", "rgb(230, 233, 237)", "rgb(28, 38, 48)"]


def test_no_text_of_a_drawing_hangs_out_of_it(browser: Browser, sample: Path) -> None:
    opened(browser, sample)
    outside = """[...document.querySelectorAll("svg[role=img] text")].filter(text => {
        const inner = text.getBoundingClientRect(), outer = text.ownerSVGElement
            .getBoundingClientRect();
        return inner.width > 0 && (inner.left < outer.left - 1 || inner.right > outer.right + 1
            || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1);
    }).map(text => text.textContent)"""
    assert browser.value(outside) == []


def test_a_click_saves_a_table(browser: Browser, sample: Path, tmp_path: Path) -> None:
    opened(browser, sample)
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path),
                 eventsEnabled=True)  # fmt: skip
    browser.value("document.querySelector('.table a.download').click()")
    browser.wait_for("Browser.downloadProgress", state="completed")
    assert (tmp_path / "policies.csv").read_text(encoding="utf-8").startswith("budget,status,")


def test_paper_shows_all_policies_in_light_colours(browser: Browser, sample: Path) -> None:
    opened(browser, sample, dark=True)
    printed = browser.pdf()
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 2
    browser.media(media="print", dark=True)
    assert browser.value(SHOWN) == [str(budget) for budget in BUDGETS]
    ground = "getComputedStyle(document.body).getPropertyValue('--ground')"
    assert browser.value(ground).strip() == "#ffffff"
    for hidden in (".slider", ".tools"):
        assert browser.value(f"getComputedStyle(document.querySelector('{hidden}')).display") == (
            "none"
        )

"""The page opens with its findings: warnings, recommendations, notes; nothing stays hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_browser import Browser
from report_reader import Element, read
from report_sample import MANIFEST, sample_page

from taskspace.components import Finding
from taskspace.components.page import Page, Plot, Section
from taskspace.report import render, write_report

SUMMARY = "document.querySelectorAll('.findings .advice summary')"
HIDDEN = """[...document.querySelectorAll(".findings li")]
    .filter(line => !line.checkVisibility() || line.getBoundingClientRect().height < 5)
    .map(line => line.textContent)"""


def drawn(*findings: Finding, sections: tuple[Section, ...] = ()) -> Element:
    return read(render(Page("t", "", sections, {}, findings), {}))


def own_items(group: Element) -> list[Element]:
    [items] = [part for part in group.inside if isinstance(part, Element) and part.name == "ul"]
    return [item for item in items.inside if isinstance(item, Element)]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("findings") / "report.html"
    write_report(sample_page(), MANIFEST, path)
    return path


def opened(browser: Browser, path: Path, *, script: bool = True, media: str = "") -> None:
    browser.script(on=script)
    browser.media(media=media)
    browser.size(1280)
    browser.open(path)


def test_findings_come_first_in_the_page_and_in_its_contents() -> None:
    page = read(render(sample_page(), MANIFEST))
    [main] = page.all("main")
    first = main.all("section")[0]
    assert first.attributes["id"] == "findings"
    link = page.all("nav")[0].all("a")[0]
    assert (link.attributes["href"], link.text) == ("#findings", "Findings")


def test_tones_stand_apart_and_each_keeps_the_order_of_the_list() -> None:
    page = drawn(
        Finding("n1", "note", "first note"),
        Finding("w1", "warning", "first warning"),
        Finding("a1", "advice", "do this"),
        Finding("w2", "warning", "second warning"),
        Finding("n2", "note", "second note"),
    )
    groups = page.all("div", "tone")
    assert [group.all("h3")[0].text for group in groups] == ["Warnings", "Recommendation", "Notes"]
    codes = [[item.attributes["data-code"] for item in own_items(group)] for group in groups]
    assert codes == [["w1", "w2"], ["a1"], ["n1", "n2"]]
    assert len(page.all("div", "warning")) == 1, "all warnings stand in one box"


def test_the_text_always_shows_and_long_details_fold() -> None:
    lines = tuple(f"line {index}" for index in range(9))
    page = drawn(
        Finding("short", "advice", "eight", lines[:8]),
        Finding("long", "warning", "nine", lines),
        Finding("none", "note", "no details"),
    )
    nine, eight = page.all("section", "findings")[0].all("details")
    assert [eight.all("summary")[0].text, "open" in eight.attributes] == ["eight", True]
    assert [nine.all("summary")[0].text, "open" in nine.attributes] == ["nine (9 items)", False]
    assert [item.text for item in nine.all("li")] == list(lines)


def test_findings_are_drawn_without_sections_and_left_out_where_there_are_none() -> None:
    assert "the only one" in drawn(Finding("c", "note", "the only one")).all("main")[0].text
    assert not drawn().all("section", "findings")


def test_no_block_takes_the_id_of_the_findings() -> None:
    page = drawn(
        Finding("c", "note", "n"), sections=(Section("s", [Plot("findings", [], "x", "y")]),)
    )
    ids = [e.attributes["id"] for e in page.walk() if "id" in e.attributes]
    assert ids.count("findings") == 1
    assert page.all("section")[0].attributes["id"] == "findings"


@pytest.mark.parametrize("script", [True, False])
def test_paper_shows_every_detail_with_and_without_scripts(
    script: bool, browser: Browser, sample: Path
) -> None:
    opened(browser, sample, script=script)
    assert len(browser.value(HIDDEN)) == 13 + 22
    opened(browser, sample, script=script, media="print")
    assert browser.value(HIDDEN) == []


def test_after_printing_the_page_is_folded_as_before(browser: Browser, sample: Path) -> None:
    opened(browser, sample)
    assert browser.pdf().startswith(b"%PDF-")
    assert len(browser.value(HIDDEN)) == 13 + 22


def test_the_keyboard_unfolds_details_without_scripts(browser: Browser, sample: Path) -> None:
    opened(browser, sample, script=False)
    for _ in range(40):
        press(browser, "Tab", 9)
        if browser.value(f"document.activeElement === {SUMMARY}[0]"):
            break
    assert browser.value(f"document.activeElement === {SUMMARY}[0]")
    press(browser, "Enter", 13, text="\r")
    assert browser.value(f"{SUMMARY}[0].parentElement.open")
    assert len(browser.value(HIDDEN)) == 22


def press(browser: Browser, key: str, code: int, **more: str) -> None:
    for kind in ("keyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key=key,
            code=key,
            windowsVirtualKeyCode=code,
            **(more if kind == "keyDown" else {}),
        )

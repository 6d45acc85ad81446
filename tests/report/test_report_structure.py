"""The page is well-formed, loads nothing, and shows hostile names as they are."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_reader import Element, read, saved
from report_sample import MANIFEST, sample_page

from taskspace.components import Finding
from taskspace.components.exchanged.finding import TONES
from taskspace.components.page import (
    Block,
    Curve,
    Dendrogram,
    Figures,
    Heatmap,
    ImageGrid,
    Page,
    Plot,
    PointGroup,
    PolicyGraph,
    PolicyView,
    Scatter,
    Section,
    Table,
    Text,
)
from taskspace.report import render, write_report
from taskspace.report.markup import clean

HOSTILE = (
    "</script><img src=x onerror=alert(1)>", "\"'><svg onload=alert(1)>", "--><!--", "]]>", "&amp;",
    "מטלה", "\u202egnissalc", "x" * 200, "", " ", "a\x00b", "\ud800", "分類🎲", "=1+1", "\r\n",
)  # fmt: skip
NAMES = st.sampled_from(HOSTILE) | st.text(max_size=30)
NUMBERS = st.none() | st.floats() | st.sampled_from([0, 10**30, math.nan, math.inf, -math.inf])
# Only these ever hold elements of the page's own making; names reach none of the rest.
EXPECTED = {
    "#page", "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "p",
    "div", "nav", "ol", "ul", "li", "main", "section", "figure", "figcaption", "span", "strong",
    "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "svg", "desc", "g", "rect",
    "text", "path", "circle", "label", "input", "datalist", "option", "output", "img",
    "details", "summary", "pre", "footer", "script", "wbr", "tspan",
}  # fmt: skip


def hostile_blocks(names: list[str], numbers: list[float | None]) -> list[Block]:
    """Return every block with these names and numbers wherever it takes one."""
    count, name = len(names), names[0]
    matrix = [[numbers[(i + j) % len(numbers)] for j in range(count)] for i in range(count)]
    column = [row[0] for row in matrix]
    xs = [float("nan") if value is None else float(value) for value in column]
    beside = [Table(name, names, matrix, name)]
    policies = [PolicyView(n, names[:i], dict.fromkeys(names, names[:i]), n, [(n, n, n)], beside)
                for i, n in enumerate(names)]  # fmt: skip
    merges = [(0, 1, xs[0])] if count > 1 else []
    points = [(x, -x / 3) for x in xs if math.isfinite(x)]
    told = names[: len(points)]
    groups = [PointGroup(n, points, told if i % 2 else None) for i, n in enumerate(names)]
    return [
        Text(name), Text(name, "warning"), Text(name, "note"), Figures([(n, n, n) for n in names]),
        Table(name, names, matrix, name), Table(name, ["a"], [[n] for n in names], name),
        Heatmap(name, names, names, matrix, name, name, name),
        Heatmap(name, names, names, matrix, middle=0.5, low=0.0, high=1.0),
        Dendrogram(name, names, merges, name),
        PolicyGraph(name, policies, names, names, name, name),
        Plot(name, [Curve(n, xs[::-1], column, column, column) for n in names], name, name, name),
        Scatter(name, groups, name), Scatter(name, groups, name, name, name),
        ImageGrid(name, names, [(n, [n, *[np.zeros((2, 2))] * (count - 1)]) for n in names], name),
    ]  # fmt: skip


def assert_sound(page: Element) -> None:
    """Assert what holds for every page: ids, references, and nothing from outside."""
    elements = list(page.walk())
    assert {element.name for element in elements} <= EXPECTED
    ids = [element.attributes["id"] for element in elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    for element in elements:
        for attribute, value in element.attributes.items():
            assert not attribute.startswith("on"), "a script in an attribute"
            assert attribute != "style", "the security policy would drop it"
            if attribute == "href":
                assert re.match(r"#|data:(text/csv|application/json);", value or "")
                assert not (value or "").startswith("#") or (value or "")[1:] in ids
            elif attribute == "src":
                assert (value or "").startswith("data:image/png;base64,")
            elif attribute in {"for", "aria-labelledby", "aria-describedby"}:
                assert value in ids
            elif attribute in {"x", "y", "width", "height", "d", "cx", "cy", "transform"}:
                assert not re.search(r"nan|inf|e[+-]?\d", value or ""), (attribute, value)


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4), st.lists(NUMBERS, min_size=1, max_size=5))
def test_no_name_and_no_number_breaks_a_page(names: list[str], numbers: list[float | None]) -> None:
    sections = [Section(name, hostile_blocks(names, numbers)) for name in names[:2]]
    findings = [Finding(n, TONES[k % 3], n, tuple(names * k)) for k, n in enumerate(names)]
    page = read(
        render(Page(names[0], names[-1], sections, {"x": numbers}, findings), {"name": names})
    )
    assert_sound(page)
    assert page.all("h1")[0].text == clean(names[0])
    assert [cell.text for cell in page.all("table")[1].all("th")][1:] == [clean(n) for n in names]
    assert len(page.all("script")) == 1
    assert len(page.all("style")) == 1


def test_the_sample_page_is_sound_and_small() -> None:
    html = render(sample_page(), MANIFEST)
    assert len(html.encode()) < 400_000
    assert_sound(read(html))


def large_page() -> Page:
    names = [f"a_rather_long_task_name_{index}" for index in range(26)]
    values = np.random.default_rng(0).random((26, 26)).tolist()
    return Page("t", "", [Section("s", [Heatmap("h", names, names, values)])], {"h": values})


def test_a_26_by_26_heatmap_stays_under_a_megabyte() -> None:
    assert len(render(large_page(), {}).encode()) < 1_000_000


@pytest.mark.slow  # looks at the clock
@pytest.mark.parametrize("page", [sample_page(), large_page()])
def test_a_page_is_rendered_in_a_second(page: Page) -> None:
    started = time.perf_counter()
    render(page, {})
    assert time.perf_counter() - started < 1


def test_the_same_page_is_the_same_file() -> None:
    assert render(sample_page(), MANIFEST) == render(sample_page(), MANIFEST)


def test_the_security_policy_allows_this_style_and_this_script_alone() -> None:
    page = read(render(sample_page(), MANIFEST))
    [policy] = [m for m in page.all("meta") if m.attributes.get("http-equiv")]
    rules = dict(rule.split(" ", 1) for rule in (policy.attributes["content"] or "").split("; "))

    def source(element: Element) -> str:
        digest = hashlib.sha256(element.text.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    assert rules == {
        "default-src": "'none'",
        "style-src": source(page.all("style")[0]),
        "script-src": source(page.all("script")[0]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert "http" not in page.all("style")[0].text + page.all("script")[0].text
    assert not re.search(r"@import|url\(", page.all("style")[0].text)


def test_a_reader_finds_landmarks_headings_and_contents() -> None:
    page = read(render(sample_page(), MANIFEST))
    assert page.all("html")[0].attributes["lang"] == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    headings = [heading.text for heading in page.all("h2")]
    assert headings == [link.text for link in page.all("nav")[0].all("a")]
    sections = [section.attributes["id"] for section in page.all("section")]
    assert [link.attributes["href"] for link in page.all("nav")[0].all("a")] == [
        f"#{id_}" for id_ in sections
    ]
    for drawing in page.all("svg"):
        named = drawing.attributes.get("role") == "img" and drawing.all("title")[0].text
        assert named or drawing.attributes.get("aria-hidden") == "true"
    for head in page.all("th"):
        assert head.attributes["scope"] in {"row", "col"}
    assert all(image.attributes["alt"] for image in page.all("img"))


def test_result_and_manifest_can_be_saved_and_the_manifest_read() -> None:
    page = read(render(sample_page(), MANIFEST))
    links = {link.attributes["download"]: link for link in page.all("a", "download")}
    assert json.loads(saved(links["result.json"])) == sample_page().data
    assert json.loads(saved(links["manifest.json"])) == MANIFEST
    [details] = page.all("section", "files")[0].all("details")
    assert "open" not in details.attributes
    assert json.loads(details.all("pre")[0].text) == MANIFEST


def test_a_report_is_written_whole_and_replaces_the_last(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("the last one", encoding="utf-8")
    write_report(Page("\ud800 naïve 分", "", []), {}, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]
    assert read(path.read_text(encoding="utf-8")).all("h1")[0].text == "\ufffd naïve 分"


def test_data_that_json_cannot_hold_is_named_and_leaves_the_last_report(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("the last one", encoding="utf-8")
    with pytest.raises(TypeError, match=r"data\.policies is a set"):
        write_report(Page("t", "", [], {"policies": {1}}), {}, path)
    assert path.read_text(encoding="utf-8") == "the last one"

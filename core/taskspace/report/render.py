"""The whole page: head, contents, sections, the numbers and the manifest."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from taskspace.components.page import Page, Section
from taskspace.report.blocks import draw
from taskspace.report.download import json_link, json_text
from taskspace.report.findings import draw_findings
from taskspace.report.frame import Ids
from taskspace.report.markup import Markup, join, tag
from taskspace.report.palette import stylesheet
from taskspace.whole_file import write_whole


def _shipped(name: str) -> str:
    return files("taskspace.report").joinpath(name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    """Return the Content-Security-Policy source that allows exactly this inline text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _head(title: str, style: str, script: str) -> Markup:
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    security = tag("meta", **{"http_equiv": "Content-Security-Policy", "content": policy})
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        security,
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content="taskspace"),
        tag("title", title or "Report"),
        tag("style", Markup(style)),
    )


def _section(section: Section, id_: str, ids: Ids) -> Markup:
    heading = tag("h2", section.title, id=f"{id_}--title")
    blocks = join(draw(block, ids) for block in section.blocks)
    return tag("section", heading, blocks, id=id_, aria_labelledby=f"{id_}--title")


def _numbers(page: Page, manifest: Mapping[str, Any], id_: str) -> Markup:
    run = json_text(manifest, "manifest")
    return tag(
        "section",
        tag("h2", "Numbers and manifest", id=f"{id_}--title"),
        tag(
            "p",
            "Every number of this report in full; null where there is none. ",
            json_link("Result (JSON)", "result", json_text(page.data)),
            " ",
            json_link("Manifest (JSON)", "manifest", run),
        ),
        tag(
            "details",
            tag("summary", "Manifest: the job as resolved, versions, seeds, platform, times"),
            tag("pre", run, tabindex=0),
        ),
        id=id_,
        class_="files",
        aria_labelledby=f"{id_}--title",
    )


def _contents(entries: Sequence[tuple[str, str]]) -> Markup:
    links = [tag("li", tag("a", title or "Untitled", href=f"#{id_}")) for id_, title in entries]
    return tag("nav", tag("ol", *links), aria_label="Contents", class_="contents")


def render(page: Page, manifest: Mapping[str, Any]) -> str:
    """Return the page as one HTML file that loads nothing and runs only its own script.

    Raises:
        TypeError: if `page.data` or the manifest hold something that JSON cannot; says where.
    """
    style, script = _shipped("page.css") + stylesheet(), _shipped("page.js")
    ids = Ids()
    names = [(ids.new(f"section-{section.title}"), section) for section in page.sections]
    last = ids.new("numbers")
    main = [_section(section, id_, ids) for id_, section in names]
    entries = [(id_, section.title) for id_, section in names] + [(last, "Numbers and manifest")]
    content_id = ids.new("content")
    header = tag(
        "header",
        tag("h1", page.title),
        tag("p", page.subtitle, class_="subtitle") if page.subtitle else None,
    )
    body = tag(
        "body",
        tag("a", "Skip to the report", href=f"#{content_id}", class_="skip"),
        header,
        draw_findings(page.findings),
        tag(
            "div",
            _contents(entries),
            tag("main", *main, _numbers(page, manifest, last), id=content_id, tabindex=-1),
            class_="layout",
        ),
        tag("footer", tag("p", "Made by taskspace.")),
        tag("script", Markup(script)),
    )
    return f"<!doctype html>\n{tag('html', _head(page.title, style, script), body, lang='en')}\n"


def write_report(page: Page, manifest: Mapping[str, Any], path: Path) -> None:
    """Write the page to `path` as UTF-8, whole or not at all.

    Raises:
        OSError: if the file cannot be written.
        TypeError: as `render` does.
    """
    write_whole(path, render(page, manifest).encode())

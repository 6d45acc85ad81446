"""What all pictures share: ids, captions, scroll boxes, and titles that are read aloud."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from taskspace.report.markup import Markup, join, tag

_TITLE = 70
"""Letters beyond which a caption is a sentence rather than a title."""

LINE = 14.0
"""From one line of a name in a drawing to the next, in the drawing's units."""


class Ids:
    """Hands out ids, each once in a page."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    def new(self, text: str) -> str:
        """Return an id that reads like `text` and was not given before.

        None holds `--`, so that `ID--title` belongs to ID alone.
        """
        letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        # No digit ends the stem, so that a numbered id never equals another stem.
        stem = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40].rstrip("-0123456789") or "part"
        self._used[stem] += 1
        number = self._used[stem]
        return stem if number == 1 else f"{stem}-{number}"


def section(title: str, *children: Markup | None, id_: str, class_: str | None = None) -> Markup:
    """Return a section of the page under its title."""
    named = f"{id_}--title"
    heading = tag("h2", title, id=named)
    return tag("section", heading, *children, id=id_, class_=class_, aria_labelledby=named)


def scroll(body: Markup, label: str) -> Markup:
    """Return `body` in a box that scrolls sideways by itself, with the keyboard too."""
    return tag("div", body, class_="scroll", tabindex=0, role="group", aria_label=label)


def figure(body: Markup, caption: str, *footer: Markup | None, kind: str, id_: str) -> Markup:
    """Return a figure with its caption above and its downloads beside that."""
    head = tag(
        "figcaption",
        tag("span", caption, class_="caption" if len(caption) <= _TITLE else "caption sentence"),
        tag("span", *footer, class_="tools"),
    )
    return tag("figure", head, body, class_=kind, id=id_)


def key_entry(meaning: str, *signs: Markup) -> Markup:
    """Return an entry of a legend: signs in a drawing of 28 x 14 pixels, and what they mean."""
    drawing = tag("svg", *signs, width=28, height=14, viewBox="0 0 28 14", aria_hidden="true")
    return tag("li", drawing, meaning)


def nothing(reason: str) -> Markup:
    """Return the sentence that stands where a picture would be empty."""
    return tag("p", reason, class_="nothing")


def name_text(
    name: str,
    lines: Sequence[str],
    *,
    x: float,
    y: float,
    class_: str | None = None,
    transform: str | None = None,
) -> Markup:
    """Return the lines of a name as SVG text around the baseline `y`, and the name as its title."""
    first = y - (len(lines) - 1) * LINE / 2
    shown = (
        lines[0]
        if len(lines) == 1
        else join(tag("tspan", line, x=x, y=first + at * LINE) for at, line in enumerate(lines))
    )
    return tag("text", tag("title", name), shown, x=x, y=first, class_=class_, transform=transform)


def svg(
    children: Sequence[Markup],
    *,
    width: float,
    height: float,
    title: str,
    desc: str,
    id_: str,
    zoom: float = 1.0,
) -> Markup:
    """Return an SVG of this size that is read aloud as its title and description.

    Args:
        width: in the units of the children.
        height: in the same.
        zoom: pixels a unit where there is room; in a narrower place the drawing shrinks.
    """
    return tag(
        "svg",
        tag("title", title, id=f"{id_}--title"),
        tag("desc", desc, id=f"{id_}--desc"),
        *children,
        role="img",
        aria_labelledby=f"{id_}--title",
        aria_describedby=f"{id_}--desc",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=round(width * zoom),
        height=round(height * zoom),
        class_="zoomed" if zoom != 1 else None,
    )

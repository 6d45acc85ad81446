"""Sentences, and the few numbers that matter."""

from __future__ import annotations

from taskspace.components.page import Figures, Text
from taskspace.report.frame import nothing
from taskspace.report.markup import Markup, join, tag


def draw_text(block: Text) -> Markup:
    """Return a paragraph; a warning says that it is one."""
    if block.tone == "warning":
        return tag("p", tag("strong", "Warning."), " ", block.text, class_="warning", role="note")
    return tag("p", block.text, class_="note" if block.tone == "note" else None)


_NUMBER = 14
"""Letters beyond which a value is words, and is set as such."""


def draw_figures(block: Figures) -> Markup:
    """Return the numbers side by side, each under its label and above its meaning."""
    if not block.items:
        return nothing("No figures.")
    return tag(
        "dl",
        join(
            tag(
                "div",
                tag("dt", label),
                tag("dd", value, class_="value" if len(value) <= _NUMBER else "value words"),
                tag("dd", meaning, class_="meaning") if meaning else None,
            )
            for label, value, meaning in block.items
        ),
        class_="figures",
    )

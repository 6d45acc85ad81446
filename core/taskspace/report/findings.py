"""What the page opens with: warnings, then what to do, then context."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components import Finding
from taskspace.components.exchanged.finding import TONES, Tone
from taskspace.report.frame import section
from taskspace.report.markup import Markup, join, tag

_OPEN = 8
"""Detail lines up to which they are unfolded when the page opens; on paper they always are."""

_HEADINGS: dict[Tone, tuple[str, str]] = {
    "warning": ("Warning", "Warnings"),
    "advice": ("Recommendation", "Recommendations"),
    "note": ("Note", "Notes"),
}
"""The heading over one finding of a tone, and over several."""


def draw_findings(findings: Sequence[Finding], id_: str) -> Markup:
    """Return the section of all findings: one group a tone, in their order within each.

    A group is headed by its tone in words, so that a warning is one without its colour. Details
    fold without a script.
    """
    groups = (
        _group(tone, [finding for finding in findings if finding.tone == tone]) for tone in TONES
    )
    return section("Findings", *groups, id_=id_, class_="findings")


def _group(tone: Tone, findings: Sequence[Finding]) -> Markup | None:
    if not findings:
        return None
    return tag(
        "div",
        tag("h3", _HEADINGS[tone][len(findings) > 1]),
        tag("ul", join(_item(finding) for finding in findings)),
        class_=f"tone {tone}",
    )


def _item(finding: Finding) -> Markup:
    count = len(finding.details)
    if not count:
        return tag("li", finding.text, data_code=finding.code)
    folded = count > _OPEN
    # The count tells whether unfolding is worth it; unfolded, the lines are there to see.
    size = join([" ", tag("span", f"({count} items)", class_="count")]) if folded else None
    lines = tag(
        "ul",
        join(tag("li", line) for line in finding.details),
        class_="details many" if folded else "details",
    )
    summary = tag("summary", finding.text, size)
    return tag("li", tag("details", summary, lines, open=not folded), data_code=finding.code)

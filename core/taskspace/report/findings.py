"""What the page opens with: warnings, then what to do."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components import Finding
from taskspace.report.markup import Markup, join, tag

_OPEN = 8
"""Detail lines up to which they are unfolded when the page opens; on paper they always are."""


def draw_findings(findings: Sequence[Finding]) -> Markup | None:
    """Return all findings in their order; None where there are none."""
    if not findings:
        return None
    return tag(
        "section",
        tag("h2", "Findings", id="findings--title"),
        join(_finding(finding) for finding in findings),
        id="findings",
        class_="findings",
        aria_labelledby="findings--title",
    )


def _finding(finding: Finding) -> Markup:
    mark = tag("strong", "Warning.") if finding.tone == "warning" else None
    text = join([mark, " ", finding.text]) if mark else finding.text
    role = "note" if finding.tone == "warning" else None
    classes = f"finding {finding.tone}"
    if not finding.details:
        return tag("p", text, class_=classes, role=role, data_code=finding.code)
    unfolded = True if len(finding.details) <= _OPEN else None
    return tag(
        "details",
        tag("summary", text),
        tag("ul", join(tag("li", line) for line in finding.details)),
        class_=classes,
        role=role,
        open=unfolded,
        data_code=finding.code,
    )

"""What datasets say of themselves, in the answer of whatever study used them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taskspace.components import Answer, Dataset, Finding


def dataset_findings(datasets: Iterable[Dataset]) -> tuple[Finding, ...]:
    """Return the findings of some datasets, each statement once, warnings first.

    Raises:
        DataError: if the data of one is missing or unreadable.
    """
    unique: list[Finding] = []
    for dataset in datasets:
        unique += [finding for finding in dataset.findings() if finding not in unique]
    return tuple(sorted(unique, key=lambda finding: finding.tone != "warning"))


def with_findings(answer: Answer, findings: Iterable[Finding]) -> Answer:
    """Return the answer with what its datasets say: warnings after its own first warnings.

    A study opens with whether its result is evidence at all; what was not read comes next, and
    before any advice.
    """
    new = [finding for finding in findings if finding not in answer.findings]
    if not new:
        return answer
    own = list(answer.findings)
    first = next((i for i, each in enumerate(own) if each.tone != "warning"), len(own))
    warnings = [finding for finding in new if finding.tone == "warning"]
    others = [finding for finding in new if finding.tone != "warning"]
    return replace(answer, findings=(*own[:first], *warnings, *own[first:], *others))

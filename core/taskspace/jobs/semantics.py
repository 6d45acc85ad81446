"""pydantic's errors to problems with places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.mistakes import ERROR_TYPE, Mistake
from taskspace.jobs.schemas.words import shown, subject
from taskspace.jobs.text.nodes import Node, place_of_key, place_of_value, settle
from taskspace.jobs.text.places import Steps

_CODES = {
    "missing": Code.MISSING_KEY,
    "extra_forbidden": Code.UNKNOWN_KEY,
    "path_not_file": Code.NO_SUCH_FILE,
    "path_not_directory": Code.NO_SUCH_FILE,
}


def note_mistakes(
    error: ValidationError, root: Node, findings: Findings, above: Steps = ()
) -> None:
    """Note what pydantic found, except where a mistake is known already.

    Args:
        error: from a model that was made of the value at `above`.
        root: the tree of the whole job.
    """
    for detail in error.errors(include_url=False):
        steps = settle(root, (*above, *detail["loc"]))
        if detail["type"] == ERROR_TYPE:
            for mistake in detail["ctx"]["mistakes"]:
                _note_mistake(mistake, steps, root, findings)
        else:
            _note_detail(detail, steps, root, findings)


def _note_mistake(mistake: Mistake, above: Steps, root: Node, findings: Findings) -> None:
    steps = settle(root, (*above, *mistake.steps))
    is_missing = mistake.code == Code.MISSING_KEY
    on_key = mistake.on_key or is_missing
    place = place_of_key(root, steps) if on_key else place_of_value(root, steps)
    at = (*above, *mistake.steps) if is_missing else steps
    findings.add(mistake.code, mistake.message, place, at, mistake.suggestion)


def _note_detail(detail: Any, steps: Steps, root: Node, findings: Findings) -> None:
    code = _CODES.get(detail["type"], Code.BAD_VALUE)
    key = str(detail["loc"][-1]) if code == Code.MISSING_KEY else ""
    at = (*steps, key) if key else steps
    if findings.blames(at):
        return
    if code in (Code.MISSING_KEY, Code.UNKNOWN_KEY):
        lacks = f"{subject(steps)} lacks `{key}`."
        message = lacks if key else f"There is no key {subject(steps)} here."
        findings.add(code, message, place_of_key(root, steps), at)
        return
    context: Mapping[str, Any] = detail.get("ctx", {})
    said = str(context["error"]) if detail["type"] == "value_error" else detail["msg"]
    message = f"{subject(steps)}: {said.rstrip('.')}; it is {shown(detail['input'])}."
    findings.add(code, message, place_of_value(root, steps), at)

"""Paths that the text of a job gives, but that nobody can have meant."""

from __future__ import annotations

import re
import unicodedata

from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.schemas.survey import Survey
from taskspace.jobs.text.nodes import MappingNode, place_of_value, scalars
from taskspace.jobs.text.yaml_tree import BACKSLASHES

_HARMLESS = frozenset('\\/"uU')
"""Escapes that are meant: a backslash, what JSON writes for `/`, quotes and other alphabets."""
_DRIVE = re.compile(r"[A-Za-z]:\W", re.ASCII)


def question_paths(root: MappingNode, found: Survey, findings: Findings) -> None:
    r"""Note paths with control characters or escapes, and those of users who have no home here.

    `"C:\new\table.csv"` in double quotes has the end of a line in it and a tab.
    """
    for steps in found.homeless:
        message = "The `~` of this path is a user who has no home here."
        findings.add(Code.NO_SUCH_FILE, message, place_of_value(root, steps), steps)
    for steps, scalar in scalars(root):
        text = scalar.value
        if not isinstance(text, str):
            continue
        is_path = steps in found.paths or _DRIVE.match(text) is not None
        escapes = sorted(scalar.escapes - _HARMLESS)
        control = next((c for c in text if unicodedata.category(c) == "Cc"), None)
        if is_path and escapes:
            shown = " and ".join(f"`\\{escape}`" for escape in escapes if escape.isprintable())
            message = f"This path has the escape {shown or 'of a line end'} in it.{BACKSLASHES}"
        elif is_path and control is not None:
            message = f"This path has the control character U+{ord(control):04X} in it."
            message += " Leave it out; in Python write r'C:\\new' or 'C:\\\\new'."
        else:
            continue
        findings.add(Code.BAD_VALUE, message, scalar.place, steps)

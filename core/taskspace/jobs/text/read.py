"""The bytes of a job file, or its text, to a tree."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.schemas.words import shown
from taskspace.jobs.text.nodes import MappingNode, Node, Scalar, is_read
from taskspace.jobs.text.places import Source, SourcePlace
from taskspace.jobs.text.python_tree import read_python
from taskspace.jobs.text.yaml_tree import MAX_BYTES, read_yaml
from taskspace.tables import UndecodableText, decoded


def read_job(source: Path | str | Mapping[str, Any], findings: Findings) -> MappingNode | None:
    """Return the tree of a job file, a job's text or a mapping; None where it gives none."""
    if isinstance(source, Path):
        return _job_of(_read_file(source, findings), findings)
    if isinstance(source, str):
        origin = Source.of_text(source, "<text>", Path.cwd())
        return _job_of(read_yaml(source, origin, findings), findings)
    return _job_of(read_python(source, Source("<mapping>", Path.cwd()), findings), findings)


def _job_of(node: Node | None, findings: Findings) -> MappingNode | None:
    if node is None or isinstance(node, MappingNode):
        return node
    if is_read(node, ()):
        is_empty = isinstance(node, Scalar) and node.value is None
        found = (
            "it is empty"
            if is_empty
            else f"it is {shown(node.value if isinstance(node, Scalar) else [])}"
        )
        message = f"A job is a mapping, `study: NAME` and more, and {found}."
        code = Code.MISSING_KEY if is_empty else Code.BAD_VALUE
        findings.add(code, message, node.place, ())
    return None


def _read_file(file: Path, findings: Findings) -> Node | None:
    label = str(file)
    nowhere = SourcePlace(Source.of_text("", label, Path()), 1, 1)
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        base = file.absolute().parent
    except FileNotFoundError:
        findings.add(Code.NO_SUCH_FILE, "There is no such file.", nowhere, ())
        return None
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the name.
        reason = error.strerror if isinstance(error, OSError) else str(error)
        findings.add(Code.UNREADABLE, f"The file cannot be read: {reason}.", nowhere, ())
        return None
    if len(content) > MAX_BYTES:
        findings.add(Code.TOO_LARGE, "The file is larger than 1 MiB; no job is.", nowhere, ())
        return None
    try:
        text = decoded(content)
    except UndecodableText as error:
        origin = Source.of_text(content.decode("utf-8", errors="replace"), label, base)
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        lines = Source.of_text(before, label, base).lines
        place = SourcePlace(origin, len(lines), len(lines[-1]) + 1)
        findings.add(Code.UNREADABLE, str(error), place, ())
        return None
    return read_yaml(text, Source.of_text(text, label, base), findings)

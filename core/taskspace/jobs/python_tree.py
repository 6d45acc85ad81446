"""A Python mapping to the same tree as YAML gives; its places are paths alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from taskspace.components import SourceText
from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.nodes import Entry, ListNode, MappingNode, Node, Scalar
from taskspace.jobs.places import Place, Source, Steps
from taskspace.jobs.scalars import BadScalar, checked_number, checked_text
from taskspace.jobs.yaml_tree import MAX_DEPTH


def read_python(value: object, source: Source, findings: Findings, steps: Steps = ()) -> Node:
    """Return the tree of plain Python data: mappings, lists, tuples, paths and scalars.

    What is none of these goes into `findings`, so that a job made in Python is held to what a
    file could say. The recursion is as deep as the data, which is limited.
    """
    place = Place(source)
    if len(steps) > MAX_DEPTH:
        message = f"This is nested deeper than {MAX_DEPTH} levels."
        findings.add(Code.TOO_LARGE, message, place, steps)
        return Scalar(place, None, is_read=False)
    if isinstance(value, Mapping):
        return _mapping(value, source, findings, steps)
    if isinstance(value, list | tuple):
        items = [read_python(v, source, findings, (*steps, i)) for i, v in enumerate(value)]
        return ListNode(place, items)
    try:
        return Scalar(place, _scalar(value, source))
    except BadScalar as error:
        findings.add(Code.BAD_VALUE, str(error), place, steps)
        return Scalar(place, None, is_read=False)


def _mapping(
    value: Mapping[object, object], source: Source, findings: Findings, steps: Steps
) -> MappingNode:
    place = Place(source)
    node = MappingNode(place)
    for key, part in value.items():
        if isinstance(key, str):
            below = read_python(part, source, findings, (*steps, key))
            node.entries[str(key)] = Entry(place, below)
        else:
            message = f"A key must be text, and one here is a {type(key).__name__}."
            findings.add(Code.BAD_VALUE, message, place, steps)
    return node


def _scalar(value: object, source: Source) -> bool | int | float | str | None:
    if value is None or isinstance(value, bool | SourceText):
        return value
    if isinstance(value, int | float):
        return checked_number(value)
    if isinstance(value, str | Path):
        return SourceText(checked_text(str(value)), source.base)
    raise BadScalar(f"A {type(value).__name__} is not something that a job file could say.")

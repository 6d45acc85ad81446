"""A Python mapping to the same tree as YAML gives; its places are paths alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from taskspace.components import SourceText
from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.text.nodes import ListNode, MappingEntry, MappingNode, Node, Scalar
from taskspace.jobs.text.places import Source, SourcePlace, Steps
from taskspace.jobs.text.scalars import BadScalar, checked_number, checked_text
from taskspace.jobs.text.yaml_tree import MAX_DEPTH


class _TooDeepError(Exception):
    """Data nested beyond the limit, as data that contains itself is."""


def read_python(value: object, source: Source, findings: Findings) -> Node | None:
    """Return the tree of plain Python data: mappings, lists, tuples, paths and scalars.

    What is none of these goes into `findings`, so that a job made in Python is held to what a
    file could say. The recursion is as deep as the data, which is limited; None beyond that.
    """
    try:
        return _node(value, source, findings, ())
    except _TooDeepError:
        message = f"This is nested deeper than {MAX_DEPTH} levels."
        findings.add(Code.TOO_LARGE, message, SourcePlace(source), ())
        return None


def _node(value: object, source: Source, findings: Findings, steps: Steps) -> Node:
    place = SourcePlace(source)
    is_collection = isinstance(value, Mapping | list | tuple)
    if is_collection and len(steps) >= MAX_DEPTH:
        raise _TooDeepError
    if isinstance(value, Mapping):
        return _mapping(value, source, findings, steps)
    if isinstance(value, list | tuple):
        items = [_node(part, source, findings, (*steps, i)) for i, part in enumerate(value)]
        return ListNode(place, items)
    try:
        return Scalar(place, _scalar(value, source))
    except BadScalar as error:
        findings.add(Code.BAD_VALUE, str(error), place, steps)
        return Scalar(place, None, is_read=False)


def _mapping(
    value: Mapping[object, object], source: Source, findings: Findings, steps: Steps
) -> MappingNode:
    place = SourcePlace(source)
    node = MappingNode(place)
    for key, part in value.items():
        try:
            name = _key(key)
        except BadScalar as error:
            findings.add(Code.BAD_VALUE, str(error), place, steps)
        else:
            node.entries[name] = MappingEntry(place, _node(part, source, findings, (*steps, name)))
    return node


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise BadScalar(f"A key must be text, and one here is a {type(key).__name__}.")
    return checked_text(key)


def _scalar(value: object, source: Source) -> bool | int | float | str | None:
    if value is None or isinstance(value, bool | SourceText):
        return value
    if isinstance(value, int | float):
        return checked_number(value)
    if isinstance(value, str | Path):
        return SourceText(checked_text(str(value)), source.base)
    raise BadScalar(f"A {type(value).__name__} is not something that a job file could say.")

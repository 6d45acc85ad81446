"""`--set a.b.0.c='[2, 6]'`: one value of a job replaced, with its place in the argument."""

from __future__ import annotations

import re
from pathlib import Path

from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.text.nodes import ListNode, MappingEntry, MappingNode, Node, Scalar
from taskspace.jobs.text.places import Source, SourcePlace, Steps
from taskspace.jobs.text.yaml_tree import MAX_DEPTH, read_yaml

LABEL = "--set"
_INDEX = re.compile(r"[0-9]{1,9}", re.ASCII)


class _CannotApplyError(Exception):
    """Why the path of an argument leads nowhere: message, place and steps."""


def apply_override(
    root: MappingNode, argument: str, order: int, base: Path, findings: Findings
) -> None:
    """Replace in `root` what `argument` (`dotted.path=YAML`) says; what is wrong is noted.

    Mappings that are missing on the way are made; a component's bare name on the way becomes
    `{use: NAME}`, so that `dataset.images=5` works for `dataset: rooms`.

    Args:
        order: the number of the argument, from 1.
        base: the folder against which paths in the value are read.
    """
    source = Source.of_text(argument, LABEL, base, order)
    head, equals, tail = argument.partition("=")
    whole = SourcePlace(source, 1, 1, max(len(source.lines[0]), 1))
    segments = _segments(head, source)
    message, code = None, Code.OVERRIDE
    if not equals:
        message = "`--set` needs a path and a value: `--set train.epochs=5`."
    elif not head.isprintable():
        message = "The path before `=` has a character that no key has."
    elif any(not segment for segment, _ in segments):
        message = "The path before `=` has an empty part: write it as in `train.epochs=5`."
    elif len(segments) > MAX_DEPTH:
        message, code = f"This path is deeper than {MAX_DEPTH} levels.", Code.TOO_LARGE
    if message:
        findings.add(code, message, whole, ())
        return
    try:
        parent, steps = _parent(root, segments)
        last, place = segments[-1]
        step = _step(parent, last, place, steps)
    except _CannotApplyError as error:
        findings.add(Code.OVERRIDE, *error.args)
        return
    steps = (*steps, step)
    value = read_yaml(tail, source, findings, offset=len(head) + 1, at=steps)
    if value is None:
        return
    if isinstance(parent, MappingNode):
        parent.entries[last] = MappingEntry(place, value)
    else:
        parent.items[int(last)] = value


def _segments(head: str, source: Source) -> list[tuple[str, SourcePlace]]:
    segments, column = [], 1
    for segment in head.split("."):
        segments.append((segment, SourcePlace(source, 1, column, max(len(segment), 1))))
        column += len(segment) + 1
    return segments


def _parent(
    root: MappingNode, segments: list[tuple[str, SourcePlace]]
) -> tuple[MappingNode | ListNode, Steps]:
    """Return what the last segment is a key or an index of, and the steps to it."""
    node: MappingNode | ListNode = root
    steps: Steps = ()
    for segment, place in segments[:-1]:
        step = _step(node, segment, place, steps)
        steps = (*steps, step)
        node = _opened(node, step, place, steps)
    return node, steps


def _step(
    node: MappingNode | ListNode, segment: str, place: SourcePlace, steps: Steps
) -> str | int:
    if isinstance(node, MappingNode):
        return segment
    count = len(node.items)
    if not _INDEX.fullmatch(segment) or int(segment) >= count:
        indices = f"indices are 0 to {count - 1}" if count else "it is empty"
        message = f"`{segment}` is not in the list; {indices}."
        raise _CannotApplyError(message, place, steps)
    return int(segment)


def _opened(
    parent: MappingNode | ListNode, step: str | int, place: SourcePlace, steps: Steps
) -> MappingNode | ListNode:
    """Return the part that `step` leads to as something that has parts itself."""
    if isinstance(parent, MappingNode):
        entry = parent.entries.get(str(step))
        node: Node = entry.node if entry else Scalar(place, None)
    else:
        entry, node = None, parent.items[int(step)]
    if not isinstance(node, Scalar):
        return node
    opened = MappingNode(place)
    if isinstance(node.value, str):
        opened.entries["use"] = MappingEntry(node.place, node)
    elif node.value is not None:
        message = f"`{step}` is {node.value!r}, which has no parts that could be set."
        raise _CannotApplyError(message, place, steps)
    if isinstance(parent, MappingNode):
        parent.entries[str(step)] = MappingEntry(entry.key if entry else place, opened)
    else:
        parent.items[int(step)] = opened
    return opened

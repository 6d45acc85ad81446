"""The dotted path of a `--set`, followed into the tree of a job."""

from __future__ import annotations

import re

from taskspace.jobs.schemas.shapes import Shapes, short_for
from taskspace.jobs.text.nodes import ListNode, MappingEntry, MappingNode, Node, Scalar, child
from taskspace.jobs.text.places import Source, SourcePlace, Steps, dotted

_INDEX = re.compile(r"[0-9]{1,9}", re.ASCII)


class LeadsNowhereError(Exception):
    """Why a path leads nowhere: message, place and steps."""


def segments_of(head: str, source: Source) -> list[tuple[str, SourcePlace]]:
    """Return the parts of a dotted path with their places in the argument."""
    segments, column = [], 1
    for segment in head.split("."):
        segments.append((segment, SourcePlace(source, 1, column, max(len(segment), 1))))
        column += len(segment) + 1
    return segments


def parent_of(
    root: MappingNode, segments: list[tuple[str, SourcePlace]], shapes: Shapes | None
) -> tuple[MappingNode | ListNode, Steps]:
    """Return what the last segment is a key or an index of, and the steps to it.

    Raises:
        LeadsNowhereError: if a list has no such item, or a value on the way has no parts.
    """
    node: MappingNode | ListNode = root
    steps: Steps = ()
    for segment, place in segments[:-1]:
        step = item_step(node, segment, place, steps)
        steps = (*steps, step)
        below = child(node, step)
        if below is None or isinstance(below, Scalar):
            opened = _opened(below, place, _short_key(root, steps, shapes), steps)
            _put(node, step, place, opened)
            node = opened
        else:
            node = below
    return node, steps


def _short_key(root: Node, steps: Steps, shapes: Shapes | None) -> str | None:
    return "use" if shapes is None else short_for(shapes(root, steps))


def item_step(
    node: MappingNode | ListNode, segment: str, place: SourcePlace, steps: Steps
) -> str | int:
    """Return a segment as a key or as the index of an item that is there.

    Raises:
        LeadsNowhereError: if the list has no such item.
    """
    if isinstance(node, MappingNode):
        return segment
    count = len(node.items)
    if not _INDEX.fullmatch(segment) or int(segment) >= count:
        indices = f"indices are 0 to {count - 1}" if count else "it is empty"
        message = f"`{segment}` is not in the list; {indices}."
        raise LeadsNowhereError(message, place, steps)
    return int(segment)


def _opened(
    scalar: Scalar | None, place: SourcePlace, short_key: str | None, steps: Steps
) -> MappingNode:
    """Return what a value without parts is as a mapping; nothing is an empty one.

    Args:
        scalar: the value; None where there is none.
        place: of the segment that leads to it.
        short_key: the key that a text stands for, None where a text has no parts.
        steps: to the value.
    """
    opened = MappingNode(place)
    if scalar is None or scalar.value is None:
        return opened
    if not isinstance(scalar.value, str) or short_key is None:
        message = f"`{dotted(steps[-1:])}` is {str(scalar.value)!r}, which has no parts to set."
        raise LeadsNowhereError(message, place, steps)
    opened.entries[short_key] = MappingEntry(scalar.place, scalar)
    return opened


def _put(
    parent: MappingNode | ListNode, step: str | int, place: SourcePlace, opened: MappingNode
) -> None:
    if isinstance(parent, ListNode):
        parent.items[int(step)] = opened
        return
    entry = parent.entries.get(str(step))
    parent.entries[str(step)] = MappingEntry(entry.key if entry else place, opened)

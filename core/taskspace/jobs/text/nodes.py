"""The tree of a job's text: plain data in which every key and value knows its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from taskspace.components import JSON
from taskspace.jobs.text.places import SourcePlace, Steps


@dataclass
class Scalar:
    """A value without parts; text is a `SourceText`.

    Attributes:
        is_read: False where the text gives no value: that mistake is known, and nothing else is
            said of the value.
        written: the text of a scalar without quotes, as it stands; None where there is no text.
        escapes: the characters that follow a backslash in a scalar in double quotes.
    """

    place: SourcePlace
    value: bool | int | float | str | None
    is_read: bool = True
    written: str | None = None
    escapes: frozenset[str] = frozenset()


@dataclass
class ListNode:
    """A list."""

    place: SourcePlace
    items: list[Node] = field(default_factory=list)


@dataclass
class MappingEntry:
    """One key of a mapping, and what it leads to."""

    key: SourcePlace
    node: Node


@dataclass
class MappingNode:
    """A mapping from text to anything."""

    place: SourcePlace
    entries: dict[str, MappingEntry] = field(default_factory=dict)


Node = Scalar | ListNode | MappingNode


def copied(node: Node) -> Node:
    """Return a tree of its own; places are shared. The recursion is as deep as the tree."""
    match node:
        case Scalar():
            return replace(node)
        case ListNode(place=place, items=items):
            return ListNode(place, [copied(item) for item in items])
        case MappingNode(place=place, entries=entries):
            parts = {k: MappingEntry(entry.key, copied(entry.node)) for k, entry in entries.items()}
            return MappingNode(place, parts)


def scalars(node: Node, steps: Steps = ()) -> Iterator[tuple[Steps, Scalar]]:
    """Yield each scalar of a tree with the steps to it."""
    match node:
        case Scalar():
            yield steps, node
        case ListNode(items=items):
            for index, item in enumerate(items):
                yield from scalars(item, (*steps, index))
        case MappingNode(entries=entries):
            for key, entry in entries.items():
                yield from scalars(entry.node, (*steps, key))


def child(node: Node, step: str | int) -> Node | None:
    """Return the part of `node` that `step` leads to, or None."""
    if isinstance(node, MappingNode) and isinstance(step, str):
        entry = node.entries.get(step)
        return entry.node if entry else None
    if isinstance(node, ListNode) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def is_read(root: Node, steps: Steps) -> bool:
    """Return whether there is no mistake yet in how the value at `steps` is written."""
    node: Node | None = root
    for step in steps:
        node = child(node, step) if node else None
    return not (isinstance(node, Scalar) and not node.is_read)


def settle(root: Node, steps: Steps) -> Steps:
    """Return `steps` without those that lead nowhere, such as pydantic's names of alternatives."""
    node, found = root, []
    for step in steps:
        below = child(node, step)
        if below is not None:
            node = below
            found.append(step)
    return tuple(found)


def node_at(root: Node, steps: Steps) -> Node:
    """Return the part at `steps`; the last that exists."""
    node = root
    for step in settle(root, steps):
        node = child(node, step) or node
    return node


def place_of_value(root: Node, steps: Steps) -> SourcePlace:
    """Return where the value at `steps` begins; of the last part that exists."""
    return node_at(root, steps).place


def place_of_key(root: Node, steps: Steps) -> SourcePlace:
    """Return where the key that leads to `steps` stands; of a list's item, where it begins."""
    node, place = root, root.place
    for step in settle(root, steps):
        entry = (
            node.entries[step] if isinstance(node, MappingNode) and step in node.entries else None
        )
        node = child(node, step) or node
        place = entry.key if entry else node.place
    return place


def plain(
    node: Node,
    replaced: Mapping[Steps, str] | None = None,
    left_out: Collection[Steps] = (),
    steps: Steps = (),
) -> JSON:
    """Return `node` as plain data; texts at the steps in `replaced` become what it says.

    `left_out` names keys of mappings. The recursion is as deep as the tree, which is limited.
    """
    match node:
        case Scalar(value=str() as text):
            return (replaced or {}).get(steps, str(text))
        case Scalar(value=value):
            return value
        case ListNode(items=items):
            return [plain(n, replaced, left_out, (*steps, i)) for i, n in enumerate(items)]
        case MappingNode(entries=entries):
            return {
                key: plain(entry.node, replaced, left_out, (*steps, key))
                for key, entry in entries.items()
                if (*steps, key) not in left_out
            }

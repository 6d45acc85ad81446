"""YAML to a tree of nodes, from PyYAML's events: no tags, no anchors, no recursion."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from taskspace.components import SourceText
from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.text.nodes import ListNode, MappingEntry, MappingNode, Node, Scalar
from taskspace.jobs.text.places import Source, SourcePlace, Steps
from taskspace.jobs.text.scalars import BadScalar, checked_text, resolve

MAX_BYTES = 1 << 20
MAX_DEPTH = 64

BACKSLASHES = (
    " In double quotes a backslash begins an escape: write it twice, \\\\, or use single quotes."
)
"""What to do about a Windows path in double quotes."""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def read_yaml(
    text: str, source: Source, findings: Findings, *, offset: int = 0, at: Steps = ()
) -> Node | None:
    """Return the tree of one YAML document; None where the text gives none.

    Args:
        text: YAML; what is wrong with it goes into `findings`.
        source: where places are; `text` begins `offset` characters into its first line.
        at: the steps to the root of the tree, for the paths of problems.
    """
    start = SourcePlace(source, 1, 1 + offset)
    if len(text) > MAX_BYTES or len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        findings.add(Code.TOO_LARGE, "This is larger than 1 MiB; no job is.", start, at)
        return None
    builder = _Builder(text, source, findings, offset, at)
    try:
        loader: Any = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        before = Source.of_text(text[: error.position], "", source.base).lines
        builder.refuse_character(error.character, len(before) - 1, len(before[-1]))
        return None
    try:
        while loader.check_event():
            if not builder.take(loader.get_event()):
                return None
    except yaml.MarkedYAMLError as error:
        builder.refuse_syntax(error)
        return None
    except (ValueError, OverflowError):
        # PyYAML calls chr() and int() on what escapes and directives say, however large it is.
        message = "An escape or directive here has a number that is out of range."
        message += BACKSLASHES
        findings.add(Code.SYNTAX, message, builder.place(loader.line, loader.column), at)
        return None
    finally:
        loader.dispose()
    return builder.root or Scalar(start, None)


@dataclass
class _OpenNode:
    """A list or mapping that is still open; `step` is what comes, or came last, in it.

    `key` is where the key stands whose value comes next, None where a key comes next.
    """

    node: ListNode | MappingNode
    step: str | int | None = None
    key: SourcePlace | None = None


class _Builder:
    """Builds the tree from events; the stack holds what is open."""

    def __init__(
        self, text: str, source: Source, findings: Findings, offset: int, at: Steps
    ) -> None:
        self._text = text
        self._source = source
        self._findings = findings
        self._offset = offset
        self._at = at
        self._stack: list[_OpenNode] = []
        self._documents = 0
        self.root: Node | None = None

    def take(self, event: Any) -> bool:
        """Take the next event; return whether there is any sense in going on."""
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    message = "A second document starts here; a job is one document."
                    self._add(Code.SYNTAX, message, self._place_of(event))
                    return False
            case yaml.NodeEvent():
                return self._take_node(event)
            case yaml.CollectionEndEvent():
                self._close(event)
            case _:
                pass
        return True

    def place(self, line: int, column: int, width: int = 1) -> SourcePlace:
        """Return the place of PyYAML's line and column, which count from 0."""
        shift = self._offset if line == 0 else 0
        return SourcePlace(self._source, line + 1, column + shift + 1, max(width, 1))

    def refuse_syntax(self, error: yaml.MarkedYAMLError) -> None:
        """Note what PyYAML says, with advice for the usual causes."""
        mark = error.problem_mark or error.context_mark
        is_open = "end of stream" in str(error.problem)
        if is_open and "quoted scalar" in str(error.context):
            mark = error.context_mark
        place = self.place(mark.line, mark.column) if mark else self.place(0, 0)
        found = self._text[mark.index : mark.index + 1] if mark else ""
        advice = ""
        if self._is_escaped(error):
            advice = BACKSLASHES
        elif found == "\t":
            advice = " Indent with spaces instead of tabs."
        elif found in ("@", "`", "%"):
            advice = f" Text that begins with {found} needs quotes."
        said = " ".join(str(part) for part in (error.context, error.problem) if part)
        self._findings.add(Code.SYNTAX, f"This is not YAML: {said}.{advice}", place, self._at)

    def _is_escaped(self, error: yaml.MarkedYAMLError) -> bool:
        """Return whether a text in double quotes is not YAML and has a backslash in it."""
        if "quoted scalar" not in str(error.context) or error.context_mark is None:
            return False
        last = error.problem_mark.index if error.problem_mark else None
        raw = self._text[error.context_mark.index : last]
        return raw.startswith('"') and "\\" in raw

    def refuse_character(self, number: int, line: int, column: int) -> None:
        """Note a character that YAML does not allow, by its code point."""
        message = f"The character U+{number:04X} is not allowed in YAML."
        self._findings.add(Code.SYNTAX, message, self.place(line, column), self._at)

    def _take_node(self, event: Any) -> bool:
        place = self._place_of(event)
        steps = self._steps()
        if isinstance(event, yaml.AliasEvent):
            message = "Aliases are not used in jobs: write the value out."
            self._add(Code.TAG_OR_ANCHOR, message, place)
            self._attach(Scalar(place, None, is_read=False))
            return True
        if event.anchor is not None:
            message = "Anchors are not used in jobs: remove it."
            self._findings.add(Code.TAG_OR_ANCHOR, message, place, steps)
        if event.tag is not None:
            message = "Tags are not used in jobs: remove it; types follow from the values."
            self._findings.add(Code.TAG_OR_ANCHOR, message, place, steps)
        if isinstance(event, yaml.ScalarEvent):
            self._attach(self._scalar(event, place))
            return True
        if len(self._at) + len(self._stack) >= MAX_DEPTH:
            message = f"This is nested deeper than {MAX_DEPTH} levels."
            self._add(Code.TOO_LARGE, message, place)
            return False
        node = ListNode(place) if isinstance(event, yaml.SequenceStartEvent) else MappingNode(place)
        self._attach(node)
        self._stack.append(_OpenNode(node))
        return True

    def _scalar(self, event: Any, place: SourcePlace) -> Scalar:
        try:
            value = resolve(event.value) if event.style is None else event.value
            if isinstance(value, str):
                value = SourceText(checked_text(value), self._source.base)
        except BadScalar as error:
            self._add(Code.BAD_VALUE, str(error), place)
            return Scalar(place, None, is_read=False)
        written = event.value if event.style is None else None
        return Scalar(place, value, written=written, escapes=self._escapes(event))

    def _escapes(self, event: Any) -> frozenset[str]:
        if event.style != '"':
            return frozenset()
        raw = self._text[event.start_mark.index : event.end_mark.index]
        return frozenset(_ESCAPE.findall(raw))

    def _attach(self, node: Node) -> None:
        """Put a node where it belongs; a mapping's node is its next key or that key's value."""
        if not self._stack:
            self.root = node
            return
        frame = self._stack[-1]
        if isinstance(frame.node, ListNode):
            frame.step = len(frame.node.items)
            frame.node.items.append(node)
        elif frame.key is None:
            self._take_key(frame, node)
        else:
            if isinstance(frame.step, str):
                frame.node.entries[frame.step] = MappingEntry(frame.key, node)
            frame.key = None

    def _take_key(self, frame: _OpenNode, node: Node) -> None:
        """Remember a key; the value of one that cannot be used is read and left out."""
        frame.key, frame.step = node.place, None
        assert isinstance(frame.node, MappingNode)
        if not (isinstance(node, Scalar) and isinstance(node.value, str)):
            self._add(Code.BAD_VALUE, "A key must be text: put quotes around it.", node.place)
            return
        key = str(node.value)
        first = frame.node.entries.get(key)
        if first:
            message = f"The key `{key}` is given twice; the first is in line {first.key.line}."
            self._findings.add(Code.DUPLICATE_KEY, message, node.place, (*self._steps(), key))
        else:
            frame.step = key

    def _close(self, event: Any) -> None:
        """Close a collection: one in brackets on one line is as wide as it is."""
        node = self._stack.pop().node
        line, column = node.place.line - 1, node.place.column - 1
        ends_here = event.end_mark.line == line and event.end_mark.column > event.start_mark.column
        if ends_here:
            shift = self._offset if line == 0 else 0
            end = event.end_mark.column + shift
        else:
            end = len(node.place.source_line.rstrip())
        node.place = SourcePlace(self._source, line + 1, column + 1, max(end - column, 1))

    def _place_of(self, event: Any) -> SourcePlace:
        start, end = event.start_mark, event.end_mark
        if end.line == start.line:
            return self.place(start.line, start.column, end.column - start.column)
        first = self.place(start.line, start.column)
        return SourcePlace(
            self._source,
            first.line,
            first.column,
            max(len(first.source_line.rstrip()) - first.column + 1, 1),
        )

    def _steps(self) -> Steps:
        """Return the steps to the node that comes next."""
        inner: list[str | int] = []
        for frame in self._stack:
            if isinstance(frame.node, ListNode) and frame is self._stack[-1]:
                inner.append(len(frame.node.items))
            elif frame.step is not None and (frame.key is not None or frame is not self._stack[-1]):
                inner.append(frame.step)
        return (*self._at, *inner)

    def _add(self, code: Code, message: str, place: SourcePlace) -> None:
        self._findings.add(code, message, place, self._steps())

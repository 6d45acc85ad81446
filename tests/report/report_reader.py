"""Reads a page strictly: a tag that is not closed, or closed twice, is an error."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "meta", "wbr"}


@dataclass
class Element:
    """One element with its attributes and what stands in it."""

    name: str
    attributes: dict[str, str | None]
    inside: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, in document order."""
        yield self
        for part in self.inside:
            if isinstance(part, Element):
                yield from part.walk()

    def all(self, name: str, class_: str = "") -> list[Element]:
        """Return the elements of a name, and of a class where one is given."""
        return [
            element
            for element in self.walk()
            if element.name == name and (not class_ or class_ in element.classes)
        ]

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.inside)


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#page", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise AssertionError(f"<{tag}/> closes itself, which HTML does not know")

    def handle_endtag(self, tag: str) -> None:
        opened = self.open.pop()
        assert opened.name == tag, f"</{tag}> closes <{opened.name}>"

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r}")


def read(html: str) -> Element:
    """Return the page as a tree."""
    parser = _Strict()
    parser.feed(html)
    parser.close()
    assert parser.open == [parser.root], f"not closed: {[e.name for e in parser.open]}"
    return parser.root


def saved(link: Element) -> str:
    """Return the content of the file that a download link saves."""
    _, _, content = (link.attributes["href"] or "").partition(";base64,")
    return base64.b64decode(content, validate=True).decode()

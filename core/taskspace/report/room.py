"""How wide a block must be to be read, and what it does where it has less room.

A table that does not fit turns into cards, one a row (`cards.css`); a heat map keeps its least
legible width and scrolls. The widths are estimates of the widest of the usual fonts. They become
classes, because the page's security policy allows no style in an attribute; a step of cards is
compared to the figure that holds the table, on a screen and on paper alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taskspace.report.label import width

CARD_STEPS = (22, 26, 30, 36, 42, 48, 54, 58, 62)
"""Widths below which a table is cards, ems of its figure's text; beyond the last it always is."""

_SMALLEST = 20.0
"""A table that needs no more stays one on a phone of 360 pixels."""

_PIXELS = range(400, 1600, 40)
"""Least widths of heat maps that do not fit a phone."""

_PHONE = 354.0
"""Room of a drawing on a phone of 390 pixels."""

_LEGIBLE = 9.0
"""The least size of text in a drawing, pixels."""

_PIECE = re.compile(r"[ \t\n]|(?<=[-_/])")
_BRIEF = 11
"""Letters of a value and of the name of its column up to which many stand in a line of a card."""


@dataclass(frozen=True)
class Density:
    """How close a table is set: as `page.css` sets the class, in ems of the figure's text."""

    class_: str | None
    font: float
    padding: float
    long: float
    """Least width of a cell of prose."""
    line: int
    """Letters that a line of a text column holds, where a text has that many."""


DENSITIES = (
    Density(None, 0.89, 1.6, 15.0, 16),
    Density("dense", 0.8, 0.9, 11.0, 14),
    Density("densest", 0.7, 0.5, 9.0, 8),
)


@dataclass(frozen=True)
class Column:
    """What is written in a column of a table."""

    head: str
    texts: Sequence[str]
    wraps: bool
    """Whether cells may break at spaces; numbers may not."""
    long: bool = False
    """Whether a cell is prose."""

    def width(self, density: Density) -> float:
        """Return the least width at which it reads well, in ems of the figure's text."""
        bold = 1.06 * density.font
        head = max((width(piece, bold) for piece in _PIECE.split(self.head)), default=0.0)
        cells = max((self._cell(text, density) for text in self.texts), default=0.0)
        return max(head, cells, density.long if self.long else 0.0) + density.padding

    @property
    def brief(self) -> bool:
        """Whether several of its values stand beside each other on a phone."""
        return max((len(self.head + text) for text in self.texts), default=0) <= _BRIEF

    def _cell(self, text: str, density: Density) -> float:
        if not self.wraps:
            return width(text, density.font)
        piece = max(width(piece, density.font) for piece in _PIECE.split(text))
        return max(piece, width(text[: density.line], density.font))


def table_classes(columns: Sequence[Column]) -> str | None:
    """Return how close a table is set to fit the page, and below which width it is cards."""
    for density in DENSITIES:
        needed = sum(column.width(density) for column in columns)
        if needed <= CARD_STEPS[-2]:
            break
    cards = cards_class(needed)
    brief = "brief" if cards and all(column.brief for column in columns[1:]) else None
    return " ".join(filter(None, (density.class_, cards, brief))) or None


def cards_class(needed: float) -> str | None:
    """Return the class of a table that needs this width, ems of its figure's text."""
    if needed <= _SMALLEST:
        return None
    step = next((step for step in CARD_STEPS if needed <= step), None)
    return "cards-always" if step is None else f"cards-{step}"


def legible_class(drawn: float, font: float) -> str | None:
    """Return the class of a drawing this wide whose smallest text is `font` of its units."""
    least = drawn * _LEGIBLE / font
    if least <= _PHONE:
        return None
    return f"at-least-{next((step for step in _PIXELS if least <= step), _PIXELS[-1])}"


def _rules(cards: str) -> Iterator[str]:
    yield cards.replace(".cards", ".cards-always")
    for step in CARD_STEPS:
        yield f"@container (width < {step}em) {{{cards.replace('.cards', f'.cards-{step}')}}}"
    least = (f".at-least-{pixels}{{min-width:{pixels}px}}" for pixels in _PIXELS)
    yield f"@media screen {{{''.join(least)}}}"


def stylesheet(cards: str) -> str:
    """Return the rules of all classes; `cards` are those of a table of class `cards`."""
    return "\n".join(_rules(re.sub(r"/\*.*?\*/|\n\s*", "", cards, flags=re.DOTALL))) + "\n"

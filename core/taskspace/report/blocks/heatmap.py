"""Heat maps: a square for each number, with the number in it where it fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from taskspace.components.page import Heatmap
from taskspace.report.download import csv_link
from taskspace.report.frame import LINE, Ids, figure, name_text, nothing, scroll, svg
from taskspace.report.label import lines, width
from taskspace.report.markup import Markup, join, tag
from taskspace.report.numbers import brief, is_finite, show
from taskspace.report.palette import LEVELS
from taskspace.report.room import legible_class

_FONT = 12.0
_VALUE_FONT = 11.0
_HEIGHT, _TALL = 27.0, 32.0
"""Height of a row, and of each where one of them has a name of two lines."""
_LABEL_ROOM = 170.0
_CROWDED, _CROWDED_ROOM = 16, 132.0
"""Columns beyond which they are set close, and the room of a row's name beside them."""
_LEAST_SPAN = 180.0
"""Width that the scale of colours needs."""
_SLANT = 0.72
"""Sine (and nearly cosine) of the 46 degrees at which column names stand."""


@dataclass(frozen=True)
class Scale:
    """From a number to a level of colour: straight, or away from a middle on both sides."""

    low: float
    high: float
    middle: float | None

    @staticmethod
    def of(block: Heatmap) -> Scale:
        """Return the scale that the block asks for; its own values fill in what it leaves open."""
        # Halved, so that the difference of two huge numbers is still a number.
        seen = [float(v) / 2 for row in block.values for v in row if v is not None and is_finite(v)]
        low = min(seen, default=0.0) if block.low is None else block.low / 2
        high = max(seen, default=0.0) if block.high is None else block.high / 2
        if block.middle is None:
            return Scale(low, high, None)
        middle = block.middle / 2
        reach = max(high - middle, middle - low, 0.0)
        return Scale(
            middle - reach if block.low is None else low,
            middle + reach if block.high is None else high,
            middle,
        )

    def share(self, value: float) -> float:
        """Return where `value` stands, from 0 (low) to 1 (high)."""
        half = min(max(value / 2, self.low), max(self.low, self.high))
        if self.middle is None:
            return (half - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        if half >= self.middle:
            reach = self.high - self.middle
            return 0.5 + 0.5 * (half - self.middle) / reach if reach > 0 else 0.5
        reach = self.middle - self.low
        return 0.5 - 0.5 * (self.middle - half) / reach if reach > 0 else 0.5

    def colour(self, share: float) -> str:
        """Return the class of the colour at a share of the scale."""
        return f"{'q' if self.middle is None else 'd'}{round(share * (LEVELS - 1))}"


@dataclass(frozen=True)
class _MapLayout:
    names: list[list[str]]
    heads: list[list[str]]
    left: float
    """Width of the row names, which are a drawing of their own: they stay when cells scroll."""
    top: float
    row: float
    cell: float
    span: float
    """Width of the cells with what hangs over on their right."""
    writes_values: bool
    angle: int
    """Of the column names: level where they are short, upright where they are many."""

    @staticmethod
    def of(block: Heatmap) -> _MapLayout:
        columns = len(block.columns)
        crowded = columns > _CROWDED
        room = _CROWDED_ROOM if crowded else _LABEL_ROOM
        names = [lines(name, _FONT, room) for name in block.rows]
        heads = [
            lines(name, _FONT, _LABEL_ROOM, 2 if columns <= 40 else 1) for name in block.columns
        ]
        shown = [brief(v, block.digits) for row in block.values for v in row if v is not None]
        widest = _widest([shown], _VALUE_FONT) + (3 if crowded else 6)
        fits = widest <= 60 and columns <= 40
        cell = max(_least_width(columns), widest if fits else 0)
        head = _widest(heads, _FONT)
        angle = 0 if head <= cell - 4 else -90 if crowded else -46
        tall = max(len(name) for name in heads)
        rise = {0: LINE * tall, -90: head, -46: head * _SLANT + LINE * (tall - 1)}[angle]
        over = _widest(heads[-1:], _FONT) * _SLANT - cell / 2 if angle == -46 else 0.0
        span = max(columns * cell + max(over, 0.0) + 8, _LEAST_SPAN)
        left = max(_widest(names, _FONT), 40) + 10
        row = _HEIGHT if all(len(name) == 1 for name in names) else _TALL
        return _MapLayout(names, heads, left, rise + 14, row, cell, span, fits, angle)


def _widest(names: Sequence[Sequence[str]], font: float) -> float:
    return max((width(line, font) for name in names for line in name), default=0.0)


def _least_width(columns: int) -> float:
    """Return the least width of a cell: the dictionary's 22 targets fit beside each other."""
    return 38.0 if columns <= 20 else 30.0 if columns <= 40 else 14.0


def _cell(block: Heatmap, scale: Scale, layout: _MapLayout, row: int, column: int) -> Markup:
    value = block.values[row][column]
    told = "no value" if value is None else show(value, block.digits + 2)
    x, y = column * layout.cell, layout.top + row * layout.row
    box = tag(
        "rect",
        x=x,
        y=y,
        width=layout.cell - 1,
        height=layout.row - 1,
        class_="empty" if value is None or math.isnan(value) else scale.colour(scale.share(value)),
    )
    text = None
    if layout.writes_values and value is not None:
        middle = x + (layout.cell - 1) / 2
        text = tag(
            "text", brief(value, block.digits), x=middle, y=y + layout.row / 2 + 3.5, class_="v"
        )
    title = tag("title", f"{block.rows[row]} · {block.columns[column]}: {told}")
    return tag("g", title, box, text)


def _row_names(block: Heatmap, layout: _MapLayout, height: float) -> Markup:
    names = (
        name_text(
            name,
            layout.names[index],
            x=layout.left - 7,
            y=layout.top + index * layout.row + layout.row / 2 + 4,
            class_="end",
        )
        for index, name in enumerate(block.rows)
    )
    wide, tall = round(layout.left), round(height)
    box = f"0 0 {wide} {tall}"
    return tag(
        "svg", *names, width=wide, height=tall, viewBox=box, class_="rows", aria_hidden="true"
    )


def _heads(block: Heatmap, layout: _MapLayout) -> Markup:
    drawn = []
    for index, name in enumerate(block.columns):
        shown = layout.heads[index]
        x, y = (index + 0.5) * layout.cell, layout.top - 7
        turn = f"rotate({layout.angle} {x:.1f} {y:.1f})" if layout.angle else None
        # Upright lines stand around the middle of their column; others stand on its edge.
        baseline = y + 4 if layout.angle == -90 else y - LINE * (len(shown) - 1) / 2
        class_ = None if layout.angle else "mid"
        drawn.append(name_text(name, shown, x=x, y=baseline, class_=class_, transform=turn))
    return join(drawn)


def _titles(block: Heatmap) -> Markup | None:
    parts = [
        f"rows: {block.row_title}" if block.row_title else "",
        f"columns: {block.column_title}" if block.column_title else "",
    ]
    said = " · ".join(part for part in parts if part)
    return tag("p", said, class_="sides") if said else None


def _legend(block: Heatmap, scale: Scale, y: float) -> Markup:
    step = 5.0
    bar = join(
        tag(
            "rect",
            x=level * step,
            y=y,
            width=step,
            height=8,
            class_=scale.colour(level / (LEVELS - 1)),
        )
        for level in range(LEVELS)
    )
    ends = [(0.0, scale.low, "start"), (LEVELS * step, scale.high, "end")]
    if scale.middle is not None:
        ends.insert(1, (LEVELS * step / 2, scale.middle, "mid"))
    marks = join(
        tag("text", brief(2 * value, block.digits), x=at, y=y + 21, class_=f"quiet {anchor}")
        for at, value, anchor in ends
    )
    return tag("g", tag("g", bar, class_="bar"), marks, aria_hidden="true")


def _described(block: Heatmap) -> str:
    size = f"{len(block.rows)} rows by {len(block.columns)} columns."
    found = [
        (value, row, column)
        for row, values in zip(block.rows, block.values, strict=True)
        for column, value in zip(block.columns, values, strict=True)
        if value is not None and is_finite(value)
    ]
    if not found:
        return f"{size} No values."
    low, high = min(found), max(found)
    ends = (f"{show(value, block.digits)} ({row}, {column})" for value, row, column in (low, high))
    return f"{size} From {' to '.join(ends)}. The CSV file beside it has every number."


def draw_heatmap(block: Heatmap, ids: Ids) -> Markup:
    """Return the matrix as an SVG whose cells tell row, column and value when pointed at."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    if not block.rows or not block.columns:
        return figure(nothing("No values to draw."), caption, id_=id_, kind="heatmap")
    scale, layout = Scale.of(block), _MapLayout.of(block)
    cells = join(
        _cell(block, scale, layout, row, column)
        for row in range(len(block.rows))
        for column in range(len(block.columns))
    )
    bottom = layout.top + len(block.rows) * layout.row
    drawing = svg(
        [_heads(block, layout), cells, _legend(block, scale, bottom + 12)],
        width=layout.span,
        height=bottom + 40,
        title=caption,
        desc=_described(block),
        id_=id_,
    )
    least = legible_class(layout.left + layout.span, _VALUE_FONT)
    whole = tag(
        "div",
        _row_names(block, layout, bottom + 40),
        drawing,
        class_=" ".join(filter(None, ("map", least))),
    )
    table = [[name, *row] for name, row in zip(block.rows, block.values, strict=True)]
    corner = block.row_title or "row"
    download = csv_link(block.name, [corner, *block.columns], table)
    body = join([_titles(block), scroll(whole, caption)])
    return figure(body, caption, download, id_=id_, kind="heatmap")

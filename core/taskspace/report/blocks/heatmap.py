"""Heat maps: a square for each number, with the number in it where it fits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from taskspace.components.page import Heatmap
from taskspace.report.download import csv_link
from taskspace.report.frame import Ids, figure, nothing, scroll, svg
from taskspace.report.label import fit, width
from taskspace.report.markup import Markup, join, tag
from taskspace.report.numbers import brief, is_finite, show
from taskspace.report.palette import LEVELS

_FONT = 12.0
_VALUE_FONT = 11.0
_HEIGHT = 27.0
_LABEL_ROOM = 170.0
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
class _Layout:
    left: float
    top: float
    cell: float
    writes_values: bool
    upright: bool
    """Whether column names are short enough to stand level."""

    @staticmethod
    def of(block: Heatmap) -> _Layout:
        names = max((width(fit(n, _FONT, _LABEL_ROOM), _FONT) for n in block.rows), default=0)
        heads = max((width(fit(n, _FONT, _LABEL_ROOM), _FONT) for n in block.columns), default=0)
        shown = [brief(v, block.digits) for row in block.values for v in row if v is not None]
        widest = max((width(text, _VALUE_FONT) for text in shown), default=0) + 6
        fits = widest <= 60 and len(block.columns) <= 40
        cell = max(_least_width(len(block.columns)), widest if fits else 0)
        titles = 18 if block.row_title or block.column_title else 0
        upright = heads <= cell - 4
        top = (_FONT if upright else heads * _SLANT) + 16 + titles
        return _Layout(max(names, 40) + 10, top, cell, fits, upright)


def _least_width(columns: int) -> float:
    """Return the least width of a cell: the dictionary's 22 targets fit beside each other."""
    return 38.0 if columns <= 20 else 30.0 if columns <= 40 else 14.0


def _cell(block: Heatmap, scale: Scale, layout: _Layout, row: int, column: int) -> Markup:
    value = block.values[row][column]
    told = "no value" if value is None else show(value, block.digits + 2)
    x, y = layout.left + column * layout.cell, layout.top + row * _HEIGHT
    box = tag(
        "rect",
        x=x,
        y=y,
        width=layout.cell - 1,
        height=_HEIGHT - 1,
        class_="empty" if value is None or math.isnan(value) else scale.colour(scale.share(value)),
    )
    text = None
    if layout.writes_values and value is not None:
        middle = x + (layout.cell - 1) / 2
        text = tag(
            "text", brief(value, block.digits), x=middle, y=y + _HEIGHT / 2 + 3.5, class_="v"
        )
    title = tag("title", f"{block.rows[row]} · {block.columns[column]}: {told}")
    return tag("g", title, box, text)


def _heads(block: Heatmap, layout: _Layout) -> Markup:
    rows = join(
        tag(
            "text",
            tag("title", name),
            fit(name, _FONT, _LABEL_ROOM),
            x=layout.left - 7,
            y=layout.top + index * _HEIGHT + _HEIGHT / 2 + 4,
            class_="end",
        )
        for index, name in enumerate(block.rows)
    )
    columns = []
    for index, name in enumerate(block.columns):
        x, y = layout.left + (index + 0.5) * layout.cell, layout.top - 7
        columns.append(
            tag(
                "text",
                tag("title", name),
                fit(name, _FONT, _LABEL_ROOM),
                x=x,
                y=y,
                class_="mid" if layout.upright else None,
                transform=None if layout.upright else f"rotate(-46 {x:.1f} {y:.1f})",
            )
        )
    return join([rows, *columns])


def _titles(block: Heatmap, layout: _Layout) -> Markup | None:
    parts = [
        f"rows: {block.row_title}" if block.row_title else "",
        f"columns: {block.column_title}" if block.column_title else "",
    ]
    said = " · ".join(part for part in parts if part)
    shown = fit(said, 11, 320)
    return tag("text", tag("title", said), shown, x=0, y=13, class_="quiet") if said else None


def _legend(block: Heatmap, scale: Scale, y: float, left: float) -> Markup:
    step = 5.0
    bar = join(
        tag(
            "rect",
            x=left + level * step,
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
        tag("text", brief(2 * value, block.digits), x=left + at, y=y + 21, class_=f"quiet {anchor}")
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
    scale, layout = Scale.of(block), _Layout.of(block)
    cells = join(
        _cell(block, scale, layout, row, column)
        for row in range(len(block.rows))
        for column in range(len(block.columns))
    )
    bottom = layout.top + len(block.rows) * _HEIGHT
    last_head = width(fit(block.columns[-1], _FONT, _LABEL_ROOM), _FONT) * _SLANT
    span = max(len(block.columns) * layout.cell + max(last_head - layout.cell / 2, 0) + 8, 190)
    title = _titles(block, layout)
    drawing = svg(
        [
            *([title] if title else []),
            _heads(block, layout),
            cells,
            _legend(block, scale, bottom + 12, layout.left),
        ],
        width=layout.left + span,
        height=bottom + 40,
        title=caption,
        desc=_described(block),
        id_=id_,
    )
    table = [[name, *row] for name, row in zip(block.rows, block.values, strict=True)]
    corner = block.row_title or "row"
    download = csv_link(block.name, [corner, *block.columns], table)
    return figure(scroll(drawing, caption), caption, download, id_=id_, kind="heatmap")

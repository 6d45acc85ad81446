"""Named values with their intervals, one below the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from taskspace.components.exchanged.intervals import IntervalRow, Intervals
from taskspace.components.page import Scalar
from taskspace.report.axis import Axis, axis
from taskspace.report.download import csv_link
from taskspace.report.frame import LINE, Ids, figure, name_text, nothing, scroll, svg
from taskspace.report.label import lines, width
from taskspace.report.markup import Markup, tag
from taskspace.report.numbers import is_finite, show

_WIDTH, _ROW = 440.0, 26.0
"""Of the drawing, and from one row to the next at least, in units."""
_MOST_NAME, _MOST_LINES, _GAP, _MARGIN = 170.0, 8, 12.0, 22.0
"""Room and lines for a name at most, room between names and axis, and on the right for half a
label."""
_FONT = 12.0
_ZOOM = 1.4
_MARK = "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
_POINT = "M-1.6 0a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0-3.2 0z"


def draw_intervals(block: Intervals, ids: Ids) -> Markup:
    """Return the rows as an SVG, the first at the top; a row without a value keeps its place."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    sides = [side for row in block.rows for side in _sides(row)]
    if not sides:
        return figure(nothing("No values to draw."), caption, id_=id_, kind="plot")
    across = axis(sides if block.mark is None else [*sides, block.mark])
    names = [lines(row.name, _FONT, _MOST_NAME, _MOST_LINES) for row in block.rows]
    left = max(width(line, _FONT) for name in names for line in name) + _GAP
    across = across.thinned(_WIDTH - left - _MARGIN, _FONT)
    heights = [max(_ROW, LINE * len(name) + 8) for name in names]
    bottom = 6 + sum(heights)

    def x(value: float) -> float:
        return left + across.at(value) * (_WIDTH - _MARGIN - left)

    rows, top = [], 6.0
    for row, name, height in zip(block.rows, names, heights, strict=True):
        y, top = top + height / 2, top + height
        text = name_text(row.name, name, x=left - _GAP, y=y + 4, class_="end")
        rows.append(tag("g", text, *_drawn(row, x, y)))
    title = lines(block.title, _FONT, _WIDTH - left, 3)
    drawing = svg(
        [_axis(across, block.mark, x, bottom), *rows, _title(block.title, title, left, bottom)],
        width=_WIDTH,
        height=bottom + 26 + LINE * len(title),
        title=caption,
        desc=f"{block.title}: {'; '.join(map(_told, block.rows))}.",
        id_=id_,
        zoom=_ZOOM,
    )
    # A row of the file for the value of each, then one for each point that it is the mean of.
    numbers: list[Sequence[Scalar]] = [
        row
        for each in block.rows
        for row in (
            (each.name, "value", each.value, each.low, each.high),
            *((each.name, "point", point, None, None) for point in each.points),
        )
    ]
    download = csv_link(block.name, ["name", "kind", block.title, "low", "high"], numbers)
    return figure(scroll(drawing, caption), caption, download, id_=id_, kind="plot")


def _sides(row: IntervalRow) -> list[float]:
    """Return all finite values of a row."""
    values = (row.value, row.low, row.high, *row.points)
    return [value for value in values if value is not None and is_finite(value)]


def _drawn(row: IntervalRow, x: Callable[[float], float], y: float) -> Iterator[Markup]:
    """Yield the interval of a row, then its points, then its value."""
    if row.low is not None and row.high is not None and is_finite(row.low) and is_finite(row.high):
        ends = f"M{x(row.low):.1f} {y:.1f}H{x(row.high):.1f}"
        yield tag("path", d=ends, class_="whisker k0")
    for point in row.points:
        if is_finite(point):
            place = f"translate({x(point):.1f} {y:.1f})"
            yield tag("path", d=_POINT, transform=place, class_="mark k1")
    if row.value is not None and is_finite(row.value):
        place = f"translate({x(row.value):.1f} {y:.1f})"
        told = tag("title", _told(row))
        yield tag("path", told, d=_MARK, transform=place, class_="mark k0")


def _axis(across: Axis, mark: float | None, x: Callable[[float], float], bottom: float) -> Markup:
    parts = []
    for tick in across.ticks:
        parts.append(tag("path", d=f"M{x(tick):.1f} 6V{bottom:.1f}", class_="grid"))
        label = across.label(tick)
        parts.append(tag("text", label, x=x(tick), y=bottom + 15, class_="quiet mid"))
    if mark is not None:
        parts.append(tag("path", d=f"M{x(mark):.1f} 0V{bottom:.1f}", class_="axis"))
    return tag("g", *parts)


def _title(title: str, shown: Sequence[str], left: float, bottom: float) -> Markup:
    y = bottom + 31 + LINE * (len(shown) - 1) / 2
    return name_text(title, shown, x=(left + _WIDTH - _MARGIN) / 2, y=y, class_="title mid")


def _told(row: IntervalRow) -> str:
    told = f"{row.name} {show(row.value, 3)}"
    if row.low is None or row.high is None:
        return told
    return f"{told} [{show(row.low, 3)}, {show(row.high, 3)}]"

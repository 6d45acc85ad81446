"""Curves with intervals over one axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from taskspace.components.page import Curve, Plot, Scalar
from taskspace.report.axis import Axis, axis
from taskspace.report.download import csv_link
from taskspace.report.frame import LINE, Ids, figure, key_entry, name_text, nothing, scroll, svg
from taskspace.report.label import lines, width
from taskspace.report.markup import Markup, join, tag
from taskspace.report.numbers import is_finite, show

_WIDTH, _HEIGHT = 440.0, 190.0
"""Of the drawing, and of the area between its axes, in units."""
_LEFT, _MARGIN = 52.0, 14.0
"""Least room beside the area, on its left and on its right."""
_FONT = 12.0
_ZOOM = 1.4
"""Pixels a unit; on a phone fewer, which is why the letters are large for the drawing."""
_HUES = 8
_MARKERS = ("M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", "M-2.7-2.7h5.4v5.4h-5.4z", "M0-3.8l3.5 6h-7z",
            "M0-3.8l3.8 3.8-3.8 3.8-3.8-3.8z")  # fmt: skip


@dataclass(frozen=True)
class _Point:
    x: float
    y: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class _PlotArea:
    across: Axis
    up: Axis
    x_title: list[str]
    y_title: list[str]

    @property
    def left(self) -> float:
        """Where the area begins: beside the widest label of its values."""
        labels = [width(self.up.label(tick), _FONT) + 10 for tick in self.up.ticks]
        return max(_LEFT, *labels)

    @property
    def right(self) -> float:
        """Where it ends: the last label of its axis hangs half over."""
        labels = [width(self.across.label(tick), _FONT) / 2 for tick in self.across.ticks]
        return _WIDTH - max(_MARGIN, *labels)

    @property
    def top(self) -> float:
        return 18 + LINE * len(self.y_title)

    @property
    def bottom(self) -> float:
        return self.top + _HEIGHT

    @property
    def height(self) -> float:
        return self.bottom + 26 + LINE * len(self.x_title)

    def x(self, value: float) -> float:
        return self.left + self.across.at(value) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - self.up.at(value) * _HEIGHT


def _rows(curve: Curve) -> Iterator[tuple[float, float | None, float | None, float | None]]:
    """Return x, y and the ends of the interval of each point."""
    blank: Sequence[float | None] = [None] * len(curve.x)
    return zip(curve.x, curve.y, curve.low or blank, curve.high or blank, strict=True)


def _points(curve: Curve) -> list[_Point]:
    return [_Point(*row) for row in _rows(curve) if is_finite(row[0])]


def _runs(points: Sequence[_Point], *, interval: bool) -> Iterator[list[tuple[float, float]]]:
    """Yield stretches without a gap: (x, y), or for an interval out along high, back along low."""

    def is_there(point: _Point) -> bool:
        if interval:
            return is_finite(point.low) and is_finite(point.high)
        return is_finite(point.y)

    for there, stretch in groupby(points, is_there):
        run = list(stretch)
        if there and interval:
            high = [(p.x, p.high) for p in run if p.high is not None]
            low = [(p.x, p.low) for p in reversed(run) if p.low is not None]
            yield high + low
        elif there:
            yield [(p.x, p.y) for p in run if p.y is not None]


def _lonely(points: Sequence[_Point]) -> Iterator[_Point]:
    """Yield the points with an interval that no neighbour's joins into a band."""
    there = [is_finite(p.low) and is_finite(p.high) for p in points]
    for index, point in enumerate(points):
        beside = there[max(index - 1, 0) : index] + there[index + 1 : index + 2]
        if there[index] and not any(beside):
            yield point


def _across(xs: Sequence[float], *, whole: bool) -> Axis:
    """Return the axis of x, with a tick at every whole value where there is room for them."""
    found = axis(xs, whole=whole, rounded=False)
    own = replace(found, ticks=tuple(sorted(set(xs))))
    room = _WIDTH - _LEFT - 2 * _MARGIN
    return own if whole and own.thinned(room, _FONT) is own else found.thinned(room, _FONT)


def _path(frame: _PlotArea, run: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{frame.x(x):.1f} {frame.y(y):.1f}" for x, y in run)


def _told(curve: Curve, point: _Point, block: Plot) -> str:
    said = f"{curve.label} · {block.x_title} {point.x:g}: {show(point.y, 3)}"
    if point.low is None or point.high is None:
        return said
    return f"{said} [{show(point.low, 3)}, {show(point.high, 3)}]"


def _dash(index: int) -> str | None:
    return "4 3" if index >= _HUES else None


def _curve(block: Plot, index: int, frame: _PlotArea) -> Markup:
    curve, hue = block.curves[index], index % _HUES
    points = _points(curve)
    bands = [
        tag("path", d=_path(frame, run) + "Z", class_=f"band k{hue}")
        for run in _runs(points, interval=True)
    ]
    whiskers = [
        tag(
            "path",
            d=f"M{frame.x(p.x):.1f} {frame.y(p.low):.1f}V{frame.y(p.high):.1f}",
            class_=f"whisker k{hue}",
        )
        for p in _lonely(points)
        if p.low is not None and p.high is not None
    ]
    lines = [
        tag("path", d=_path(frame, run), class_=f"line k{hue}", stroke_dasharray=_dash(index))
        for run in _runs(points, interval=False)
    ]
    marks = [
        tag(
            "path",
            tag("title", _told(curve, point, block)),
            d=_MARKERS[index % len(_MARKERS)],
            transform=f"translate({frame.x(point.x):.1f} {frame.y(point.y):.1f})",
            class_=f"mark k{hue}",
        )
        for point in points
        if point.y is not None and is_finite(point.y)
    ]
    return tag("g", *bands, *whiskers, *lines, *marks)


def _axes(block: Plot, frame: _PlotArea) -> Markup:
    parts = []
    left, right, bottom = frame.left, frame.right, frame.bottom
    for tick in frame.up.ticks:
        y = frame.y(tick)
        parts.append(tag("path", d=f"M{left:.1f} {y:.1f}H{right:.1f}", class_="grid"))
        label = frame.up.label(tick)
        parts.append(tag("text", label, x=left - 6, y=y + 4, class_="quiet end"))
    for tick in frame.across.ticks:
        x = frame.x(tick)
        parts.append(tag("path", d=f"M{x:.1f} {bottom:.1f}v5", class_="axis"))
        label = frame.across.label(tick)
        parts.append(tag("text", label, x=x, y=bottom + 17, class_="quiet mid"))
    parts.append(tag("path", d=f"M{left:.1f} {bottom:.1f}H{right:.1f}", class_="axis"))
    for lines_, title, x, first, anchor in (
        (frame.x_title, block.x_title, (left + right) / 2, bottom + 33, "title mid"),
        (frame.y_title, block.y_title, 0.0, 12.0, "title"),
    ):
        y = first + LINE * (len(lines_) - 1) / 2
        parts.append(name_text(title, lines_, x=x, y=y, class_=anchor))
    return tag("g", *parts)


def _legend(block: Plot) -> Markup | None:
    entries = [
        key_entry(
            curve.label,
            tag(
                "path", d="M0 7h28", class_=f"line k{index % _HUES}", stroke_dasharray=_dash(index)
            ),
            tag(
                "path",
                d=_MARKERS[index % len(_MARKERS)],
                transform="translate(14 7)",
                class_=f"mark k{index % _HUES}",
            ),
        )
        for index, curve in enumerate(block.curves)
        if curve.label
    ]
    return tag("ul", *entries, class_="legend") if entries else None


def draw_plot(block: Plot, ids: Ids) -> Markup:
    """Return the curves as an SVG; a point without a finite value leaves a gap in its line."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    points = [point for curve in block.curves for point in _points(curve)]
    if not any(is_finite(point.y) for point in points):
        return figure(nothing("No values to draw."), caption, id_=id_, kind="plot")
    # A point without a value keeps its place on the axis: that it is absent is news.
    xs = [point.x for point in points]
    sides = [side for p in points for side in (p.y, p.low, p.high) if side is not None]
    whole = all(float(x).is_integer() for x in xs)
    frame = _PlotArea(
        _across(xs, whole=whole),
        axis(sides),
        lines(block.x_title, _FONT, _WIDTH - 2 * _LEFT, 3),
        lines(block.y_title, _FONT, _WIDTH, 3),
    )
    curves = [_curve(block, index, frame) for index in range(len(block.curves))]
    told = ", ".join(curve.label for curve in block.curves)
    drawing = svg(
        [_axes(block, frame), *curves],
        width=_WIDTH,
        height=frame.height,
        title=caption,
        desc=f"{block.y_title} over {block.x_title}: {told}. The CSV file has every number.",
        id_=id_,
        zoom=_ZOOM,
    )
    numbers: list[list[Scalar]] = [
        [curve.label, *row] for curve in block.curves for row in _rows(curve)
    ]
    heads = ["curve", block.x_title, block.y_title, "low", "high"]
    download = csv_link(block.name, heads, numbers)
    body = join([_legend(block), scroll(drawing, caption)])
    return figure(body, caption, download, id_=id_, kind="plot")

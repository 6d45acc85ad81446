"""Curves with intervals over one axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from taskspace.components.page import Curve, Plot, Scalar
from taskspace.report.axis import Axis, axis
from taskspace.report.download import csv_link
from taskspace.report.frame import Ids, figure, nothing, scroll, svg
from taskspace.report.label import fit
from taskspace.report.markup import Markup, join, tag
from taskspace.report.numbers import is_finite, show

_WIDTH, _HEIGHT = 620.0, 330.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 606.0, 30.0, 280.0
_HUES = 8
_MARKERS = ("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "M-3.6-3.6h7.2v7.2h-7.2z", "M0-5l4.6 8h-9.2z",
            "M0-5l5 5-5 5-5-5z")  # fmt: skip


@dataclass(frozen=True)
class _Point:
    x: float
    y: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class _Frame:
    across: Axis
    up: Axis

    def x(self, value: float) -> float:
        return _LEFT + self.across.at(value) * (_RIGHT - _LEFT)

    def y(self, value: float) -> float:
        return _BOTTOM - self.up.at(value) * (_BOTTOM - _TOP)


def _points(curve: Curve) -> list[_Point]:
    blank: Sequence[float | None] = [None] * len(curve.x)
    rows = zip(curve.x, curve.y, curve.low or blank, curve.high or blank, strict=True)
    return [_Point(*row) for row in rows if is_finite(row[0])]


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
    own = sorted(set(xs))
    places = [found.at(x) * (_RIGHT - _LEFT) for x in own]
    apart = min((b - a for a, b in pairwise(places)), default=0.0)
    return replace(found, ticks=tuple(own)) if whole and apart >= 30 else found


def _path(frame: _Frame, run: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{frame.x(x):.1f} {frame.y(y):.1f}" for x, y in run)


def _told(curve: Curve, point: _Point, block: Plot) -> str:
    said = f"{curve.label} · {block.x_title} {point.x:g}: {show(point.y, 3)}"
    if point.low is None or point.high is None:
        return said
    return f"{said} [{show(point.low, 3)}, {show(point.high, 3)}]"


def _curve(block: Plot, index: int, frame: _Frame) -> Markup:
    curve, hue = block.curves[index], index % _HUES
    points = _points(curve)
    dash = "4 3" if index >= _HUES else None
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
        tag("path", d=_path(frame, run), class_=f"line k{hue}", stroke_dasharray=dash)
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


def _axes(block: Plot, frame: _Frame) -> Markup:
    parts = []
    for tick in frame.up.ticks:
        y = frame.y(tick)
        parts.append(tag("path", d=f"M{_LEFT:.1f} {y:.1f}H{_RIGHT:.1f}", class_="grid"))
        label = frame.up.label(tick)
        parts.append(tag("text", label, x=_LEFT - 8, y=y + 4, class_="quiet end"))
    for tick in frame.across.ticks:
        x = frame.x(tick)
        parts.append(tag("path", d=f"M{x:.1f} {_BOTTOM:.1f}v5", class_="axis"))
        label = frame.across.label(tick)
        parts.append(tag("text", label, x=x, y=_BOTTOM + 19, class_="quiet mid"))
    parts.append(tag("path", d=f"M{_LEFT:.1f} {_BOTTOM:.1f}H{_RIGHT:.1f}", class_="axis"))
    middle = (_LEFT + _RIGHT) / 2
    x_title, y_title = fit(block.x_title, 12, 500), fit(block.y_title, 12, 560)
    parts.append(tag("text", x_title, x=middle, y=_HEIGHT - 8, class_="title mid"))
    parts.append(tag("text", y_title, x=0, y=14, class_="title"))
    return tag("g", *parts)


def _legend(block: Plot) -> Markup | None:
    entries = [
        tag(
            "li",
            tag(
                "svg",
                tag(
                    "path",
                    d="M0 7h28",
                    class_=f"line k{index % _HUES}",
                    stroke_dasharray="4 3" if index >= _HUES else None,
                ),
                tag(
                    "path",
                    d=_MARKERS[index % len(_MARKERS)],
                    transform="translate(14 7)",
                    class_=f"mark k{index % _HUES}",
                ),
                width=28,
                height=14,
                viewBox="0 0 28 14",
                aria_hidden="true",
            ),
            curve.label,
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
    frame = _Frame(_across(xs, whole=whole), axis(sides))
    curves = [_curve(block, index, frame) for index in range(len(block.curves))]
    told = ", ".join(curve.label for curve in block.curves)
    drawing = svg(
        [_axes(block, frame), *curves],
        width=_WIDTH,
        height=_HEIGHT,
        title=caption,
        desc=f"{block.y_title} over {block.x_title}: {told}. The CSV file has every number.",
        id_=id_,
    )
    numbers: list[list[Scalar]] = [
        [curve.label, x, y, low, high]
        for curve in block.curves
        for x, y, low, high in zip(
            curve.x,
            curve.y,
            curve.low or [None] * len(curve.x),
            curve.high or [None] * len(curve.x),
            strict=True,
        )
    ]
    heads = ["curve", block.x_title, block.y_title, "low", "high"]
    download = csv_link(block.name, heads, numbers)
    body = join([_legend(block), scroll(drawing, caption)])
    return figure(body, caption, download, id_=id_, kind="plot")

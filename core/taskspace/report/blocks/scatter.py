"""Points in a plane: one path a group, so that thousands of them stay a small file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from taskspace.components.page import PointGroup, Scalar, Scatter
from taskspace.report.axis import Axis, axis
from taskspace.report.blocks.marker import Marker, markers_of
from taskspace.report.download import csv_link
from taskspace.report.frame import LINE, Ids, figure, key_entry, name_text, nothing, scroll, svg
from taskspace.report.label import lines, width
from taskspace.report.markup import Markup, join, tag

_WIDTH, _HEIGHT = 380.0, 300.0
"""Of the drawing, and of the area that holds the points, pixels."""
_EDGE = 7.0
"""Between the outermost points and the frame, so that their markers are whole."""
_ACROSS, _UP = _WIDTH - 2 - 2 * _EDGE, _HEIGHT - 2 * _EDGE
"""Lengths of axes without numbers, between the outermost points."""
_FONT = 11.0
_MOST_NAMED = 16
"""Groups or families that a legend holds: as many as differ without colour."""


@dataclass(frozen=True)
class _ScatterArea:
    across: Axis
    up: Axis
    x_title: list[str]
    y_title: list[str]

    @staticmethod
    def of(block: Scatter, points: Sequence[Sequence[float]]) -> _ScatterArea:
        across, up = (
            axis((point[side] for point in points), rounded=bool(title))
            for side, title in enumerate((block.x_title, block.y_title))
        )
        if not block.x_title and not block.y_title:
            across, up = _same_scale(across, up)
        titles = [
            lines(title, _FONT, _WIDTH - 80) if title else []
            for title in (block.x_title, block.y_title)
        ]
        area = _ScatterArea(across, up, *titles)
        return replace(area, across=across.thinned(area.right - area.left, _FONT))

    @property
    def left(self) -> float:
        labels = [width(self.up.label(tick), _FONT) + 8 for tick in self.up.ticks]
        return max(labels, default=1.0) if self.y_title else 1.0

    @property
    def right(self) -> float:
        last = width(self.across.label(self.across.high), _FONT) / 2 if self.x_title else 0.0
        return _WIDTH - max(1.0, last)

    @property
    def top(self) -> float:
        return 8 + LINE * len(self.y_title) if self.y_title else 1.0

    @property
    def bottom(self) -> float:
        return self.top + _HEIGHT

    @property
    def height(self) -> float:
        return self.bottom + (24 + LINE * len(self.x_title) if self.x_title else 1)

    def x(self, value: float) -> float:
        return self.left + _EDGE + self.across.at(value) * (self.right - self.left - 2 * _EDGE)

    def y(self, value: float) -> float:
        return self.bottom - _EDGE - self.up.at(value) * _UP


def _same_scale(across: Axis, up: Axis) -> tuple[Axis, Axis]:
    """Return the axes widened around their middles until a unit is as long on both."""
    unit = max((across.high - across.low) / _ACROSS, (up.high - up.low) / _UP)
    wide, tall = (
        replace(side, low=middle - unit * length / 2, high=middle + unit * length / 2)
        for side, length in ((across, _ACROSS), (up, _UP))
        for middle in [side.low / 2 + side.high / 2]
    )
    return wide, tall


def _group(group: PointGroup, marker: Marker, area: _ScatterArea) -> Markup | None:
    """Return the markers of a group; the pointer finds the group's name, or that of a point."""
    outlines = [marker.outline(area.x(x), area.y(y)) for x, y in group.coordinates().tolist()]
    if not outlines:
        return None
    name = group.full_name
    title = tag("title", name) if name else None
    if group.names is None:
        return tag("g", title, tag("path", d="".join(outlines)), class_=marker.class_)
    points = (
        tag("path", tag("title", f"{name}: {own}" if name else own), d=outline)
        for outline, own in zip(outlines, group.names, strict=True)
    )
    return tag("g", join(points), class_=marker.class_)


def _axes(block: Scatter, area: _ScatterArea) -> Markup:
    left, right, top, bottom = area.left, area.right, area.top, area.bottom
    box = f"M{left:.1f} {top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}z"
    parts = [tag("path", d=box, class_="frame")]
    if block.x_title:
        for tick in area.across.ticks:
            x, label = area.x(tick), area.across.label(tick)
            parts.append(tag("path", d=f"M{x:.1f} {bottom:.1f}v5", class_="axis"))
            parts.append(tag("text", label, x=x, y=bottom + 17, class_="quiet mid"))
        y = bottom + 33 + LINE * (len(area.x_title) - 1) / 2
        across = (left + right) / 2
        parts.append(name_text(block.x_title, area.x_title, x=across, y=y, class_="quiet mid"))
    if block.y_title:
        for tick in area.up.ticks:
            y, label = area.y(tick), area.up.label(tick)
            parts.append(tag("path", d=f"M{left:.1f} {y:.1f}h-4", class_="axis"))
            parts.append(tag("text", label, x=left - 6, y=y + 4, class_="quiet end"))
        y = 11 + LINE * (len(area.y_title) - 1) / 2
        parts.append(name_text(block.y_title, area.y_title, x=0.0, y=y, class_="quiet"))
    return tag("g", *parts)


def _legend(groups: Sequence[PointGroup], markers: Sequence[Marker]) -> Markup | None:
    """Return what markers mean: a family once, and once what its filled and its open ones are."""
    entries: dict[str, list[Marker]] = {}
    for group, marker in zip(groups, markers, strict=True):
        name = group.family or group.label
        empty = not group.family and not len(group.points)
        entries.setdefault(f"{name}: no points" if empty else name, []).append(marker)
    entries.pop("", None)
    if len(entries) > _MOST_NAMED:
        note = f"{len(entries)} groups: the pointer and the CSV file name those of each point."
        return tag("p", note, class_="sides")
    fillings = {
        group.label: replace(marker, shape=0)
        for group, marker in zip(groups, markers, strict=True)
        if group.family and group.label
    }
    parts = [key_entry(label, _signs([own], class_="plain")) for label, own in fillings.items()]
    parts += [key_entry(name, _signs(own)) for name, own in entries.items()]
    return tag("ul", *parts, class_="legend") if parts else None


def _signs(markers: Sequence[Marker], class_: str | None = None) -> Markup:
    """Return one marker in the middle of an entry's drawing, or two beside each other."""
    places = [14.0] if len(markers) == 1 else [7.0, 20.0]
    signs = (
        tag("path", d=marker.outline(x, 7), class_=marker.class_)
        for marker, x in zip(markers, places, strict=False)
    )
    return tag("g", join(signs), class_=class_)


def _short(value: float) -> float:
    """Return a coordinate to five digits, finer than the drawing shows it."""
    return float(f"{value:.5g}")


def draw_scatter(block: Scatter, ids: Ids) -> Markup:
    """Return the points as an SVG; the CSV has their coordinates to five digits."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    places = [group.coordinates().tolist() for group in block.groups]
    points = [point for group in places for point in group]
    if not points:
        return figure(nothing("No points to draw."), caption, id_=id_, kind="scatter")
    markers = markers_of(block.groups)
    area = _ScatterArea.of(block, points)
    told = ", ".join(
        f"{group.full_name or 'no name'} ({len(group.points)} points)" for group in block.groups
    )
    drawn = [
        _group(group, marker, area) for group, marker in zip(block.groups, markers, strict=True)
    ]
    drawing = svg(
        [_axes(block, area), *(part for part in drawn if part is not None)],
        width=_WIDTH,
        height=area.height,
        title=caption,
        desc=f"{told}. The CSV file has every point.",
        id_=id_,
    )
    numbers: list[list[Scalar]] = []
    for group, place in zip(block.groups, places, strict=True):
        names = group.names or [""] * len(place)
        numbers += [
            [group.full_name, _short(x), _short(y), name]
            for (x, y), name in zip(place, names, strict=True)
        ]
    heads = ["group", block.x_title or "x", block.y_title or "y", "name"]
    download = csv_link(block.name, heads, numbers)
    body = join([_legend(block.groups, markers), scroll(drawing, caption)])
    return figure(body, caption, download, id_=id_, kind="scatter")

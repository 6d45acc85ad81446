"""Trees of clusters: leaves on the left, joined further right the further apart they are."""

from __future__ import annotations

from dataclasses import dataclass

from taskspace.components.page import Dendrogram
from taskspace.report.axis import Axis, axis
from taskspace.report.download import csv_link
from taskspace.report.frame import Ids, figure, name_text, nothing, scroll, svg
from taskspace.report.label import lines, width
from taskspace.report.markup import Markup, join, tag
from taskspace.report.numbers import is_finite, show

_FONT = 12.0
_ROW, _TALL_ROW = 18.0, 31.0
"""Height of a leaf, and of each where one of them has a name of two lines."""
_LABEL_ROOM = 150.0
_SPAN = 250.0
_TOP = 8.0
_ZOOM = 1.4
"""Pixels a unit; on a phone fewer, which is why the letters are large for the drawing."""


@dataclass(frozen=True)
class _Cluster:
    leaves: tuple[int, ...]
    height: float


def _clusters(block: Dendrogram) -> list[_Cluster]:
    clusters = [_Cluster((leaf,), 0.0) for leaf in range(len(block.leaves))]
    for a, b, height in block.merges:
        one, other = clusters[a], clusters[b]
        # A join without a finite height is drawn where its higher side stands.
        drawn = height if is_finite(height) else max(one.height, other.height)
        clusters.append(_Cluster(one.leaves + other.leaves, drawn))
    return clusters


def _order(block: Dendrogram, clusters: list[_Cluster]) -> list[int]:
    joined = {side for a, b, _ in block.merges for side in (a, b)}
    roots = (cluster for index, cluster in enumerate(clusters) if index not in joined)
    return [leaf for root in roots for leaf in root.leaves]


def _brackets(
    block: Dendrogram, clusters: list[_Cluster], places: dict[int, float], scale: Axis, left: float
) -> Markup:
    middle = [places[leaf] for leaf in range(len(block.leaves))]

    def x(cluster: int) -> float:
        return left + scale.at(clusters[cluster].height) * _SPAN

    drawn = []
    for index, (a, b, height) in enumerate(block.merges, start=len(block.leaves)):
        path = f"M{x(a):.1f} {middle[a]:.1f}H{x(index):.1f}V{middle[b]:.1f}H{x(b):.1f}"
        middle.append((middle[a] + middle[b]) / 2)
        names = ", ".join(block.leaves[leaf] for leaf in clusters[index].leaves)
        drawn.append(
            tag("path", tag("title", f"{show(height, 3)}: {names}"), d=path, class_="tree")
        )
    return join(drawn)


def _scale_bar(scale: Axis, left: float, y: float) -> Markup:
    ticks = [
        join(
            [
                tag("path", d=f"M{left + scale.at(t) * _SPAN:.1f} {y:.1f}v5", class_="axis"),
                tag(
                    "text",
                    scale.label(t),
                    x=left + scale.at(t) * _SPAN,
                    y=y + 18,
                    class_="quiet mid",
                ),
            ]
        )
        for t in scale.ticks
    ]
    line = tag("path", d=f"M{left:.1f} {y:.1f}h{_SPAN:.1f}", class_="axis")
    return tag("g", line, *ticks, aria_hidden="true")


def draw_dendrogram(block: Dendrogram, ids: Ids) -> Markup:
    """Return the tree as an SVG; clusters that were never joined stand one under the other."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    if not block.leaves:
        return figure(nothing("No leaves to draw."), caption, id_=id_, kind="dendrogram")
    clusters = _clusters(block)
    order = _order(block, clusters)
    heights = [0.0, *(cluster.height for cluster in clusters)]
    scale = axis(heights).thinned(_SPAN, _FONT)
    shown = {leaf: lines(block.leaves[leaf], _FONT, _LABEL_ROOM) for leaf in order}
    left = max(width(line, _FONT) for name in shown.values() for line in name) + 12
    row = _ROW if all(len(name) == 1 for name in shown.values()) else _TALL_ROW
    places = {leaf: _TOP + (at + 0.5) * row for at, leaf in enumerate(order)}
    names = join(
        name_text(block.leaves[leaf], shown[leaf], x=left - 7, y=places[leaf] + 4, class_="end")
        for leaf in order
    )
    bottom = _TOP + len(order) * row + 4
    parts = [names]
    if block.merges:
        parts += [
            _brackets(block, clusters, places, scale, left),
            _scale_bar(scale, left, bottom),
        ]
    read = ", ".join(block.leaves[leaf] for leaf in order)
    drawing = svg(
        parts,
        width=left + (_SPAN + 24 if block.merges else 0),
        height=bottom + (26 if block.merges else 0),
        title=caption,
        desc=f"{len(order)} leaves in the order of the tree: {read}.",
        id_=id_,
        zoom=_ZOOM,
    )
    numbers = [
        [" + ".join(block.leaves[leaf] for leaf in clusters[side].leaves) for side in merge[:2]]
        + [merge[2]]
        for merge in block.merges
    ]
    download = csv_link(block.name, ["joined", "with", "height"], numbers)
    return figure(scroll(drawing, caption), caption, download, id_=id_, kind="dendrogram")

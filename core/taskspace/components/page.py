"""The blocks of a report: what a study says, apart from how it is drawn.

A study turns its result into a `Page`; `taskspace.report` draws any page as HTML. A block whose
parts do not fit together raises ValueError when it is made, where its author sees it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from taskspace.components.exchanged.finding import Finding
from taskspace.components.exchanged.intervals import Intervals

if TYPE_CHECKING:
    import numpy as np

Scalar: TypeAlias = "str | int | float | bool | None"


def _demand(holds: bool, block: object, rule: str) -> None:
    if not holds:
        name = getattr(block, "name", getattr(block, "label", ""))
        raise ValueError(f"{type(block).__name__} {name!r}: {rule}.")


@dataclass(frozen=True)
class Text:
    """A paragraph of plain text."""

    text: str
    tone: str = "normal"
    """`normal`, `note` (small) or `warning` (something is missing or not to be trusted)."""


@dataclass(frozen=True)
class Figures:
    """A few numbers that matter, large: label, value as shown, and what it means."""

    items: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Table:
    """Rows under columns; numbers are right-aligned; offered as a CSV download as `name`.csv.

    Attributes:
        keys: the first columns, which say what a row is about; where a terminal is too narrow for
            all columns, they stand before each part of the others.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Scalar]]
    caption: str = ""
    digits: int = 3
    keys: int = 1

    def __post_init__(self) -> None:
        wide = all(len(row) == len(self.columns) for row in self.rows)
        _demand(wide, self, f"every row needs {len(self.columns)} values, one for each column")


@dataclass(frozen=True)
class Heatmap:
    """A matrix of numbers with named rows and columns; None is drawn as an empty cell.

    Attributes:
        low: the value of the palest colour (None: the smallest value).
        high: the value of the deepest colour (None: the largest value).
        middle: where given, colours diverge from it (0.5 for win rates).
    """

    name: str
    rows: Sequence[str]
    columns: Sequence[str]
    values: Sequence[Sequence[float | None]]
    caption: str = ""
    row_title: str = ""
    column_title: str = ""
    low: float | None = None
    high: float | None = None
    middle: float | None = None
    digits: int = 2

    def __post_init__(self) -> None:
        shape = f"{len(self.rows)} rows of {len(self.columns)} values are needed"
        _demand(len(self.values) == len(self.rows), self, shape)
        _demand(all(len(row) == len(self.columns) for row in self.values), self, shape)
        ends = [end for end in (self.low, self.middle, self.high) if end is not None]
        finite = all(math.isfinite(end) for end in ends)
        _demand(finite and ends == sorted(ends), self, "low <= middle <= high must be finite")


@dataclass(frozen=True)
class Dendrogram:
    """A tree of leaves: `merges[k] = (a, b, height)` joins clusters a and b into n + k."""

    name: str
    leaves: Sequence[str]
    merges: Sequence[tuple[int, int, float]]
    caption: str = ""

    def __post_init__(self) -> None:
        free = set(range(len(self.leaves)))
        for index, (a, b, _) in enumerate(self.merges):
            rule = f"merge {index} joins {a} and {b}, which are not two clusters that are left"
            _demand(a != b and {a, b} <= free, self, rule)
            free = free - {a, b} | {len(self.leaves) + index}


@dataclass(frozen=True)
class PolicyView:
    """One policy: who is supervised and which sources serve each target."""

    label: str
    """What the slider shows, for example the budget."""
    supervised: Sequence[str]
    transfers: Mapping[str, Sequence[str]]
    """Target to sources; `[target]` where it is its own supervised network."""
    note: str = ""
    figures: Sequence[tuple[str, str, str]] = ()
    """Its numbers, as in `Figures`."""
    tables: Sequence[Table] = ()
    """What else there is to know of it, beside its graph."""
    free: Sequence[str] = ()
    """Which of the supervised cost nothing."""
    pretrained: Sequence[str] = ()
    """Sources without labels that serve a target."""


@dataclass(frozen=True)
class PolicyGraph:
    """Sources on the left, targets on the right, and a slider over policies."""

    name: str
    policies: Sequence[PolicyView]
    sources: Sequence[str]
    targets: Sequence[str]
    caption: str = ""
    slider: str = "budget"
    first: int = 0
    """Which policy the slider stands at when the page opens, counted from 0."""

    def __post_init__(self) -> None:
        there = 0 <= self.first < max(len(self.policies), 1)
        _demand(there, self, f"first = {self.first}, but there are {len(self.policies)} policies")


@dataclass(frozen=True)
class Curve:
    """One line of a plot, with an optional interval at each point."""

    label: str
    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None

    def __post_init__(self) -> None:
        lengths = {len(part) for part in (self.x, self.y, self.low, self.high) if part is not None}
        _demand(len(lengths) == 1, self, "x, y, low and high must be equally long")
        _demand((self.low is None) == (self.high is None), self, "low and high come together")


@dataclass(frozen=True)
class Plot:
    """Curves over one axis."""

    name: str
    curves: Sequence[Curve]
    x_title: str
    y_title: str
    caption: str = ""


@dataclass(frozen=True)
class PointGroup:
    """Points of a scatter that share a marker.

    Attributes:
        points: [n, 2], finite; an array or a sequence of pairs.
        names: where given, one for each point, shown where the pointer rests on it.
        family: two groups of one family share colour and shape: the first filled, the second as an
            outline. The samples of a class are a family, with labels `real` and `generated`.
    """

    label: str
    points: np.ndarray | Sequence[Sequence[float]]
    names: Sequence[str] | None = None
    family: str = ""

    def __post_init__(self) -> None:
        points = self.coordinates()
        for at, (x, y) in enumerate(points.tolist()):
            finite = math.isfinite(x) and math.isfinite(y)
            _demand(finite, self, f"point {at} is ({x:g}, {y:g}); leave out what is not finite")
        named = self.names is None or len(self.names) == len(points)
        _demand(named, self, f"{len(points)} points need as many names, or None")

    @property
    def full_name(self) -> str:
        """Family and label, where there are both."""
        return ", ".join(filter(None, (self.family, self.label)))

    def coordinates(self) -> np.ndarray:
        """Return the points as an array [n, 2]."""
        import numpy as np  # noqa: PLC0415  a page without points needs no numpy

        try:
            points = np.asarray(self.points, dtype=np.float64)
        except (TypeError, ValueError):
            _demand(False, self, "points are numbers [n, 2], each with an x and a y")
        points = points.reshape(0, 2) if points.shape == (0,) else points
        pairs = points.ndim == 2 and points.shape[1] == 2
        _demand(pairs, self, f"points are [n, 2], not {list(points.shape)}")
        return points


@dataclass(frozen=True)
class Scatter:
    """Points in a plane, a marker for each group; scatters in a row stand side by side.

    An axis with a title has numbers; without titles, the axes have none and share one scale, as
    a map of t-SNE needs.
    """

    name: str
    groups: Sequence[PointGroup]
    caption: str = ""
    x_title: str = ""
    y_title: str = ""

    def __post_init__(self) -> None:
        families = [group.family for group in self.groups if group.family]
        for family in dict.fromkeys(families):
            count = families.count(family)
            _demand(count <= 2, self, f"{count} groups of family {family!r}; two can be told apart")


@dataclass(frozen=True)
class ImageGrid:
    """Pictures in rows: each cell is an image [H, W] or [H, W, 3] in [0, 1], or a short text."""

    name: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[np.ndarray | str]]]
    caption: str = ""
    pixel: int = 8
    """Screen pixels for each pixel of an image, without smoothing."""

    def __post_init__(self) -> None:
        wide = all(len(cells) == len(self.columns) for _, cells in self.rows)
        _demand(wide, self, f"every row needs {len(self.columns)} cells, one for each column")
        for _, cells in self.rows:
            for shape in (cell.shape for cell in cells if not isinstance(cell, str)):
                gray, colour = len(shape) == 2, len(shape) == 3 and shape[-1] == 3
                drawable = (gray or colour) and 0 not in shape
                _demand(drawable, self, f"an image is [H, W] or [H, W, 3], not {list(shape)}")


Block: TypeAlias = (
    "Text | Figures | Table | Heatmap | Dendrogram | PolicyGraph | Plot | Intervals | Scatter"
    " | ImageGrid"
)


@dataclass(frozen=True)
class Section:
    """A heading with its blocks."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """A whole report; the numbers behind it and the manifest are added by the engine's caller."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    data: Mapping[str, Any] = field(default_factory=dict)
    """Offered as a JSON download: the result."""
    findings: Sequence[Finding] = ()
    """What the page opens with; those of the result, filled in by whoever draws a run's page."""

"""The blocks of a report: what a study says, apart from how it is drawn.

A study turns its result into a `Page`; `taskspace.report` draws any page as HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Scalar: TypeAlias = "str | int | float | bool | None"


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
    """Rows under columns; numbers are right-aligned; offered as a CSV download as `name`.csv."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Scalar]]
    caption: str = ""
    digits: int = 3


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


@dataclass(frozen=True)
class Dendrogram:
    """A tree of leaves: `merges[k] = (a, b, height)` joins clusters a and b into n + k."""

    name: str
    leaves: Sequence[str]
    merges: Sequence[tuple[int, int, float]]
    caption: str = ""


@dataclass(frozen=True)
class PolicyView:
    """One policy: who is supervised and which sources serve each target."""

    label: str
    """What the slider shows, for example the budget."""
    supervised: Sequence[str]
    transfers: Mapping[str, Sequence[str]]
    """Target to sources; `[target]` where it is its own supervised network."""
    note: str = ""


@dataclass(frozen=True)
class PolicyGraph:
    """Sources on the left, targets on the right, and a slider over policies."""

    name: str
    policies: Sequence[PolicyView]
    sources: Sequence[str]
    targets: Sequence[str]
    caption: str = ""
    slider: str = "budget"


@dataclass(frozen=True)
class Curve:
    """One line of a plot, with an optional interval at each point."""

    label: str
    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None


@dataclass(frozen=True)
class Plot:
    """Curves over one axis."""

    name: str
    curves: Sequence[Curve]
    x_title: str
    y_title: str
    caption: str = ""


@dataclass(frozen=True)
class ImageGrid:
    """Pictures in rows: each cell is an image [H, W] or [H, W, 3] in [0, 1], or a short text."""

    name: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[np.ndarray | str]]]
    caption: str = ""
    pixel: int = 8
    """Screen pixels for each pixel of an image, without smoothing."""


Block: TypeAlias = "Text | Figures | Table | Heatmap | Dendrogram | PolicyGraph | Plot | ImageGrid"


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

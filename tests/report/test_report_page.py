"""A block whose parts do not fit together is refused where it is made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from taskspace.components.page import (
    Curve,
    Dendrogram,
    Heatmap,
    ImageGrid,
    PointGroup,
    PolicyGraph,
    PolicyView,
    Scatter,
    Table,
)

FAULTS: list[tuple[Callable[[], object], str]] = [
    (lambda: Table("t", ["a", "b"], [[1, 2], [3]]), "Table 't': every row needs 2 values"),
    (lambda: Heatmap("h", ["r"], ["c"], []), "Heatmap 'h': 1 rows of 1 values"),
    (lambda: Heatmap("h", ["r"], ["c"], [[1, 2]]), "1 rows of 1 values"),
    (lambda: Heatmap("h", [], [], [], low=1, high=0), "low <= middle <= high"),
    (lambda: Heatmap("h", [], [], [], middle=float("nan")), "must be finite"),
    (lambda: Dendrogram("d", ["a", "b"], [(0, 2, 1.0)]), "merge 0 joins 0 and 2"),
    (lambda: Dendrogram("d", ["a", "b"], [(0, 0, 1.0)]), "merge 0 joins 0 and 0"),
    (lambda: Dendrogram("d", list("abc"), [(0, 1, 1.0), (1, 2, 2.0)]), "merge 1 joins 1 and 2"),
    (lambda: Dendrogram("d", ["a", "b"], [(0, -1, 1.0)]), "merge 0 joins 0 and -1"),
    (lambda: PolicyGraph("g", [PolicyView("1", [], {})], [], [], first=1), "first = 1"),
    (lambda: Curve("c", [1, 2], [1]), "Curve 'c': x, y, low and high must be equally long"),
    (lambda: Curve("c", [1], [1], low=[0]), "low and high come together"),
    (lambda: PointGroup("p", [(0, 0), (1, float("nan"))]), r"'p': point 1 is \(1, nan\); leave"),
    (lambda: PointGroup("p", [(float("-inf"), 0)]), r"point 0 is \(-inf, 0\)"),
    (lambda: PointGroup("p", [(1, 2), (3,)]), "each with an x and a y"),  # type: ignore[list-item]
    (lambda: PointGroup("p", [("x", "y")]), "points are numbers"),  # type: ignore[list-item]
    (lambda: PointGroup("p", np.zeros((4, 3))), r"points are \[n, 2\], not \[4, 3\]"),
    (lambda: PointGroup("p", np.zeros(4)), r"not \[4\]"),
    (lambda: PointGroup("p", np.zeros((0, 3))), r"not \[0, 3\]"),
    (lambda: PointGroup("p", [(1, 2)], names=[]), "1 points need as many names"),
    (
        lambda: Scatter("s", [PointGroup(str(k), [], family="cat") for k in range(3)]),
        "Scatter 's': 3 groups of family 'cat'; two can be told apart",
    ),
    (lambda: ImageGrid("i", ["a"], [("r", [])]), "every row needs 1 cells"),
    (lambda: ImageGrid("i", ["a"], [("r", [np.zeros(3)])]), r"not \[3\]"),
    (lambda: ImageGrid("i", ["a"], [("r", [np.zeros((2, 2, 4))])]), r"not \[2, 2, 4\]"),
    (lambda: ImageGrid("i", ["a"], [("r", [np.zeros((0, 2))])]), r"not \[0, 2\]"),
]


@pytest.mark.parametrize(("make", "said"), FAULTS)
def test_parts_that_do_not_fit_are_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()

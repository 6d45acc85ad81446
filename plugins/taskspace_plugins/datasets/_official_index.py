"""Which views a folder in the official layout has, with their files and their companions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from taskspace.layout import read as official
from taskspace.layout.domains import DOMAINS, MATCHING, Domain
from taskspace.layout.tree import Tree, ViewId
from taskspace_rooms.multiview import Companions

Place = tuple[str, int, int | None]
"""Building, point and view; no view where a file is about a point."""


class Index:
    """The views of some buildings, numbered by building, point and view.

    Args:
        tree: the folder.
        buildings: those that are read, in order.
    """

    def __init__(self, tree: Tree, buildings: Sequence[str]) -> None:
        self._tree = tree
        self._buildings = buildings
        self._listed: dict[str, dict[Place, Path]] = {}
        self._companions: dict[int, tuple[int, int]] = {}

    @cached_property
    def views(self) -> tuple[ViewId, ...]:
        """Return the views that have an image."""
        places = self.files(DOMAINS["image"])
        return tuple(ViewId(b, point, view) for b, point, view in places if view is not None)

    def files(self, domain: Domain) -> dict[Place, Path]:
        """Return the files of a domain; it is listed when it is first asked for.

        Raises:
            DataError: if it cannot be listed, or two files are of one view.
        """
        if domain.folder not in self._listed:
            self._listed[domain.folder] = {
                (building, *place): path
                for building in self._buildings
                for place, path in self._tree.views(domain, building).items()
            }
        return self._listed[domain.folder]

    def company(self, rows: np.ndarray) -> Companions:
        """Return views by their numbers [B], with their companions.

        The next view of the same point, in a circle; of the views that the matches name, the one
        whose number among those of its point is the nearest, then the first.

        Raises:
            DataError: if a file of matches cannot be read.
        """
        companions = [self._companions_of(row) for row in rows.tolist()]
        fixated, nonfixated = np.array(companions, dtype=np.int64).reshape(-1, 2).T
        points = np.array([self.views[row][1:] for row in rows], dtype=np.int64).reshape(-1, 2)
        return Companions(rows, fixated, nonfixated, points)

    @cached_property
    def _rows(self) -> dict[ViewId, int]:
        return {view: row for row, view in enumerate(self.views)}

    @cached_property
    def _points(self) -> dict[tuple[str, int], list[int]]:
        rows: dict[tuple[str, int], list[int]] = {}
        for row, view in enumerate(self.views):
            rows.setdefault(view[:2], []).append(row)
        return rows

    def _companions_of(self, row: int) -> tuple[int, int]:
        if row not in self._companions:
            own = self.views[row]
            same = self._points[own[:2]]
            following = same[(same.index(row) + 1) % len(same)]
            self._companions[row] = -1 if following == row else following, self._nonfixated(own)
        return self._companions[row]

    def _nonfixated(self, own: ViewId) -> int:
        path = self.files(MATCHING).get((own.building, own.point, None))
        if path is None:
            return -1
        try:
            matches = official.read_matches(path)
        except official.BROKEN as error:
            raise official.refused(self._tree.root, [(path, error)]) from error
        others = [ViewId(own.building, *match) for match in matches if match[0] != own.point]
        there = [other for other in others if other in self._rows]
        best = min(there, key=lambda other: (abs(other.view - own.view), other), default=None)
        return -1 if best is None else self._rows[best]

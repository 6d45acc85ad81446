"""Samples of several views: which fields there are, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from taskspace.components import Field
from taskspace_rooms.views import enlarged_centre, relative_pose, shows_same_point

SAME_POINT = ("different", "same")


def view_fields(image: tuple[int, ...]) -> dict[str, Field]:
    """Return the fields of several views of images of a shape (C, H, W)."""
    return {
        "fixated_views": Field((2, *image), description="Two views that look at one point."),
        "pose_fixated": Field((6,), description="The second's pose in the first: metres, radians."),
        "nonfixated_views": Field((2, *image), description="Two views of different points."),
        "pose_nonfixated": Field((6,), description="The second's pose in the first."),
        "egomotion_views": Field((3, *image), description="Three views of one room."),
        "egomotion": Field((18,), description="Poses of 2 in 1, 3 in 2 and 3 in 1."),
        "point_views": Field((2, *image), description="The centres of two views, enlarged."),
        "same_point": Field((), SAME_POINT, "Whether both look at one point."),
    }


@dataclass(frozen=True)
class Companions:
    """Views with their companions, by their numbers; -1 where there is none.

    Attributes:
        views: int64 [B].
        fixated: the other view of the same point [B].
        nonfixated: a view of another point that overlaps [B].
        points: the numbers of the views' points and of the views at them [B, 2].
    """

    views: np.ndarray
    fixated: np.ndarray
    nonfixated: np.ndarray
    points: np.ndarray

    @property
    def same(self) -> np.ndarray:
        """Return 1 where the pair for point matching is of one point, 0 if not, -1 for no pair.

        Where only one of the two companions is there, it is the one.
        """
        drawn = [shows_same_point(point, view) for point, view in self.points.tolist()]
        wanted = np.array(drawn, dtype=np.int64).reshape(-1)
        wanted = np.where(self.fixated < 0, 0, np.where(self.nonfixated < 0, 1, wanted))
        return np.where((self.fixated < 0) & (self.nonfixated < 0), -1, wanted)


Images = Callable[[np.ndarray], np.ndarray]
"""From numbers of views [N] to their images [N, C, H, W] or cameras [N, 13]."""


def read_view_field(name: str, company: Companions, images: Images, cameras: Images) -> np.ndarray:
    """Return a field of several views [B, ...].

    Where a companion is missing, its place is taken by the view itself and the label is missing.
    """
    own, same = company.views, company.same
    partner = {
        "fixated": company.fixated,
        "nonfixated": company.nonfixated,
        "point": np.where(same == 1, company.fixated, company.nonfixated),
    }
    match name:
        case "fixated_views" | "nonfixated_views":
            return _stacked([own, partner[name.removesuffix("_views")]], own, images)
        case "point_views":
            return enlarged_centre(_stacked([own, partner["point"]], own, images))
        case "egomotion_views":
            return _stacked([own, company.fixated, company.nonfixated], own, images)
        case "pose_fixated" | "pose_nonfixated":
            return _poses(own, partner[name.removeprefix("pose_")], cameras)
        case "egomotion":
            second, third = company.fixated, company.nonfixated
            pairs = ((own, second), (second, third), (own, third))
            return np.concatenate([_poses(a, b, cameras) for a, b in pairs], axis=1)
    return same


def _stacked(views: list[np.ndarray], own: np.ndarray, images: Images) -> np.ndarray:
    there = [np.where(view < 0, own, view) for view in views]
    read = images(np.concatenate(there))
    return np.stack(np.split(read, len(there)), axis=1)


def _poses(first: np.ndarray, second: np.ndarray, cameras: Images) -> np.ndarray:
    poses = np.full((len(first), 6), np.nan, dtype=np.float32)
    there = np.flatnonzero((first >= 0) & (second >= 0))
    pairs = zip(cameras(first[there]), cameras(second[there]), strict=True)
    for row, (camera, other) in zip(there, pairs, strict=True):
        poses[row] = relative_pose(camera, other)
    return poses

"""The folders of the official layout and the fields that they hold; light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RGB = "rgb"
POINT_INFO = "point_info"
MATCHES = "nonfixated_matches"
CONTENTS = "dataset.json"
"""What an export says of itself: where it comes from, and the names of its classes."""


@dataclass(frozen=True)
class Domain:
    """A folder of the layout.

    Attributes:
        folder: its name; `aliases` are others that it has been given.
        suffix: what stands in its files' names after `domain_`.
        modes: how Pillow may call a map's pixels; () where files are no pictures.
        code: which of the module `codes` its pixels are in; None for class ids and segments.
        channels: how many of a picture's channels are used.
    """

    folder: str
    suffix: str
    extension: str = "png"
    modes: tuple[str, ...] = ()
    code: str | None = None
    channels: int = 1
    aliases: tuple[str, ...] = ()

    def file(self, point: int, view: int | str) -> str:
        """Return the name of the file of a view; `view` is `all` where it is about a point."""
        return f"point_{point}_view_{view}_domain_{self.suffix}.{self.extension}"


_SHADES = ("L", "RGB", "RGBA")
_DEEP = ("I;16", "I")
_COLOURS = ("RGB", "RGBA")

DOMAINS: Mapping[str, Domain] = {
    "image": Domain(RGB, RGB, modes=("RGB", "RGBA", "L"), code="IMAGE", channels=3),
    "depth_euclidean": Domain("depth_euclidean", "depth_euclidean", modes=_DEEP, code="DEPTH"),
    "depth_z": Domain("depth_zbuffer", "depth_zbuffer", modes=_DEEP, code="DEPTH"),
    "normals": Domain("normal", "normal", modes=_COLOURS, code="NORMALS", channels=3),
    "curvature": Domain(
        "principal_curvature", "principal_curvature", modes=_COLOURS, code="CURVATURE", channels=2
    ),
    "edges_occlusion": Domain("edge_occlusion", "edge_occlusion", modes=_DEEP, code="HEAT"),
    "edges_2d": Domain("edge_texture", "edge_texture", modes=_DEEP, code="HEAT"),
    "keypoints_2d": Domain("keypoints2d", "keypoints2d", modes=_DEEP, code="HEAT"),
    "keypoints_3d": Domain("keypoints3d", "keypoints3d", modes=_DEEP, code="HEAT"),
    "reshading": Domain("reshading", "reshading", modes=_SHADES, code="SHADING"),
    "semantic": Domain("segment_semantic", "segmentsemantic", modes=("L", "P")),
    "segment_2d": Domain("segment_unsup2d", "segment_unsup2d", modes=(*_SHADES, *_DEEP, "P")),
    "segment_25d": Domain("segment_unsup25d", "segment_unsup25d", modes=(*_SHADES, *_DEEP, "P")),
    "object_class": Domain("class_object", "class_object", "npy"),
    "scene_class": Domain("class_scene", "class_places", "npy"),
}
"""By field: one file a view."""

INFO = Domain(POINT_INFO, POINT_INFO, "json", aliases=("points",))
"""The camera of each view, and what else is known of it in numbers."""
MATCHING = Domain(MATCHES, MATCHES, "json")
"""For each point the views that see it and look at another one: one file a point."""

ALL = (*DOMAINS.values(), INFO, MATCHING)

SEGMENTS = frozenset({"segment_2d", "segment_25d"})
INFO_FIELDS = {"camera": 13, "room_layout": 9, "vanishing_points": 9}
"""Fields that `point_info` holds as numbers, and how many."""
VIEW_FIELDS = (
    "place",
    "fixated_views",
    "pose_fixated",
    "nonfixated_views",
    "pose_nonfixated",
    "egomotion_views",
    "egomotion",
    "point_views",
    "same_point",
)
"""Fields that follow from the cameras, the names of the files and the matches."""

SEMANTIC_NAMES = (
    "background",
    "bottle",
    "chair",
    "couch",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "tv",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
)
"""The classes of the official semantic maps (coco_selected_classes.txt); code 0 is uncertain."""

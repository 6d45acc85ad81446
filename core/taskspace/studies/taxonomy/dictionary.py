"""The tasks of Taskonomy's dictionary, and what the tables of its authors call them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OFFICIAL_NAMES: Mapping[str, str] = MappingProxyType(
    {
        # what an image is, by itself
        "autoencoding": "autoencoder",
        "denoising": "denoise",
        "edges_2d": "edge2d",
        "keypoints_2d": "keypoint2d",
        "segment_2d": "segment2d",
        # geometry
        "depth_euclidean": "rgb2mist",
        "depth_z": "rgb2depth",
        "normals": "rgb2sfnorm",
        "curvature": "curvature",
        "reshading": "reshade",
        "edges_occlusion": "edge3d",
        "keypoints_3d": "keypoint3d",
        "segment_25d": "segment25d",
        "room_layout": "room_layout",
        "vanishing_points": "vanishing_point_well_defined",
        # meaning
        "semantic": "segmentsemantic_rb",
        "object_class": "class_1000",
        "scene_class": "class_places",
        # several views
        "point_matching": "point_match",
        "pose_fixated": "fix_pose",
        "pose_nonfixated": "non_fixated_pose",
        "egomotion": "ego_motion",
        # only sources
        "colorization": "colorization",
        "inpainting": "impainting_whole",
        "jigsaw": "jigsaw",
        "random_projection": "random",
    }
)
"""Our name to theirs, in the order in which tasks are shown. Their `class_selected` (object
classes, chosen images), `self` and `pixels` are no tasks of the dictionary."""

DICTIONARY = tuple(OFFICIAL_NAMES)
"""The names of the 26 tasks (Zamir et al. 2018, Sec. 3); the last four are only sources."""

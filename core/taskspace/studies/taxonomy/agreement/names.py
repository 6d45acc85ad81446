"""What the tasks of the dictionary are called in the tables that Taskonomy's authors published."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OFFICIAL_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "autoencoding": "autoencoder",
        "colorization": "colorization",
        "curvature": "curvature",
        "denoising": "denoise",
        "depth_euclidean": "rgb2mist",
        "depth_z": "rgb2depth",
        "edges_2d": "edge2d",
        "edges_occlusion": "edge3d",
        "egomotion": "ego_motion",
        "inpainting": "impainting_whole",
        "jigsaw": "jigsaw",
        "keypoints_2d": "keypoint2d",
        "keypoints_3d": "keypoint3d",
        "normals": "rgb2sfnorm",
        "object_class": "class_1000",
        "point_matching": "point_match",
        "pose_fixated": "fix_pose",
        "pose_nonfixated": "non_fixated_pose",
        "random_projection": "random",
        "reshading": "reshade",
        "room_layout": "room_layout",
        "scene_class": "class_places",
        "segment_25d": "segment25d",
        "segment_2d": "segment2d",
        "semantic": "segmentsemantic_rb",
        "vanishing_points": "vanishing_point_well_defined",
    }
)
"""Our name to theirs. Their `class_selected` (object classes, chosen images), `self` and `pixels`
are no tasks of the dictionary."""

"""The tasks of Taskonomy's dictionary, in the order in which they are shown."""

from __future__ import annotations

DICTIONARY = (
    # what an image is, by itself
    "autoencoding",
    "denoising",
    "edges_2d",
    "keypoints_2d",
    "segment_2d",
    # geometry
    "depth_euclidean",
    "depth_z",
    "normals",
    "curvature",
    "reshading",
    "edges_occlusion",
    "keypoints_3d",
    "segment_25d",
    "room_layout",
    "vanishing_points",
    # meaning
    "semantic",
    "object_class",
    "scene_class",
    # several views
    "point_matching",
    "pose_fixated",
    "pose_nonfixated",
    "egomotion",
    # only sources
    "colorization",
    "inpainting",
    "jigsaw",
    "random_projection",
)
"""The names of the 26 tasks (Zamir et al. 2018, Sec. 3); the last four are only sources."""

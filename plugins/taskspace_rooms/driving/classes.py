"""The names behind the numbers of `drive`; light, so that listing a job needs no torch."""

from __future__ import annotations

OBJECTS = (
    "pedestrian",
    "rider",
    "car",
    "truck",
    "bus",
    "motorcycle",
    "bicycle",
    "traffic light",
    "traffic sign",
)
"""What has a box, by the names of BDD100K's det_20."""

MOST = 24
"""Objects of a clip, at most."""

MATTE, LAMP, FACADE = 0, 1, 2
"""Finishes of surfaces: lit from outside, shining, and a wall with windows."""

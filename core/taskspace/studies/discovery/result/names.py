"""What the arrays of a discovery's run are called."""

from __future__ import annotations

USED = "used"
"""The numbers of the images that were used [n]."""
KNOWN = "known"
"""Class ids of a task with labels: `known/parity` [N]."""
LABELS = "labels"
"""Class ids of a set of tasks: `labels/discovered/0` [N, T]."""
SCORES = "scores"
"""How far an image is in the last class of each task: `scores/discovered/0` [N, T]."""
WEIGHTS = "weights"
"""Of what labels new images: `weights/discovered/0/network.0.weight`."""
PICTURES = "pictures"
"""Images that are most of a class: `pictures/discovered/1/0` [n, C, H, W], 0 to 255."""


def set_name(what: str, name: str, seed: int) -> str:
    """Return the name of an array of a set."""
    return f"{what}/{name}/{seed}"


def picture_name(name: str, number: int, label: int) -> str:
    """Return the name of the pictures of a class of a task, counted from 1, of the first seed."""
    return f"{PICTURES}/{name}/{number}/{label}"

"""Which images tasks are found on and learnt from, and on which networks have to agree."""

from __future__ import annotations

import numpy as np

from taskspace.components import Call
from taskspace.learning.splits import Split, call_split, random_part


def call_rows(call: Call) -> Split:
    """Return the images of a call: its split, with the parameter `images` no more to train on."""
    split, most = call_split(call), call.parameters["images"]
    if most is None or most >= len(split.train):
        return split
    return Split(random_part(split.train, most, call.parameters["split"]["seed"]), split.test)


def all_rows(call: Call) -> np.ndarray:
    """Return the numbers of all images that are used [n], sorted."""
    rows = call_rows(call)
    return np.sort(np.concatenate([rows.train, rows.test]))

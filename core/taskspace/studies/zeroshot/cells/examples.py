"""Images of unseen compositions, for the page to show beside what methods call them."""

from __future__ import annotations

import numpy as np

from taskspace.components import Call, Dataset, Result
from taskspace.studies.zeroshot.cells.compositions import CompositionTable

MOST = 12
"""Compositions of which an image is shown."""


def pick_images(call: Call) -> Result:
    """Return a test image of each of some unseen compositions, drawn at random.

    The array `image` is [n, H, W, 1 or 3], 8 bits; `sample` holds the numbers of the samples.
    """
    pairs = CompositionTable.of(call.inputs["compositions"])
    draw = np.random.default_rng(call.parameters["seed"])
    tests = draw.permutation(pairs.samples("test"))
    tests = tests[~pairs.seen[pairs.pair[tests]]]
    _, first = np.unique(pairs.pair[tests], return_index=True)
    chosen = np.sort(tests[draw.permutation(first)[:MOST]])
    images = call.component("dataset", Dataset).read(chosen, {"image"})["image"]
    pixels = (images.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1)
    return Result({}, {"sample": chosen, "image": pixels.numpy()})

"""Codes of a dataset's images by an encoder that stays as it is, stored once for whoever reads."""

from __future__ import annotations

import numpy as np
import torch

from taskspace.components import Call, Dataset, Encoder, Result
from taskspace.learning.examples import image_shape
from taskspace.learning.frozen.codes import check_finite, vectors
from taskspace.learning.networks import seeded, settled

BLOCK = 64
"""Images that are decoded and encoded at once."""


def store_codes(call: Call) -> Result:
    """Return codes of the samples from `start` to `stop` as vectors: `features` [n, D].

    Raises:
        CellError: if a code is not finite.
    """
    dataset, shape = call.component("dataset", Dataset), image_shape(call)
    start, stop = call.parameters["start"], call.parameters["stop"]
    features = []
    with settled(call.cpus), torch.inference_mode():
        with seeded("published"):
            network = call.component("encoder", Encoder).build(shape)
        network = network.to(call.device).eval()
        for first in range(start, stop, BLOCK):
            rows = np.arange(first, min(first + BLOCK, stop))
            images = dataset.read(rows, {"image"})["image"].to(call.device)
            codes = network(images.contiguous(memory_format=torch.channels_last))
            features.append(vectors(codes).cpu())
    codes = torch.cat(features).numpy()
    check_finite(codes, start, call.name)
    return Result(arrays={"features": codes})

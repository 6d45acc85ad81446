"""Codes of a frozen encoder, computed once and shared by every readout that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor

from taskspace.components import Call, Result
from taskspace.learning.examples import inputs_of
from taskspace.learning.networks import apply, encode, settled, stored_encoder
from taskspace.learning.splits import indices_of

CLIP = 5.0
"""Codes are clipped at mean +- 5 sigma of their channel (the official configuration)."""


def represent(call: Call) -> Result:
    """Return the codes [N, c, h, w] of the input `network`'s encoder, an array a split.

    Those of several views stand one after another, channelwise.

    Channels are brought to mean 0 and deviation 1 by the statistics of the transfer split, which
    come with its codes; other splits take them from the input `scale`.
    """
    with settled(call.cpus):
        encoder = partial(encode, stored_encoder(call))
        codes = {
            split: apply(encoder, inputs_of(call, indices_of(call, split)))
            for split in call.parameters["of"]
        }
        return scaled_codes(call, codes)


def scaled_codes(call: Call, codes: Mapping[str, Tensor]) -> Result:
    """Return codes with channels of mean 0 and deviation 1, clipped, and the scale."""
    if "scale" in call.inputs:
        mean, deviation = call.inputs["scale"].array("scale")
    else:
        mean, deviation = _channel_statistics(codes["transfer"])
    return Result(
        arrays={"scale": np.stack([mean, deviation])}
        | {split: _scaled(code, mean, deviation) for split, code in codes.items()}
    )


def _channel_statistics(codes: Tensor) -> tuple[np.ndarray, np.ndarray]:
    deviation, mean = torch.std_mean(codes.double(), dim=(0, 2, 3), correction=0)
    # A channel that never changes says nothing: it becomes 0, not a division by 0.
    safe = torch.where(deviation > 1e-6, deviation, torch.ones_like(deviation))
    return mean.float().cpu().numpy(), safe.float().cpu().numpy()


def _scaled(codes: Tensor, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    centred = (codes.cpu().numpy() - mean[:, None, None]) / deviation[:, None, None]
    clipped: np.ndarray = np.clip(centred, -CLIP, CLIP).astype(np.float32)
    return clipped

"""Codes of one scale a column."""

from __future__ import annotations

import torch
from torch import Tensor

from taskspace.errors import InputError

FLAT = 1e-6
"""A column whose deviation is below this share of the largest, or of its own mean, is constant."""


def column_scales(codes: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean [D] and the deviation [D] of codes [N, D]; of constant columns infinity.

    (codes - mean) / deviation has the mean square 1 in every column, and 0 in constant ones.
    """
    mean = codes.double().mean(0)
    deviation = (codes.double() - mean).square().mean(0).sqrt()
    flat = deviation <= FLAT * torch.maximum(deviation.max(), mean.abs())
    return mean.to(codes.dtype), deviation.masked_fill(flat, torch.inf).to(codes.dtype)


def check_codes(codes: Tensor, name: str) -> None:
    """Check that codes are finite rows [N, D] that tell two images apart.

    Args:
        codes: of images.
        name: of these codes, for the message.

    Raises:
        InputError: if there is another number of axes, a number is not finite, or all rows are
            equal.
    """
    if codes.ndim != 2 or not codes.numel():
        raise InputError(
            f"Codes are rows [N, D]; {name} has the shape {list(codes.shape)}.",
            advice="Flatten maps or pool them.",
        )
    wrong = (~torch.isfinite(codes).all(dim=1)).nonzero()
    if len(wrong):
        raise InputError(
            f"{len(wrong)} rows of {name} are not finite, the first is row {int(wrong[0])}.",
            advice="Leave these images out, or look for infinite or missing numbers in them.",
        )
    if bool(torch.isinf(column_scales(codes)[1]).all()):
        raise InputError(
            f"All rows of {name} are equal, so nothing tells one image from another.",
            advice="Look whether the encoder was given different images.",
        )

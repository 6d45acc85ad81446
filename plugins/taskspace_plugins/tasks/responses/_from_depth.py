"""Labels that follow from a map of depth, as pure functions.

Both work on inverse depth, which is linear in the coordinates of a perspective image wherever a
plane is seen: exactly for depth along the viewing direction, nearly for Euclidean depth, whose
inverse differs by the cosine of a pixel's angle, a change of at most the square of a pixel's width
in radians from one pixel to the next. No camera has to be known.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SMOOTH = (1.0, 4.0, 6.0, 4.0, 1.0)
SLOPE = (-1.0, -2.0, 0.0, 2.0, 1.0)
"""The binomial kernel and its derivative: the sums are 16, and 8 per pixel of slope."""

STEP = 0.05
"""The jump, as a share of the depth behind it, that makes an edge of 1 - 1 / e."""

STRONG = 0.1
"""The product r of `keypoints` that gets 1/2."""


def occlusion_edges(depth: Tensor) -> Tensor:
    """Return where one surface ends before another: [B, 1, H, W] in [0, 1].

    Between two neighbours, inverse depth changes by some amount, and on either side of the pair it
    has a slope. Where the change is more than one slope and less than the other, the surfaces meet
    between the two: a crease or a bend, which is no edge. Otherwise the smaller of the two
    departures, and at most the change itself, is the jump. Over the larger inverse depth it is
    1 - near / far, and the value is 1 - exp(-jump / `STEP`). A pixel has the largest of its four
    sides.

    Args:
        depth: [B, 1, H, W], metres; what is not positive is missing. A pixel is missing (NaN) where
            its own depth or a neighbour's is, or where beyond a neighbour no slope is known.
    """
    inverse = _inverse(depth)
    rows, columns = (_jumps(inverse.movedim(side, -1)).movedim(-1, side) for side in (2, 3))
    return -torch.expm1(-torch.maximum(rows, columns) / STEP)


def keypoints(depth: Tensor) -> Tensor:
    """Return how much of a corner of the surface each pixel shows: [B, 1, H, W] in [0, 1).

    The gradients g of inverse depth w (derivatives of a 5x5 binomial) are constant on a plane, and
    on two planes that meet in an edge they differ in one direction only. So in a Gaussian window
    the covariance of g has two eigenvalues e <= f above 0 at corners alone: the operator of
    Foerstner and Guelch 1987, with the mean taken off. The window's deviation s is a 32nd of the
    longer side of the image, at least a pixel. With the window's mean w, s sqrt(e) / w is a
    relative change of depth over the window; the roundness 4 e f / (e + f)^2 of the same paper
    keeps the steps of a slanted line of pixels out. Their product r gives r / (r + `STRONG`).

    Args:
        depth: [B, 1, H, W], metres; what is not positive is missing. A pixel is missing (NaN) where
            its depth is, or where the window has no gradient, which needs 5x5 pixels with depth.
    """
    inverse = _inverse(depth)
    present = ~inverse.isnan()
    gradient, usable = _gradients(inverse)
    deviation = max(1.0, max(depth.shape[2:]) / 32)
    x, y = gradient.unbind(dim=1)
    weight = usable[:, 0].to(depth.dtype)
    parts = [weight, x, y, x * x, x * y, y * y, torch.where(usable, inverse, 0.0)[:, 0]]
    total, *sums = _window(torch.stack(parts, dim=1), deviation).unbind(dim=1)
    x, y, xx, xy, yy, level = (each / total for each in sums)
    smaller, larger = _eigenvalues(xx - x * x, xy - x * y, yy - y * y)
    # Where both are 0 nothing varies, and the bound keeps the quotient from being 0 / 0.
    roundness = 4 * smaller * larger / (smaller + larger).square().clamp(min=1e-30)
    strength = roundness * deviation * smaller.sqrt() / level
    known = present[:, 0] & (total > 0)
    return torch.where(known, strength / (strength + STRONG), torch.nan)[:, None]


def _inverse(depth: Tensor) -> Tensor:
    return torch.where(depth > 0, depth, torch.nan).reciprocal()


def _jumps(w: Tensor) -> Tensor:
    """Return the largest relative jump to a neighbour along the last dimension: same shape."""
    change = w.diff(dim=-1)
    bend = change.diff(dim=-1)
    before = functional.pad(bend, (1, 0), value=torch.nan)
    after = -functional.pad(bend, (0, 1), value=torch.nan)
    # `fmin` takes the departure that is known, `minimum` keeps what is unknown.
    jump = torch.minimum(change.abs(), torch.fmin(before.abs(), after.abs()))
    jump = jump.masked_fill(before * after < 0, 0.0)
    relative = jump / torch.maximum(w[..., 1:], w[..., :-1])
    left, right = functional.pad(relative, (1, 0)), functional.pad(relative, (0, 1))
    return torch.maximum(left, right).masked_fill(w.isnan(), torch.nan)


def _gradients(w: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients [B, 2, H, W] (x, y) of [B, 1, H, W] and where they exist [B, 1, H, W].

    They are 0 where one of the 5x5 pixels is missing or beyond the border.
    """
    smooth, slope = w.new_tensor(SMOOTH) / 16, w.new_tensor(SLOPE) / 8
    kernels = torch.stack([torch.outer(smooth, slope), torch.outer(slope, smooth)])[:, None]
    # Convolution multiplies a missing pixel's NaN into all that see it, as it should.
    padded = functional.pad(w, (2, 2, 2, 2), value=torch.nan)
    found = functional.conv2d(padded, kernels)
    usable = ~found.isnan().any(dim=1, keepdim=True)
    return torch.where(usable, found, 0.0), usable


def _window(values: Tensor, deviation: float) -> Tensor:
    """Return sums [B, C, H, W] under a Gaussian; what lies beyond the border counts nothing."""
    rows, columns = (_gaussian(side, deviation, values) for side in values.shape[2:])
    return rows @ values @ columns


def _gaussian(side: int, deviation: float, like: Tensor) -> Tensor:
    """Return the weight [side, side] of each place for each other, cut at three deviations."""
    place = torch.arange(side, dtype=like.dtype, device=like.device)
    apart = (place - place[:, None]) / deviation
    return torch.where(apart.abs() <= 3, (-apart.square() / 2).exp(), 0.0)


def _eigenvalues(a: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Return both eigenvalues, the smaller one first, of the symmetric [[a, b], [b, c]]."""
    half, apart = (a + c) / 2, torch.hypot((a - c) / 2, b)
    # Rounding may bring it below 0, where it has no root.
    return (half - apart).clamp(min=0), half + apart

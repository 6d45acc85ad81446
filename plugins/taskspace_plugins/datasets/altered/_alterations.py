"""Ten ways to alter a photograph, each named by an adjective that it makes true.

All in whole numbers, so that images are equal on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]

FADE = 4
"""By what colours and contrast are divided."""

WINDOW = 5
"""Side of the square of pixels whose mean blurring takes."""

NOISE = 128
"""How many whole numbers noise is drawn from, half of them below 0."""

PERIOD, STRIPE = 8, 3
"""Width in pixels of a stripe with its gap, and of the stripe alone."""

BORDER = 4
"""Width of a frame in pixels."""


def gray(images: Bytes) -> Bytes:
    """Return the luminance in all three channels (ITU-R BT.601)."""
    return np.repeat(_luminance(images), 3, axis=1)


def red(images: Bytes) -> Bytes:
    """Return the luminance in red, and a quarter of it in green and blue."""
    return _tinted(images, 0)


def blue(images: Bytes) -> Bytes:
    """Return the luminance in blue, and a quarter of it in red and green."""
    return _tinted(images, 2)


def dark(images: Bytes) -> Bytes:
    """Return a quarter of every value: at most 63."""
    return images // FADE


def pale(images: Bytes) -> Bytes:
    """Return a quarter of every distance from white: at least 192."""
    return 255 - (255 - images) // FADE


def soft(images: Bytes) -> Bytes:
    """Return the mean of 5x5 pixels around each, where the margin repeats."""
    around = WINDOW // 2
    padded = np.pad(images, ((0, 0), (0, 0), (around, around), (around, around)), mode="edge")
    windows = sliding_window_view(padded, (WINDOW, WINDOW), axis=(2, 3))
    total = windows.sum(axis=(4, 5), dtype=np.uint16)
    mean: Bytes = ((total + WINDOW**2 // 2) // WINDOW**2).astype(np.uint8)
    return mean


def noisy(images: Bytes, random: Bytes) -> Bytes:
    """Return images with a number of -64 to 63 added to each value, cut off at 0 and 255.

    Args:
        images: [B, 3, H, W].
        random: uniform bytes of the same shape.
    """
    noise = random.astype(np.int16) % NOISE - NOISE // 2
    noised: Bytes = np.clip(images + noise, 0, 255).astype(np.uint8)
    return noised


def striped(images: Bytes) -> Bytes:
    """Return images with black vertical stripes, three pixels in eight."""
    bare = np.arange(images.shape[3]) % PERIOD >= STRIPE
    return images * bare.astype(np.uint8)


def framed(images: Bytes) -> Bytes:
    """Return images whose outer four pixels are black."""
    framed = np.zeros_like(images)
    inner = slice(BORDER, -BORDER)
    framed[:, :, inner, inner] = images[:, :, inner, inner]
    return framed


def negative(images: Bytes) -> Bytes:
    """Return 255 less every value."""
    return 255 - images


ALTERATIONS: Mapping[str, Callable[[Bytes], Bytes]] = {
    alter.__name__: alter
    for alter in (blue, dark, framed, gray, negative, pale, red, soft, striped)
}
"""From images [B, 3, H, W] to altered ones, by word; `noisy` needs random bytes beside them."""

ATTRIBUTES = tuple(sorted([*ALTERATIONS, noisy.__name__]))


def _luminance(images: Bytes) -> Bytes:
    """Return [B, 1, H, W]."""
    parts = images.astype(np.uint32) * np.array([299, 587, 114], np.uint32)[:, None, None]
    luminance: Bytes = ((parts.sum(axis=1, keepdims=True) + 500) // 1000).astype(np.uint8)
    return luminance


def _tinted(images: Bytes, channel: int) -> Bytes:
    luminance = _luminance(images)
    tinted = np.repeat(luminance // FADE, 3, axis=1)
    tinted[:, channel] = luminance[:, 0]
    return tinted

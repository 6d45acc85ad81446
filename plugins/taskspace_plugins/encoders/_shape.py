"""The size of a code whose encoder halves its image several times."""

from __future__ import annotations

from taskspace.components import Shape


def halvings(factor: int) -> int:
    """Return log2 of a power of two."""
    return factor.bit_length() - 1


def reduced(image: Shape, channels: int, factor: int) -> Shape:
    """Return (channels, ceil(H / factor), ceil(W / factor)).

    A 3x3 convolution with stride 2 and padding 1 halves and rounds up, and rounding up several
    times is rounding up once.
    """
    _, height, width = image
    return channels, -(-height // factor), -(-width // factor)

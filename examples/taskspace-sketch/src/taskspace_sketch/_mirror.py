"""How much of an image is its own mirror image."""

from __future__ import annotations

from torch import Tensor, minimum


def mirror_overlap(ink: Tensor, dim: int) -> Tensor:
    """Return the share of the ink that lies on its mirror image: [B, H, W] to [B], in [0, 1].

    The mirror exchanges left and right (`dim` 2) or top and bottom (`dim` 1). It is 1 for a
    symmetric image and 0 where no inked pixel has an inked opposite; it is the same for the image
    and for its mirror image, and at every brightness. NaN where there is no ink.
    """
    shared = minimum(ink, ink.flip(dim)).sum(dim=(1, 2))
    return shared / ink.sum(dim=(1, 2))

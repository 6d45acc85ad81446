"""Rays of a batch of views: directions as multiples of the camera's axes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from taskspace_rooms.scene import Cameras


def pixel_centres(size: int, device: torch.device) -> Tensor:
    """Return where pixel centres lie across an image that spans [-1, 1]: [size]."""
    return (2 * torch.arange(size, device=device) + 1) / size - 1


@dataclass(frozen=True)
class Rays:
    """N rays from cameras.

    Attributes:
        view: int64 [N].
        origin: [3, N], world.
        direction: [3, N], world; its part along the camera's view is 1, so that the multiple of it
            at which something is hit is that thing's z-depth.
    """

    view: Tensor
    origin: Tensor
    direction: Tensor

    @classmethod
    def through(cls, cameras: Cameras, view: Tensor, x: Tensor, y: Tensor) -> Rays:
        """Return rays through places x (to the right), y (down) of images that span [-1, 1]."""
        half = torch.tan(cameras.field_of_view / 2)
        right, up, backward = cameras.rotation.permute(2, 1, 0).unbind()
        across = (right * half).index_select(1, view) * x
        down = (up * half).index_select(1, view) * y
        direction = across - down - backward.index_select(1, view)
        return cls(view, cameras.position.T.index_select(1, view), direction)

    def at(self, depth: Tensor) -> Tensor:
        """Return the points [3, N] at z-depths [N]."""
        return self.origin + depth * self.direction

"""Tasks as sides of a sphere: images become points, a direction divides them, all are spread."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from taskspace.errors import InputError

TEMPERATURE = 5.0
"""By which a projection onto a direction is multiplied: +1 is the probability .993 (authors')."""
SPREAD = 2.0
"""Of the Gaussian potential of uniformity (Wang and Isola 2020, their t)."""


class TaskSphere(nn.Module):
    """A network onto the unit sphere and fixed orthogonal directions: a task a direction.

    Args:
        network: images [B, C, H, W] -> [B, D], of any length; or the same of features.
        directions: [T, D], orthonormal.
    """

    directions: Tensor

    def __init__(self, network: nn.Module, directions: Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("directions", directions)

    def forward(self, images: Tensor) -> Tensor:
        """Return points on the sphere [B, D]."""
        return nn.functional.normalize(self.network(images).flatten(1), dim=1)

    def logits(self, points: Tensor) -> Tensor:
        """Return the logits of class 1 against class 0 of every task, [B, T]."""
        return TEMPERATURE * points @ self.directions.T


def orthogonal_directions(count: int, dimensions: int, generator: torch.Generator) -> Tensor:
    """Return orthonormal directions [count, dimensions], uniformly at random.

    Raises:
        InputError: if there are more directions than dimensions.
    """
    if count > dimensions:
        raise InputError(
            f"There are no {count} orthogonal directions in {dimensions} dimensions.",
            advice="Ask for fewer tasks, or for more dimensions.",
        )
    drawn = torch.randn(dimensions, dimensions, generator=generator, dtype=torch.float64)
    basis, triangle = torch.linalg.qr(drawn)
    signs = torch.where(triangle.diagonal() < 0, -1.0, 1.0)
    directions: Tensor = (basis * signs).T[:count].to(torch.float32)
    return directions


def uniformity(points: Tensor) -> Tensor:
    """Return log mean exp(-2 |x - y|^2) over pairs of points [B, D]: low where they are spread.

    Uniform on the sphere of many dimensions it nears -4, on a single point it is 0 (Wang and Isola
    2020, Eq. 4).
    """
    cosines = points @ points.T
    upper = torch.triu_indices(len(points), len(points), 1, device=points.device)
    pairs = 2 * SPREAD * (cosines[upper[0], upper[1]] - 1)
    mean: Tensor = pairs.logsumexp(0) - torch.tensor(float(pairs.numel())).log()
    return mean

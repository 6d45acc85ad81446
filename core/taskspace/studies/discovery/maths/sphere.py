"""Tasks as regions of a sphere: images become points, directions divide them, all are spread."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from taskspace.errors import InputError

TEMPERATURE = 5.0
"""By which a projection onto a direction is multiplied: +1 is the probability .993 (authors')."""
SPREAD = 2.0
"""Of the Gaussian potential of uniformity (Wang and Isola 2020, their t)."""


class TaskSphere(nn.Module):
    """A network onto the unit sphere, and fixed orthonormal directions for each task.

    The K classes of a task are the vertices of a regular simplex with edges of length 1 in the
    span of its K - 1 directions, so that no class is nearer to another. For two classes the
    difference of the logits is the projection onto the one direction (Atanov et al. 2022, Sec. 4).

    Args:
        network: inputs [B, ...] -> [B, D], of any length; or [B, D, 1, 1].
        directions: [T, K - 1, D], all orthonormal.
    """

    directions: Tensor
    vertices: Tensor

    def __init__(self, network: nn.Module, directions: Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("directions", directions)
        vertices = simplex(directions.shape[1] + 1).to(directions)
        self.register_buffer("vertices", vertices, persistent=False)

    def forward(self, inputs: Tensor, rows: Tensor) -> Tensor:
        """Return points on the sphere [B, D]; `rows` [B] do not matter."""
        return nn.functional.normalize(self.network(inputs).flatten(1), dim=1)

    def logits(self, points: Tensor) -> Tensor:
        """Return the logits of every task, [B, T, K]."""
        places = torch.einsum("bd,tnd->btn", points, self.directions)
        return TEMPERATURE * places @ self.vertices.T


def simplex(count: int) -> Tensor:
    """Return the vertices of a regular simplex about 0 with edges of length 1, [K, K - 1].

    The last coordinate rises with the number of the vertex for two: -1/2 and 1/2.
    """
    vertices = torch.zeros(count, count - 1, dtype=torch.float64)
    for axis in range(count - 1):
        # The simplex of axis + 1 vertices lies below its new apex.
        radius = torch.sqrt(torch.tensor(axis / (2 * (axis + 1)), dtype=torch.float64))
        height = torch.sqrt(1 - radius**2)
        vertices[: axis + 1, axis] = -height / (axis + 2)
        vertices[axis + 1, axis] = height * (axis + 1) / (axis + 2)
    return vertices.to(torch.float32)


def orthogonal_directions(
    tasks: int, classes: int, dimensions: int, generator: torch.Generator
) -> Tensor:
    """Return orthonormal directions [T, K - 1, D], uniformly at random.

    Raises:
        InputError: if a task has fewer than two classes, or directions outnumber dimensions.
    """
    count = tasks * (classes - 1)
    if tasks < 1 or classes < 2:
        raise InputError(f"There are no {tasks} tasks of {classes} classes.")
    if count > dimensions:
        raise InputError(
            f"There are no {count} orthogonal directions in {dimensions} dimensions: "
            f"{tasks} tasks of {classes} classes take {classes - 1} each.",
            advice="Ask for fewer tasks or classes, or for more dimensions.",
        )
    drawn = torch.randn(dimensions, dimensions, generator=generator, dtype=torch.float64)
    basis, triangle = torch.linalg.qr(drawn)
    signs = torch.where(triangle.diagonal() < 0, -1.0, 1.0)
    directions: Tensor = (basis * signs).T[:count].to(torch.float32)
    return directions.reshape(tasks, classes - 1, dimensions)


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

"""Depth maps and samples that are known in closed form, for the tests of geometric tasks."""

import math

import torch
from torch import Tensor

from taskspace.components import Field

FIELD_OF_VIEW = 1.0


def rays(side: int) -> Tensor:
    """Return the rays (x, y, -1) of a square image's pixels [3, side, side]."""
    across = math.tan(FIELD_OF_VIEW / 2) * ((2 * torch.arange(side) + 1) / side - 1)
    x, y = across[None].expand(side, side), -across[:, None].expand(side, side)
    return torch.stack([x, y, torch.full_like(x, -1.0)])


def plane(
    normal: tuple[float, float, float], point: tuple[float, float, float], side: int
) -> Tensor:
    """Return depth_z [1, 1, side, side] of a plane, NaN where its rays do not meet it."""
    n = torch.tensor(normal)
    depth = (n @ torch.tensor(point)) / torch.einsum("c,chw->hw", n, rays(side))
    return torch.where(depth > 0, depth, torch.nan)[None, None]


def euclidean(depth_z: Tensor) -> Tensor:
    """Return the distances to the camera of square maps of depth_z."""
    return depth_z * rays(depth_z.shape[-1]).norm(dim=0)


def half(slope: float, side: int) -> Tensor:
    """Return which pixels lie on one side of a line near the middle: bool [side, side]."""
    x, y, _ = rays(side)
    return x * math.cos(slope) + y * math.sin(slope) < 0.02


def sample(side: int = 12, batch: int = 4) -> dict[str, Tensor]:
    """Return made-up values of all fields that the tasks of geometry and views read."""
    made = torch.Generator().manual_seed(5)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(batch, *shape, generator=made)

    def normal(*shape: int) -> Tensor:
        return torch.randn(batch, *shape, generator=made)

    def classes(count: int, *shape: int) -> Tensor:
        return torch.randint(count, (batch, *shape), generator=made)

    directions = torch.linalg.qr(normal(3, 3))[0]
    return {
        "image": uniform(3, side, side),
        "depth_euclidean": 1 + 4 * uniform(1, side, side),
        "depth_z": 1 + 3 * uniform(1, side, side),
        "normals": torch.nn.functional.normalize(normal(3, side, side), dim=1),
        "curvature": 5 * normal(2, side, side),
        "edges_occlusion": uniform(1, side, side),
        "reshading": uniform(1, side, side),
        "semantic": classes(5, side, side),
        "scene_class": classes(3),
        "object_class": classes(4),
        "room_layout": normal(9),
        "vanishing_points": directions.flatten(1),
        "fixated_views": uniform(2, 3, side, side),
        "pose_fixated": normal(6),
        "nonfixated_views": uniform(2, 3, side, side),
        "pose_nonfixated": normal(6),
        "egomotion_views": uniform(3, 3, side, side),
        "egomotion": normal(18),
        "point_views": uniform(2, 3, side, side),
        "same_point": classes(2),
    }


CLASSES = {"semantic": 5, "scene_class": 3, "object_class": 4}
"""How many classes the fields of classes above have; `same_point` has its two."""


def fields(values: dict[str, Tensor]) -> dict[str, Field]:
    """Return the fields of a dataset that has such samples."""
    named = {name: tuple(f"{name} {i}" for i in range(count)) for name, count in CLASSES.items()}
    named["same_point"] = ("different", "same")
    return {name: Field(tuple(v.shape[1:]), named.get(name)) for name, v in values.items()}

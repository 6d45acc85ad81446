"""All surfaces of a batch of scenes in one table, and their exact geometry at a point."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from taskspace_rooms.scene import Materials, Scenes, Shape
from taskspace_rooms.tables import joined

ROOM = len(Shape)
"""The shape of a room itself: a box that is seen from inside."""
SIDE = 0
"""The face of a sphere, and of a cylinder or frustum between its caps."""
WALL, FLOOR, CEILING = 0, 1, 2
"""The semantic classes of a room's own surfaces."""
APEX = 1e-3
"""Metres: the least radius for which a frustum's curvature is given."""


@dataclass(frozen=True)
class Surfaces:
    """T surfaces: first the S rooms, then the P primitives.

    Columns are surfaces, so that coordinates are whole rows: tensors [3, T].

    Attributes:
        rooms: S.
        shape: int64 [T], of `Shape`, or ROOM.
        centre: [3, T]; rotation: [3, 3, T], first dimension world, second the surface's own axes;
            size: [3, T], see `Shape`.
        semantic, instance: int64 [T]; a room has instance 0, its classes go by face.
        material: 6 S + P rows: a room has six.
    """

    rooms: int
    shape: Tensor
    centre: Tensor
    rotation: Tensor
    size: Tensor
    semantic: Tensor
    instance: Tensor
    material: Materials

    @classmethod
    def of(cls, scenes: Scenes) -> Surfaces:
        """Return the table of some scenes."""
        primitives, half = scenes.primitives, scenes.room.T / 2
        rooms = half.shape[1]
        nothing = torch.zeros(rooms, dtype=torch.int64, device=half.device)
        upright = torch.eye(3, device=half.device)[..., None].expand(3, 3, rooms)
        return cls(
            rooms=rooms,
            shape=torch.cat([nothing + ROOM, primitives.shape]),
            centre=torch.cat([half, primitives.centre.T], 1),
            rotation=torch.cat([upright, primitives.rotation.permute(1, 2, 0)], 2),
            size=torch.cat([half, primitives.size.T], 1),
            semantic=torch.cat([nothing, primitives.semantic]),
            instance=torch.cat([nothing, primitives.instance]),
            material=joined([scenes.surfaces, primitives.material]),
        )

    def to_local(self, surface: Tensor, vector: Tensor) -> Tensor:
        """Return world vectors [3, N] in the axes of their surfaces (int64 [N])."""
        x, y, z = self._rotation_at(surface)
        return torch.addcmul(torch.addcmul(x * vector[0], y, vector[1]), z, vector[2])

    def to_world(self, surface: Tensor, vector: Tensor) -> Tensor:
        """Return vectors [3, N] from the axes of their surfaces to the world's."""
        x, y, z = self._rotation_at(surface).unbind(1)
        return torch.addcmul(torch.addcmul(x * vector[0], y, vector[1]), z, vector[2])

    def _rotation_at(self, surface: Tensor) -> Tensor:
        return self.rotation.flatten(0, 1).index_select(1, surface).reshape(3, 3, -1)


@dataclass(frozen=True)
class Geometry:
    """Surfaces at N points on them.

    Attributes:
        local: [3, N], the points in the axes of their surfaces.
        face: int64 [N]: 2 * axis + (1 on the positive side) on boxes, rooms and caps, else SIDE.
        normal: [3, N], world, unit length, to the side from which it is seen.
        curvature: [2, N], principal, 1 / metre.
    """

    local: Tensor
    face: Tensor
    normal: Tensor
    curvature: Tensor


def geometry_at(surfaces: Surfaces, surface: Tensor, point: Tensor) -> Geometry:
    """Return the geometry at world points [3, N] that lie on surfaces int64 [N].

    The curvature of a frustum's side is the cosine of its half angle over the radius there, by
    Meusnier's theorem: the horizontal circle is cut at that angle to the normal.
    """
    shape, size = surfaces.shape.index_select(0, surface), surfaces.size.index_select(1, surface)
    local = surfaces.to_local(surface, point - surfaces.centre.index_select(1, surface))
    (x, y, z), positive = local.unbind(), local > 0
    boxy = (shape == Shape.BOX) | (shape == ROOM)
    sphere, cone = shape == Shape.SPHERE, shape == Shape.CONE

    # How far outside each pair of faces: the one that is least inside is the one that was hit.
    beyond = local.abs() - size
    over_x, over_y, over_z = beyond.unbind()
    on_x = boxy & (over_x >= over_y) & (over_x >= over_z)
    on_y = boxy & ~on_x & (over_y >= over_z)

    across = (x * x + y * y).sqrt()
    taper = cone * (size[0] - size[1]) / (2 * size[2])
    cosine = (1 + taper * taper).rsqrt()
    radius = torch.where(cone, (size[0] + size[1]) / 2 - taper * z, size[0])
    cap = ~boxy & ~sphere & (over_z >= (across - radius) * cosine)
    side = ~boxy & ~cap
    on_z = ~(on_x | on_y | side)

    face = positive[1] * on_y * 1 + on_y * 2 + on_z * 4 + positive[2] * on_z + positive[0] * on_x
    scale = 1 - 2.0 * (shape == ROOM)
    flat = torch.stack([on_x * x.sign(), on_y * y.sign(), on_z * z.sign()]) * scale
    # A sphere's normal is its point; that of a side leans up by the taper.
    length = torch.where(sphere, size[0], across.clamp_min(1e-12))
    round_z = torch.where(sphere, z / size[0], taper * cosine)
    lean = torch.where(sphere, 1.0, cosine) / length
    curved = torch.stack([x * lean, y * lean, round_z])
    normal = surfaces.to_world(surface, torch.where(side, curved, flat))
    largest = side * torch.where(sphere, 1.0, cosine) / radius.clamp_min(APEX)
    return Geometry(local, face, normal, torch.stack([largest, largest * sphere]))


def semantic_at(surfaces: Surfaces, surface: Tensor, face: Tensor) -> Tensor:
    """Return the semantic classes int64 [N] at points on faces of surfaces."""
    own = torch.where(face < 4, WALL, torch.where(face == 4, FLOOR, CEILING))
    return torch.where(surface < surfaces.rooms, own, surfaces.semantic[surface])


def material_at(surfaces: Surfaces, surface: Tensor, face: Tensor) -> Tensor:
    """Return the rows int64 [N] of the materials at points on faces of surfaces."""
    return torch.where(surface < surfaces.rooms, 6 * surface + face, surface + 5 * surfaces.rooms)

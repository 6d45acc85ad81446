"""Points that rays meet, with all that is known there."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from taskspace_rooms.renderer.rays import Rays
from taskspace_rooms.renderer.surfaces import Geometry, Surfaces, geometry_at


@dataclass(frozen=True)
class Hits:
    """N points.

    Attributes:
        rays: [N]; scene: int64 [N].
        surface: int64 [N], see `Surfaces`.
        point: [3, N], world; geometry: there.
    """

    rays: Rays
    scene: Tensor
    surface: Tensor
    point: Tensor
    geometry: Geometry

    @classmethod
    def at(
        cls, surfaces: Surfaces, rays: Rays, scene: Tensor, surface: Tensor, depth: Tensor
    ) -> Hits:
        """Return the hits of rays on surfaces at z-depths [N]."""
        point = rays.at(depth)
        return cls(rays, scene, surface, point, geometry_at(surfaces, surface, point))

"""Light on surfaces: what comes from everywhere and what point lights send, with hard shadows."""

from __future__ import annotations

import torch
from torch import Tensor

from taskspace_rooms.renderer.hits import Hits
from taskspace_rooms.renderer.shadows import Casters, shadowed
from taskspace_rooms.renderer.surfaces import Surfaces
from taskspace_rooms.scene import Scenes, Shape

REACH = 4.0
"""Metres at which the light at the camera, for reshading, has fallen to one half."""


def irradiance(
    scenes: Scenes, surfaces: Surfaces, cast: dict[Shape, Casters], hits: Hits
) -> tuple[Tensor, Tensor]:
    """Return ambient + sum of colour * max(0, n . l) / distance^2 over the lights that are seen.

    Args:
        scenes, surfaces, cast: what there is, and what of it casts shadows.
        hits: N points.

    Returns:
        Light [3, N] and which lights shine on each point, as the bits of int64 [N].
    """
    scene, surface, normal = hits.scene, hits.surface, hits.geometry.normal
    lights = scenes.lights
    counts = torch.bincount(lights.scene, minlength=surfaces.rooms)
    starts = counts.cumsum(0) - counts
    light = scenes.ambient.T.index_select(1, scene)
    shining = torch.zeros_like(scene)
    for rank in range(int(counts.max())):
        number = (starts[scene] + rank).clamp_max(len(lights.scene) - 1)
        way = hits.point - lights.position.T.index_select(1, number)
        square = (way * way).sum(0)
        facing = -(way * normal).sum(0)
        candidates = ((counts[scene] > rank) & (facing > 0)).nonzero()[:, 0]
        dark = shadowed(
            surfaces,
            cast,
            number[candidates],
            surface[candidates],
            way.index_select(1, candidates),
        )
        lit = candidates[~dark]
        strength = facing[lit] / (square[lit] * square[lit].sqrt())
        colour = lights.colour.T.index_select(1, number[lit])
        light.index_add_(1, lit, strength * colour)
        shining[lit] += 1 << rank
    return light, shining


def reshading(normal: Tensor, way: Tensor) -> Tensor:
    """Return the shading of white surfaces by a light at the camera, in [0, 1].

    It is max(0, n . v) / (1 + (d / REACH)^2), with v the direction to the camera, d its distance:
    a function of normals and depth alone.

    Args:
        normal: [3, ...], unit length.
        way: [3, ...], from the camera to the point, in the same frame, metres.
    """
    square = (way * way).sum(0)
    facing = -(normal * way).sum(0) / square.sqrt()
    return facing.clamp(0, 1) / (1 + square / REACH**2)

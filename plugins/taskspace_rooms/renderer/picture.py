"""The light that reaches each pixel, supersampled, and what a sensor makes of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from taskspace_rooms.renderer.hits import Hits
from taskspace_rooms.renderer.materials import albedo_at
from taskspace_rooms.renderer.noise import sensor_noise
from taskspace_rooms.renderer.rays import Rays, pixel_centres
from taskspace_rooms.renderer.shading import irradiance
from taskspace_rooms.renderer.shadows import casters
from taskspace_rooms.renderer.surfaces import Surfaces, material_at
from taskspace_rooms.renderer.visibility import nearest_of
from taskspace_rooms.scene import Cameras, Pattern, Scenes

GAMMA = 2.2

Lighting = Callable[[Hits], tuple[Tensor, Tensor]]
"""Light [3, N] at hits, and by what whole numbers below 256 their looks differ, int64 [N]."""


def developed(light: Tensor, cameras: Cameras) -> Tensor:
    """Return what the sensors make of light [V, 3, S, S]: exposure, gamma, noise; in [0, 1]."""
    exposure, noise = (value[:, None, None, None] for value in (cameras.exposure, cameras.noise))
    image = (light * exposure).clamp(0, 1) ** (1 / GAMMA)
    return (image + noise * sensor_noise(cameras.seed, light.shape[-1])).clamp(0, 1)


def radiance(
    scenes: Scenes,
    surfaces: Surfaces,
    hits: Hits,
    size: int,
    supersampling: int,
    *,
    light: Lighting | None = None,
) -> Tensor:
    """Return albedo times irradiance, averaged over each pixel: [3, V * size * size], linear.

    Where a pixel and its eight neighbours show one face under the same lights, the light is that
    at the pixel's centre and the texture is averaged over supersampling^2 places of the tangent
    plane. Elsewhere each sub-ray is traced and lit by itself; it meets the nearest of what is seen
    at the four pixel centres around it.

    Args:
        scenes, surfaces: what there is.
        hits: of the rays through all pixels' centres, in the order of views, rows, columns.
        size: pixels across a view.
        supersampling: sub-rays in a row of a pixel.
        light: by default that of the scenes' lights, with hard shadows.
    """
    lit = light or partial(irradiance, scenes, surfaces, casters(scenes, surfaces))
    face = hits.geometry.face
    received, shining = lit(hits)
    albedo = albedo_at(surfaces, hits.surface, face, hits.geometry.local)
    if supersampling == 1:
        return received * albedo
    look = ((hits.surface * 8 + face) << 8) + shining
    busy = _unlike_neighbours(look.reshape(-1, size, size)).flatten()
    pattern = surfaces.material.pattern[material_at(surfaces, hits.surface, face)]
    smooth = (~busy & (pattern != Pattern.PLAIN)).nonzero()[:, 0]
    split = busy.nonzero()[:, 0]
    places = pixel_centres(supersampling, received.device)

    rays = _sub_rays(scenes.cameras, smooth, size, places)
    albedo[:, smooth] = _mean(_on_tangent_planes(surfaces, hits, smooth, rays), places)
    colour = received * albedo
    rays = _sub_rays(scenes.cameras, split, size, places)
    around = _around(hits.surface, split, size, places)
    scene = scenes.cameras.scene[rays.view]
    depth, surface = nearest_of(scenes, surfaces, rays, around)
    sub = Hits.at(surfaces, rays, scene, surface, depth)
    received, _ = lit(sub)
    albedo = albedo_at(surfaces, surface, sub.geometry.face, sub.geometry.local)
    colour[:, split] = _mean(received * albedo, places)
    return colour


def _unlike_neighbours(look: Tensor) -> Tensor:
    """Return where a pixel of [V, S, S] differs from one of its eight neighbours."""
    unlike = torch.zeros_like(look, dtype=torch.bool)
    size = look.shape[1]
    whole, before, after = slice(0, size), slice(0, size - 1), slice(1, size)
    for here, there in (
        ((whole, before), (whole, after)),
        ((before, whole), (after, whole)),
        ((before, before), (after, after)),
        ((before, after), (after, before)),
    ):
        differs = look[:, here[0], here[1]] != look[:, there[0], there[1]]
        unlike[:, here[0], here[1]] |= differs
        unlike[:, there[0], there[1]] |= differs
    return unlike


def _sub_rays(cameras: Cameras, pixel: Tensor, size: int, places: Tensor) -> Rays:
    """Return rays through all places of pixels [N], pixels fastest: [places^2 * N]."""
    count = len(places)
    across = (2 * (pixel % size) + 1 + places[:, None]) / size - 1
    down = (2 * (pixel // size % size) + 1 + places[:, None]) / size - 1
    view = (pixel // size**2).repeat(count * count)
    x = across.repeat(count, 1).flatten()
    y = down.repeat_interleave(count, 0).flatten()
    return Rays.through(cameras, view, x, y)


def _around(surface: Tensor, pixel: Tensor, size: int, places: Tensor) -> Tensor:
    """Return the surfaces at the four pixels around each sub-ray, its own first: [4, ...]."""
    count, side = len(places), places.sign().long()[:, None]
    column, row = pixel % size, pixel // size % size
    across = ((column + side).clamp(0, size - 1) - column).repeat(count, 1).flatten()
    down = ((row + side).clamp(0, size - 1) - row).repeat_interleave(count, 0).flatten() * size
    own = pixel.repeat(count * count)
    return surface[torch.stack([own, own + across, own + down, own + across + down])]


def _on_tangent_planes(surfaces: Surfaces, hits: Hits, pixel: Tensor, rays: Rays) -> Tensor:
    """Return the texture where sub-rays meet the tangent planes at their pixels' centres."""
    centre = pixel.repeat(rays.direction.shape[1] // max(1, len(pixel)))
    normal = hits.geometry.normal.index_select(1, centre)
    way = hits.point.index_select(1, centre) - rays.origin
    depth = (normal * way).sum(0) / (normal * rays.direction).sum(0)
    surface = hits.surface[centre]
    offset = rays.at(depth) - surfaces.centre.index_select(1, surface)
    local = surfaces.to_local(surface, offset)
    return albedo_at(surfaces, surface, hits.geometry.face[centre], local)


def _mean(colour: Tensor, places: Tensor) -> Tensor:
    return colour.reshape(3, len(places) ** 2, -1).mean(1)

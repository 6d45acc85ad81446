"""Rendering of rooms: pictures and exact labels by ray casting, as tensor operations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from taskspace_rooms.renderer.hits import Hits
from taskspace_rooms.renderer.picture import developed, radiance
from taskspace_rooms.renderer.rays import Rays, pixel_centres
from taskspace_rooms.renderer.shading import reshading
from taskspace_rooms.renderer.surfaces import Surfaces, semantic_at
from taskspace_rooms.renderer.tiles import first_hits
from taskspace_rooms.scene import Cameras, Lights, Primitives, Scenes
from taskspace_rooms.tables import Table, joined, mapped

Owned = TypeVar("Owned", Primitives, Lights, Cameras)

PIXELS = 1 << 16
"""Pixels rendered at once on a processor, so that little leaves its cache; elsewhere 64 times."""

STEP = 0.05
"""The relative jump of depth at which the response is 1 - 1 / e."""


@dataclass(frozen=True)
class Rendered:
    """V views of S x S pixels; labels are those of the rays through the pixels' centres.

    Attributes:
        image: [V, 3, S, S] in [0, 1], with sensor noise, not yet rounded.
        depth_euclidean, depth_z: [V, S, S], metres.
        normals: [V, 3, S, S], camera frame, unit length.
        curvature: [V, 2, S, S], principal curvatures k1 >= k2, 1 / metre, positive where convex.
        edges_occlusion: [V, S, S] in [0, 1].
        semantic: int64 [V, S, S], classes.
        instance: int64 [V, S, S]; 0 is the room itself.
        reshading: [V, S, S] in [0, 1].
    """

    image: Tensor
    depth_euclidean: Tensor
    depth_z: Tensor
    normals: Tensor
    curvature: Tensor
    edges_occlusion: Tensor
    semantic: Tensor
    instance: Tensor
    reshading: Tensor


def render(scenes: Scenes, size: int, *, supersampling: int = 2) -> Rendered:
    """Return pictures and labels of all views, on the scenes' device.

    Nothing is random: a view's noise is a function of its seed and of the pixel, so that a view is
    the same in every batch.

    Args:
        scenes: rooms and cameras, which stand inside.
        size: pixels across a view.
        supersampling: sub-rays in a row of a pixel, for the picture; see `radiance`.
    """
    views = len(scenes.cameras.scene)
    pixels = PIXELS if scenes.room.device.type == "cpu" else 64 * PIXELS
    step = max(1, pixels // size**2)
    return joined(
        [
            _render(portion(scenes, first, min(first + step, views)), size, supersampling)
            for first in range(0, views, step)
        ]
    )


def _render(scenes: Scenes, size: int, supersampling: int) -> Rendered:
    cameras = scenes.cameras
    surfaces = Surfaces.of(scenes)
    rays = central_rays(cameras, size)
    depth, surface = first_hits(scenes, surfaces, size, rays)
    hits = Hits.at(surfaces, rays, cameras.scene[rays.view], surface.flatten(), depth.flatten())
    geometry, way = hits.geometry, hits.point - rays.origin
    normals = images_of(_in_camera(cameras, rays.view, geometry.normal), size)
    light = radiance(scenes, surfaces, hits, size, supersampling)
    return Rendered(
        image=developed(images_of(light, size), cameras),
        depth_euclidean=(way * way).sum(0).sqrt().reshape(-1, size, size),
        depth_z=depth,
        normals=normals,
        curvature=images_of(geometry.curvature, size),
        edges_occlusion=occlusion_edges(depth, normals, torch.tan(cameras.field_of_view / 2)),
        semantic=semantic_at(surfaces, hits.surface, geometry.face).reshape(-1, size, size),
        instance=surfaces.instance[surface],
        reshading=reshading(geometry.normal, way).reshape(-1, size, size),
    )


def central_rays(cameras: Cameras, size: int) -> Rays:
    """Return the rays through the centres of all pixels, by views, rows and columns."""
    views, places = len(cameras.scene), pixel_centres(size, cameras.scene.device)
    view = torch.arange(views, device=places.device).repeat_interleave(size * size)
    x, y = places.repeat(views * size), places.repeat_interleave(size).repeat(views)
    return Rays.through(cameras, view, x, y)


def _in_camera(cameras: Cameras, view: Tensor, vector: Tensor) -> Tensor:
    """Return world vectors [3, N] in the axes of their views' cameras."""
    rotation = cameras.rotation.permute(1, 2, 0).flatten(0, 1).index_select(1, view)
    return (rotation.reshape(3, 3, -1) * vector[:, None]).sum(0)


def images_of(rows: Tensor, size: int) -> Tensor:
    """Return [C, V * S * S] as [V, C, S, S]."""
    return rows.reshape(len(rows), -1, size, size).transpose(0, 1).contiguous()


def portion(scenes: Scenes, first: int, last: int) -> Scenes:
    """Return the views first .. last - 1 and what their scenes hold, renumbered from 0."""
    if (first, last) == (0, len(scenes.cameras.scene)):
        return scenes
    low, high = (int(scenes.cameras.scene[view]) for view in (first, last - 1))
    return Scenes(
        room=scenes.room[low : high + 1],
        surfaces=_rows(scenes.surfaces, 6 * low, 6 * (high + 1)),
        ambient=scenes.ambient[low : high + 1],
        scene_class=scenes.scene_class[low : high + 1],
        building=scenes.building[low : high + 1],
        primitives=_of_scenes(scenes.primitives, low, high),
        lights=_of_scenes(scenes.lights, low, high),
        cameras=_from(_rows(scenes.cameras, first, last), low),
    )


def _of_scenes(table: Owned, low: int, high: int) -> Owned:
    limits = torch.tensor([low, high + 1], device=table.scene.device)
    first, last = torch.searchsorted(table.scene, limits).tolist()
    return _from(_rows(table, first, last), low)


def _from(table: Owned, low: int) -> Owned:
    return replace(table, scene=table.scene - low)


def _rows(table: Table, first: int, last: int) -> Table:
    return mapped(table, lambda values: values[first:last])


def occlusion_edges(depth_z: Tensor, normals: Tensor, reach: Tensor) -> Tensor:
    """Return the response to depth discontinuities, in [0, 1]: [V, S, S].

    A pixel and its neighbour each span a tangent plane. The inverse depth of a plane is linear
    across the image, so between the two pixels the planes' difference is linear too. If it changes
    its sign there, the planes meet between the pixels: a crease, or a smooth surface that bends,
    and the response is 0. Otherwise one plane stays before the other. The smaller of its relative
    leads at the two pixels, 1 - near / far, is the jump, and the response is 1 - exp(-jump / STEP).
    A pixel has the largest response among its pairs with its four neighbours. (A body whose tangent
    plane is all but edge-on in the very last pixel before its outline can meet what lies behind.)

    Args:
        depth_z: [V, S, S], metres.
        normals: [V, 3, S, S], camera frame.
        reach: [V], the tangent of half the field of view.
    """
    size = depth_z.shape[1]
    places = (2 * torch.arange(size, device=depth_z.device) + 1) / size - 1
    x = reach[:, None, None] * places
    y = -reach[:, None, None] * places[:, None]
    inverse = 1 / depth_z
    nx, ny, nz = normals.unbind(1)
    # 1 / depth of the tangent plane at (x, y) is (nx x + ny y - nz) * scale, so its slopes are:
    scale = inverse / (nx * x + ny * y - nz)
    pitch = 2 * reach[:, None, None] / size
    edges = torch.zeros_like(depth_z)
    for axis, slope in ((2, nx * scale * pitch), (1, -ny * scale * pitch)):
        before, after = slice(0, size - 1), slice(1, size)
        first, second = _cut(inverse, axis, before), _cut(inverse, axis, after)
        lead_here = first - (second - _cut(slope, axis, after))
        lead_there = first + _cut(slope, axis, before) - second
        apart = lead_here * lead_there > 0
        smaller = torch.minimum(lead_here.abs(), lead_there.abs()) * apart
        response = -torch.expm1(-smaller / (STEP * torch.maximum(first, second)))
        for part in (before, after):
            view = _cut(edges, axis, part)
            torch.maximum(view, response, out=view)
    return edges


def _cut(image: Tensor, axis: int, part: slice) -> Tensor:
    return image[:, :, part] if axis == 2 else image[:, part]

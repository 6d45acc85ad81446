"""What the rays through the centres of all pixels meet first, tile by tile.

Each body is tried on the rays of those tiles of a view in which it may show, and on no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from taskspace_rooms.renderer.culling import seen_in_cells
from taskspace_rooms.renderer.intersect import ENTRY, HUGE
from taskspace_rooms.renderer.rays import Rays, pixel_centres
from taskspace_rooms.renderer.surfaces import Surfaces
from taskspace_rooms.renderer.visibility import Frames, frames, room_depth
from taskspace_rooms.scene import Scenes

TILE = 8
"""Pixels across a tile."""
BLOCK = 1 << 17
"""Rays tried at once on a processor, so that they stay in its cache; elsewhere a hundredfold."""


@dataclass(frozen=True)
class _Tiling:
    """Views of `size` pixels as `count` x `count` tiles.

    Attributes:
        half: [V], the tangent of half the field of view.
        places: [count, TILE], of pixel centres; beyond the border the last one repeats.
        edges: [count + 1], of the tiles.
    """

    size: int
    count: int
    half: Tensor
    places: Tensor
    edges: Tensor


def first_hits(scenes: Scenes, surfaces: Surfaces, size: int, rays: Rays) -> tuple[Tensor, Tensor]:
    """Return what the rays through the pixels' centres meet.

    Args:
        scenes, surfaces: what there is.
        size: pixels across a view.
        rays: through all V * size * size centres, in the order of views, rows, columns.

    Returns:
        z-depth [V, size, size] and surface int64 [V, size, size].
    """
    cameras, tiling = scenes.cameras, _tiling(scenes, size)
    right, up, backward = cameras.rotation.permute(2, 1, 0).unbind()
    axes = torch.stack([right, -up, -backward])
    pairs = frames(scenes, surfaces, cameras.scene, cameras.position.T, axes)

    depth = _tiled(room_depth(scenes, rays).reshape(-1, size, size), tiling)
    found = []
    for tile, hit, number in _tried(surfaces, pairs, tiling):
        target = tile[:, None].expand(-1, TILE * TILE)
        depth.scatter_reduce_(0, target, hit, "amin")
        found.append((target, hit, number))
    surface = torch.zeros_like(depth)
    for target, hit, number in found:
        nearest = (hit == depth.gather(0, target)) * number[:, None].to(depth.dtype)
        surface.scatter_reduce_(0, target, nearest, "amax")
    # Bodies are numbered after the rooms, so that 0 is where none was met.
    body = _untiled(surface, tiling).long()
    room = cameras.scene[:, None, None].expand_as(body)
    return _untiled(depth, tiling), torch.where(body > 0, body, room)


def _tiling(scenes: Scenes, size: int) -> _Tiling:
    device, count = scenes.room.device, -(-size // TILE)
    within = torch.arange(count * TILE, device=device).clamp_max(size - 1)
    return _Tiling(
        size=size,
        count=count,
        half=torch.tan(scenes.cameras.field_of_view / 2),
        places=pixel_centres(size, device)[within].reshape(count, TILE),
        edges=2 * TILE * torch.arange(count + 1, device=device) / size - 1,
    )


def _tried(
    surfaces: Surfaces, pairs: Frames, tiling: _Tiling
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield, by blocks, tiles [N], z-depths [N, TILE * TILE] and bodies [N] that may show there."""
    on_processor = tiling.half.device.type == "cpu"
    block = (BLOCK if on_processor else 128 * BLOCK) // TILE**2
    for shape, entry in ENTRY.items():
        rows = (surfaces.shape[pairs.surface] == shape).nonzero()[:, 0]
        seen = seen_in_cells(
            shape,
            -pairs.origin.index_select(1, rows).T,
            pairs.axes.index_select(2, rows).permute(2, 0, 1),
            pairs.size.index_select(1, rows).T,
            tiling.half[pairs.eye[rows], None] * tiling.edges,
        )
        which, row, column = seen.nonzero().unbind(1)
        for first in range(0, len(which), block):
            part = slice(first, first + block)
            pair = rows[which[part]]
            half = tiling.half[pairs.eye[pair], None, None]
            across = half * tiling.places[column[part], None]
            down = half * tiling.places[row[part], :, None]
            u, v, w = pairs.axes.index_select(2, pair)[..., None, None]
            hit = entry(
                pairs.origin.index_select(1, pair)[..., None, None],
                u * across + (v * down + w),
                pairs.size.index_select(1, pair)[..., None, None],
            )
            tile = (pairs.eye[pair] * tiling.count + row[part]) * tiling.count + column[part]
            yield tile, hit.flatten(1), pairs.surface[pair]


def _tiled(image: Tensor, tiling: _Tiling) -> Tensor:
    """Return [V, S, S] as tiles [V * count * count, TILE * TILE]; what is beyond S is HUGE."""
    missing = tiling.count * TILE - tiling.size
    whole = torch.nn.functional.pad(image, (0, missing, 0, missing), value=HUGE)
    cut = whole.reshape(-1, tiling.count, TILE, tiling.count, TILE)
    return cut.transpose(2, 3).reshape(-1, TILE * TILE)


def _untiled(tiles: Tensor, tiling: _Tiling) -> Tensor:
    side = tiling.count * TILE
    whole = tiles.reshape(-1, tiling.count, tiling.count, TILE, TILE).transpose(2, 3)
    return whole.reshape(-1, side, side)[:, : tiling.size, : tiling.size]

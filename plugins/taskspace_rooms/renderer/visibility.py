"""Eyes in the frames of bodies, and what single rays meet first among a few of them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from taskspace_rooms.renderer.intersect import ENTRY, leave_box
from taskspace_rooms.renderer.rays import Rays
from taskspace_rooms.renderer.surfaces import Surfaces
from taskspace_rooms.scene import Scenes


@dataclass(frozen=True)
class Frames:
    """Pairs of an eye (a camera or a light) and a primitive: the eye in the primitive's axes.

    Attributes:
        eye, surface: int64 [N].
        origin: [3, N], the eye; axes: [3, 3, N], three vectors of the eye (first dimension);
            size: [3, N].
    """

    eye: Tensor
    surface: Tensor
    origin: Tensor
    axes: Tensor
    size: Tensor


def frames(
    scenes: Scenes, surfaces: Surfaces, scene: Tensor, position: Tensor, axes: Tensor
) -> Frames:
    """Return all pairs of eyes and primitives of one scene.

    Args:
        scenes, surfaces: what there is.
        scene: int64 [E], of each eye.
        position: [3, E], world.
        axes: [3, 3, E], three vectors of each eye (first dimension), world.
    """
    eye, primitive = same_scene(scene, scenes.primitives.scene, surfaces.rooms)
    surface = primitive + surfaces.rooms
    offset = position.index_select(1, eye) - surfaces.centre.index_select(1, surface)
    vectors = axes.flatten(0, 1).index_select(1, eye).reshape(3, 3, -1)
    return Frames(
        eye=eye,
        surface=surface,
        origin=surfaces.to_local(surface, offset),
        axes=torch.stack([surfaces.to_local(surface, vector) for vector in vectors]),
        size=surfaces.size.index_select(1, surface),
    )


def room_depth(scenes: Scenes, rays: Rays) -> Tensor:
    """Return where rays [N] meet the walls, floor or ceiling."""
    half = scenes.room.T.index_select(1, scenes.cameras.scene[rays.view]) / 2
    return leave_box(rays.origin - half, rays.direction, half)


def nearest_of(
    scenes: Scenes, surfaces: Surfaces, rays: Rays, candidates: Tensor
) -> tuple[Tensor, Tensor]:
    """Return what rays meet first among a few candidates each and the room.

    Args:
        scenes, surfaces: what there is.
        rays: [N].
        candidates: surfaces int64 [C, N]; rooms among them are ignored.

    Returns:
        z-depth [N] and surface int64 [N].
    """
    depth = room_depth(scenes, rays)
    surface = scenes.cameras.scene[rays.view]
    for rank in range(len(candidates)):
        tried = candidates[rank]
        new = tried >= surfaces.rooms
        for earlier in candidates[:rank]:
            new = new & (tried != earlier)
        rays_left = new.nonzero()[:, 0]
        shapes = surfaces.shape[tried[rays_left]]
        for shape, entry in ENTRY.items():
            places = rays_left[shapes == shape]
            number = tried[places]
            start = rays.origin.index_select(1, places) - surfaces.centre.index_select(1, number)
            hit = entry(
                surfaces.to_local(number, start),
                surfaces.to_local(number, rays.direction.index_select(1, places)),
                surfaces.size.index_select(1, number),
            )
            nearer = hit < depth[places]
            places = places[nearer]
            depth[places], surface[places] = hit[nearer], number[nearer]
    return depth, surface


def expanded(starts: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """Return all items of many lists that lie one after another in one table.

    Args:
        starts: int64 [N], where each list begins.
        counts: int64 [N], how long it is.

    Returns:
        The owner of each item (0 .. N - 1, ascending) and the item's place: int64 [sum(counts)].
    """
    owner = torch.repeat_interleave(counts)
    before = counts.cumsum(0) - counts
    place = torch.arange(len(owner), device=counts.device) + (starts - before).index_select(
        0, owner
    )
    return owner, place


def same_scene(left: Tensor, right: Tensor, scenes: int) -> tuple[Tensor, Tensor]:
    """Return the pairs of rows that are of one scene.

    Args:
        left: int64 [N], the scene of each left row.
        right: int64 [M], the scene of each right row, ascending.
        scenes: how many scenes there are.

    Returns:
        Rows of `left` (ascending) and of `right`: int64 [pairs].
    """
    counts = torch.bincount(right, minlength=scenes)
    starts = counts.cumsum(0) - counts
    return expanded(starts[left], counts[left])

"""A room drawn by hand, and rays, points and a reference for the tests of the renderer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from taskspace_rooms.scene import (
    Cameras,
    Lights,
    Materials,
    Pattern,
    Primitives,
    Scenes,
    Shape,
)

Thing = tuple[Shape, tuple[float, ...], tuple[float, ...]]
"""Shape, centre, size."""
THINGS: tuple[Thing, ...] = (
    (Shape.BOX, (2.0, 3.0, 0.4), (0.5, 0.3, 0.4)),
    (Shape.SPHERE, (3.2, 3.0, 0.5), (0.5, 0.5, 0.5)),
    (Shape.CYLINDER, (1.0, 2.4, 0.6), (0.2, 0.2, 0.6)),
    (Shape.CONE, (2.0, 3.0, 1.1), (0.25, 0.1, 0.3)),
    (Shape.CONE, (3.4, 2.0, 0.3), (0.3, 0.0, 0.3)),
    (Shape.BOX, (2.6, 2.2, 1.2), (0.02, 0.3, 0.3)),
)


def turned(yaw: float, pitch: float = 0.0) -> Tensor:
    """Return a camera's rotation: yaw 0 looks along +y, positive pitch looks up."""
    cos, sin, up, ahead = np.cos(yaw), np.sin(yaw), np.sin(pitch), np.cos(pitch)
    right = np.array([cos, sin, 0.0])
    forward = np.array([-sin * ahead, cos * ahead, up])
    return torch.tensor(
        np.stack([right, np.cross(right, forward), -forward], 1), dtype=torch.float32
    )


def spun(angle: float) -> Tensor:
    """Return the rotation of a thing about the vertical."""
    cos, sin = np.cos(angle), np.sin(angle)
    return torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]], dtype=torch.float32)


def paint(rows: int, pattern: Pattern = Pattern.PLAIN) -> Materials:
    shade = torch.linspace(0.3, 0.9, rows)[:, None] * torch.tensor([1.0, 0.9, 0.8])
    return Materials(
        torch.full((rows,), int(pattern)),
        shade,
        1 - shade,
        torch.full((rows,), 0.4),
        torch.arange(rows),
    )


def drawn(
    things: tuple[Thing, ...] = THINGS,
    *,
    room: tuple[float, float, float] = (4.0, 5.0, 2.5),
    positions: tuple[tuple[float, float, float], ...] = ((2.0, 0.6, 1.4),),
    rotations: tuple[Tensor, ...] = (turned(0.0, -0.25),),
    lights: tuple[tuple[float, float, float], ...] = ((1.0, 1.0, 2.2), (3.5, 4.0, 2.3)),
    pattern: Pattern = Pattern.PLAIN,
    field_of_view: float = 1.2,
) -> Scenes:
    """Return one room, its things turned by 0, 0.5, 1, ... radians, without sensor noise."""
    count, views = len(things), len(positions)
    numbers = torch.arange(count)
    return Scenes(
        room=torch.tensor([room]),
        surfaces=paint(6, pattern),
        ambient=torch.tensor([[0.2, 0.2, 0.25]]),
        scene_class=torch.zeros(1, dtype=torch.int64),
        building=torch.zeros(1, dtype=torch.int64),
        primitives=Primitives(
            scene=torch.zeros(count, dtype=torch.int64),
            shape=torch.tensor([int(shape) for shape, _, _ in things], dtype=torch.int64),
            centre=torch.tensor([centre for _, centre, _ in things]).reshape(-1, 3),
            rotation=torch.stack([spun(0.5 * number) for number in range(count)])
            if count
            else torch.zeros(0, 3, 3),
            size=torch.tensor([size for _, _, size in things]).reshape(-1, 3),
            semantic=numbers + 3,
            instance=numbers + 1,
            material=paint(count, pattern),
        ),
        lights=Lights(
            scene=torch.zeros(len(lights), dtype=torch.int64),
            position=torch.tensor(lights).reshape(-1, 3),
            colour=torch.ones(len(lights), 3),
        ),
        cameras=Cameras(
            scene=torch.zeros(views, dtype=torch.int64),
            position=torch.tensor(positions),
            rotation=torch.stack(rotations),
            field_of_view=torch.full((views,), field_of_view),
            exposure=torch.ones(views),
            noise=torch.zeros(views),
            seed=torch.arange(views),
        ),
    )


def quiet(scenes: Scenes) -> Scenes:
    """Return the scenes without sensor noise."""
    return replace(scenes, cameras=replace(scenes.cameras, noise=scenes.cameras.noise * 0))


def plain(scenes: Scenes) -> Scenes:
    """Return the scenes with nothing but first colours."""
    primitives = scenes.primitives
    return replace(
        scenes,
        surfaces=_without_pattern(scenes.surfaces),
        primitives=replace(primitives, material=_without_pattern(primitives.material)),
    )


def _without_pattern(materials: Materials) -> Materials:
    return replace(materials, pattern=torch.zeros_like(materials.pattern))


def some_views(scenes: Scenes, views: list[int]) -> Scenes:
    """Return all scenes, seen in some of their views."""
    cameras = scenes.cameras
    rows = torch.tensor(views)
    return replace(
        scenes,
        cameras=Cameras(
            cameras.scene[rows],
            cameras.position[rows],
            cameras.rotation[rows],
            cameras.field_of_view[rows],
            cameras.exposure[rows],
            cameras.noise[rows],
            cameras.seed[rows],
        ),
    )


def pixel_directions(scenes: Scenes, view: int, size: int) -> np.ndarray:
    """Return the rays of the contract in double precision, camera frame: [size, size, 3]."""
    half = np.tan(float(scenes.cameras.field_of_view[view].double()) / 2)
    places = half * ((2 * np.arange(size) + 1) / size - 1)
    x, y = np.meshgrid(places, -places)
    return np.stack([x, y, -np.ones_like(x)], -1)


def placed(scenes: Scenes, view: int) -> tuple[np.ndarray, np.ndarray]:
    """Return position [3] and rotation [3, 3] of a camera in double precision."""
    cameras = scenes.cameras
    return cameras.position[view].double().numpy(), cameras.rotation[view].double().numpy()


def cast(scenes: Scenes, view: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return z-depth [size, size] and target (see `trace`) of a view."""
    position, rotation = placed(scenes, view)
    rays = (pixel_directions(scenes, view, size) @ rotation.T).reshape(-1, 3)
    scene = int(scenes.cameras.scene[view])
    distance, target = trace(scenes, scene, np.broadcast_to(position, rays.shape), rays)
    return distance.reshape(size, size), target.reshape(size, size)


def trace(
    scenes: Scenes, scene: int, origins: np.ndarray, rays: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what rays [N, 3] meet first, by trying each on everything in double precision.

    The distance in lengths of the ray [N], and the target [N]: 0 .. 5 for x = 0, x = X, y = 0,
    y = Y, floor, ceiling; 6 + p for the scene's primitive p.
    """
    room = scenes.room[scene].double().numpy()
    with np.errstate(divide="ignore"):
        walls = np.stack([-origins / rays, (room - origins) / rays], -1).reshape(-1, 6)
    distances = [np.where(walls > 1e-9, walls, np.inf)]
    table = scenes.primitives
    for number in (table.scene == scene).nonzero()[:, 0].tolist():
        rotation = table.rotation[number].double().numpy()
        start = (origins - table.centre[number].double().numpy()) @ rotation
        shape, size = Shape(int(table.shape[number])), table.size[number].double().numpy()
        distances.append(entry(shape, size, start, rays @ rotation)[:, None])
    every = np.concatenate(distances, 1)
    return every.min(1), every.argmin(1)


def entry(shape: Shape, size: np.ndarray, start: np.ndarray, ray: np.ndarray) -> np.ndarray:
    """Return where rays [N, 3] first meet a body in its own frame: the least of all candidates.

    Candidates are the places where a ray crosses any of the planes and the quadric that bound the
    body; those count that lie on the body.
    """
    if shape == Shape.BOX:
        planes, quadric = [(axis, sign * size[axis]) for axis in range(3) for sign in (-1, 1)], None
    elif shape == Shape.SPHERE:
        planes, quadric = [], (np.array([1.0, 1.0, 1.0]), size[0], 0.0)
    else:
        below, above = size[0], size[1] if shape == Shape.CONE else size[0]
        taper = (above - below) / (2 * size[2])
        planes = [(2, -size[2]), (2, size[2])]
        quadric = (np.array([1.0, 1.0, 0.0]), (below + above) / 2, taper)
    found = np.full(len(start), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        candidates = [(place - start[:, axis]) / ray[:, axis] for axis, place in planes]
        if quadric is not None:
            weight, radius, taper = quadric
            here, change = radius + taper * start[:, 2], taper * ray[:, 2]
            a = (weight * ray * ray).sum(1) - change**2
            b = (weight * ray * start).sum(1) - change * here
            c = (weight * start * start).sum(1) - here**2
            root = np.sqrt(b * b - a * c)
            candidates += [(-b - root) / a, (-b + root) / a]
        for distance in candidates:
            point = start + distance[:, None] * ray
            if quadric is None:
                within = (np.abs(point) <= size + 1e-9).all(1)
            else:
                radial = np.sqrt((weight * point * point).sum(1))
                within = radial <= radius + taper * point[:, 2] + 1e-9
                within &= (shape == Shape.SPHERE) | (np.abs(point[:, 2]) <= size[2] + 1e-9)
            found = np.where(within & (distance > 1e-9) & (distance < found), distance, found)
    return found

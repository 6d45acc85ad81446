"""Frames of a clip as the scenes that the renderer takes, and as pictures and masks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from taskspace_rooms.driving.classes import OBJECTS
from taskspace_rooms.driving.course import Floats
from taskspace_rooms.driving.daylight import fogged, outdoors, sun_of
from taskspace_rooms.driving.journey import Condition, Journey, journey
from taskspace_rooms.driving.street import Thing, street
from taskspace_rooms.driving.vehicles import Element, flat
from taskspace_rooms.furnishing.columns import floats, materials, wholes
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.renderer.hits import Hits
from taskspace_rooms.renderer.picture import developed, radiance
from taskspace_rooms.renderer.rays import Rays
from taskspace_rooms.renderer.render import central_rays, images_of
from taskspace_rooms.renderer.surfaces import Surfaces
from taskspace_rooms.renderer.tiles import first_hits
from taskspace_rooms.scene import Cameras, Lights, Primitives, Scenes
from taskspace_rooms.tables import Table, mapped

CAMERA = 33
"""Stream of random numbers of a clip."""

WORLD, SKY = 600.0, 300.0
"""Extents of the renderer's room, metres; the journey's origin is in its middle."""
SIGHT = 130.0
"""Metres beyond which nothing is drawn."""
BEHIND = 8.0
"""Metres behind the camera of what is drawn: a long thing whose middle is there may reach ahead."""
FIELD_OF_VIEW = (44.0, 54.0)
"""Degrees across the larger side of the image."""


@dataclass(frozen=True)
class RenderedFrames:
    """F pictures of S x S pixels.

    Attributes:
        image: [F, 3, S, S] in [0, 1], with sensor noise, not yet rounded.
        instance: int64 [F, S, S], k is the k-th thing with a kind, 0 is none.
        kinds: indices into `OBJECTS` of the things 1, 2, ...
    """

    image: Tensor
    instance: Tensor
    kinds: tuple[int, ...]


@dataclass(frozen=True)
class View:
    """The camera of a clip: height in metres, pitch (down) and field of view in radians."""

    height: float
    pitch: float
    field_of_view: float


class Film:
    """A clip that can be rendered, frame by frame.

    Args:
        clip: its number.
        seed: of the dataset.
        conditions: of which it has one.
        seconds: how long it is.
    """

    def __init__(
        self, clip: int, seed: int, conditions: Sequence[Condition], seconds: float
    ) -> None:
        self._number = (clip, seed)
        self.journey: Journey = journey(clip, seed, conditions, seconds)
        self.things: tuple[Thing, ...] = street(self.journey, clip, seed, seconds)
        draw = Draw(seed, CAMERA, clip)
        self._sun = sun_of(draw)
        self.view = View(
            draw.between(1.3, 1.6),
            draw.between(0.0, 0.05),
            math.radians(draw.between(*FIELD_OF_VIEW)),
        )
        self._exposure, self._noise = draw.between(0.9, 1.1), draw.between(0.004, 0.014)
        self._noise_seed = draw.whole(0, 2**30)

    @property
    def kinds(self) -> tuple[int, ...]:
        """Return the index into `OBJECTS` of each thing that has a kind, in order."""
        return tuple(OBJECTS.index(thing.kind) for thing in self.things if thing.kind)

    def render(self, times: Sequence[float], size: int) -> RenderedFrames:
        """Return the frames at some times, seconds from the clip's first; each by itself."""
        scenes = self.scenes(times)
        surfaces = Surfaces.of(scenes)
        hits, instance = _hits(scenes, surfaces, size)
        middle = (WORLD / 2, WORLD / 2)
        light = outdoors(surfaces, self.journey, self._sun, middle)
        colour = radiance(scenes, surfaces, hits, size, 2, light=light)
        distance = (hits.point - hits.rays.origin).norm(dim=0)
        colour = fogged(colour, distance, self.journey.condition)
        return RenderedFrames(
            developed(images_of(colour, size), scenes.cameras), instance, self.kinds
        )

    def masks_alone(self, time: float, size: int) -> Tensor:
        """Return what each thing with a kind would show if it were alone: bool [K, S, S]."""
        scenes = self.scenes([time])
        table = scenes.primitives
        counts = range(1, len(self.kinds) + 1)
        masks = torch.zeros(len(counts), size, size, dtype=torch.bool)
        for number in counts:
            rows = (table.instance == number).nonzero()[:, 0]
            if len(rows):
                only = _rows(table, rows)
                alone = replace(scenes, primitives=only)
                masks[number - 1] = _hits(alone, Surfaces.of(alone), size)[1][0] == number
        return masks

    def scenes(self, times: Sequence[float]) -> Scenes:
        """Return a scene and a camera for each time."""
        count = len(times)
        white = flat((1.0, 1.0, 1.0))
        nothing = torch.zeros(0)
        return Scenes(
            room=torch.tensor([[WORLD, WORLD, SKY]]).expand(count, 3).contiguous(),
            surfaces=materials([white] * (6 * count)),
            ambient=torch.zeros(count, 3),
            scene_class=torch.full((count,), -1),
            building=wholes(range(count)),
            primitives=self._primitives(times),
            lights=Lights(nothing.long(), nothing.reshape(0, 3), nothing.reshape(0, 3)),
            cameras=self._cameras(times),
        )

    def _cameras(self, times: Sequence[float]) -> Cameras:
        pose = self.journey.trip.pose(np.array(times))
        count = len(times)
        heading, pitch = pose[:, 2], self.view.pitch
        sine, cosine = np.sin(heading), np.cos(heading)
        right = np.stack([cosine, -sine, 0 * sine], axis=1)
        down, level = math.sin(pitch), math.cos(pitch)
        back = np.stack([-sine * level, -cosine * level, 0 * sine + down], axis=1)
        up = np.cross(back, right)
        place = np.stack([pose[:, 0], pose[:, 1], 0 * sine + self.view.height], axis=1)
        place += (WORLD / 2, WORLD / 2, 0.0)
        frame_seeds = [self._noise_seed + round(100 * time) for time in times]
        return Cameras(
            scene=wholes(range(count)),
            position=torch.from_numpy(place).float(),
            rotation=torch.from_numpy(np.stack([right, up, back], axis=2)).float(),
            field_of_view=torch.full((count,), self.view.field_of_view),
            exposure=torch.full((count,), self._exposure),
            noise=torch.full((count,), self._noise),
            seed=wholes(frame_seeds),
        )

    def _primitives(self, times: Sequence[float]) -> Primitives:
        moments = np.array(times)
        parts: list[Element] = []
        owner: list[int] = []
        for number, thing in enumerate(self.things):
            parts.extend(thing.parts)
            owner.extend([number] * len(thing.parts))
        whose = np.array(owner)
        kinds = np.array([thing.kind != "" for thing in self.things])
        numbers = np.where(kinds, np.cumsum(kinds), 0)
        instance = np.where([part.shadow for part in parts], 0, numbers[whose])
        finish = np.array([part.finish for part in parts])

        still = np.zeros((len(times), 3))
        poses = np.stack(
            [still if each.trip is None else each.trip.pose(moments) for each in self.things]
        )[whose].transpose(1, 0, 2)
        centre = np.array([part.solid.centre for part in parts])
        axes = np.array([part.solid.axes for part in parts]).reshape(-1, 3, 3)
        place, turned = _moved(poses, centre, axes)
        keep = self._near(place, times)
        frame, row = keep.nonzero()
        rows = torch.from_numpy(row)
        painted = materials([part.solid.paint for part in parts])
        return Primitives(
            scene=torch.from_numpy(frame),
            shape=wholes([part.solid.shape for part in parts])[rows],
            centre=torch.from_numpy(place[keep] + (WORLD / 2, WORLD / 2, 0.0)).float(),
            rotation=torch.from_numpy(turned[keep]).float(),
            size=floats([part.solid.size for part in parts], 3)[rows],
            semantic=torch.from_numpy(finish[row]),
            instance=torch.from_numpy(instance[row]),
            material=_rows(painted, rows),
        )

    def _near(self, place: Floats, times: Sequence[float]) -> np.ndarray:
        """Return which parts at places [F, P, 3] may be seen: bool [F, P]."""
        pose = self.journey.trip.pose(np.array(times))
        x, y = (place[..., k] - pose[:, None, k] for k in range(2))
        ahead = x * np.sin(pose[:, None, 2]) + y * np.cos(pose[:, None, 2])
        near: np.ndarray = (ahead > -BEHIND) & (ahead < SIGHT)
        return near


def _moved(poses: Floats, centre: Floats, axes: Floats) -> tuple[Floats, Floats]:
    """Return centres [F, P, 3] and axes [F, P, 3, 3] of parts at poses [F, P, 3]."""
    sine, cosine = np.sin(poses[..., 2]), np.cos(poses[..., 2])
    place = np.empty((*poses.shape[:2], 3))
    place[..., 0] = poses[..., 0] + cosine * centre[:, 0] + sine * centre[:, 1]
    place[..., 1] = poses[..., 1] - sine * centre[:, 0] + cosine * centre[:, 1]
    place[..., 2] = centre[:, 2]
    turned = np.empty((*poses.shape[:2], 3, 3))
    turned[..., 0, :] = cosine[..., None] * axes[:, 0] + sine[..., None] * axes[:, 1]
    turned[..., 1, :] = cosine[..., None] * axes[:, 1] - sine[..., None] * axes[:, 0]
    turned[..., 2, :] = axes[:, 2]
    return place, turned


def _rows(table: Table, rows: Tensor) -> Table:
    return mapped(table, lambda values: values[rows])


def _hits(scenes: Scenes, surfaces: Surfaces, size: int) -> tuple[Hits, Tensor]:
    """Return what is hit through the pixels' centres, and instances [F, S, S]."""
    rays: Rays = central_rays(scenes.cameras, size)
    depth, surface = first_hits(scenes, surfaces, size, rays)
    scene = scenes.cameras.scene[rays.view]
    hits = Hits.at(surfaces, rays, scene, surface.flatten(), depth.flatten())
    return hits, surfaces.instance[surface]

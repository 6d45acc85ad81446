"""Scenes as tensors: what the world generates and the renderer draws.

World frame: metres, z up, floor at z = 0, right-handed; a room is the box [0, X] x [0, Y] x [0, Z].
Several scenes are one batch: every table names the scene of each of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

from taskspace_rooms.tables import mapped


class Shape(IntEnum):
    """The analytic primitives; the axis of those that have one is their local z."""

    BOX = 0
    """size = half extents along local x, y, z."""
    CYLINDER = 1
    """size = radius, radius, half height; closed by caps."""
    SPHERE = 2
    """size = radius, three times."""
    CONE = 3
    """A frustum: size = radius at the bottom, radius at the top (may be 0), half height; capped."""


class Pattern(IntEnum):
    """How a material's two colours alternate over its surface, with a period in metres."""

    PLAIN = 0
    STRIPES = 1
    CHECKER = 2
    WOOD = 3
    NOISE = 4
    TILES = 5


@dataclass(frozen=True)
class Materials:
    """M materials.

    Attributes:
        pattern: int64 [M], of `Pattern`.
        first, second: colours [M, 3] in [0, 1], linear light.
        period: [M], metres.
        seed: int64 [M], what the pattern's randomness (noise, grain) hangs on.
    """

    pattern: Tensor
    first: Tensor
    second: Tensor
    period: Tensor
    seed: Tensor


@dataclass(frozen=True)
class Primitives:
    """P primitives of all scenes.

    Attributes:
        scene: int64 [P], ascending.
        shape: int64 [P], of `Shape`.
        centre: [P, 3]; rotation: [P, 3, 3], local axes as columns; size: [P, 3], see `Shape`.
        semantic: int64 [P], index into the semantic classes.
        instance: int64 [P], the same for all parts of one object, unique in its scene, from 1.
        material: one row a primitive.
    """

    scene: Tensor
    shape: Tensor
    centre: Tensor
    rotation: Tensor
    size: Tensor
    semantic: Tensor
    instance: Tensor
    material: Materials


@dataclass(frozen=True)
class Lights:
    """L point lights: scene int64 [L] ascending, position [L, 3], colour [L, 3] (at one metre)."""

    scene: Tensor
    position: Tensor
    colour: Tensor


@dataclass(frozen=True)
class Cameras:
    """V views.

    Attributes:
        scene: int64 [V], ascending.
        position: [V, 3]; rotation: [V, 3, 3], camera axes (right, up, backward) as columns.
        field_of_view: [V], the full angle across the square image, radians.
        exposure: [V], a factor on light; noise: [V], standard deviation of the sensor's noise
            where the image spans [0, 1]; seed: int64 [V], what the noise hangs on.
    """

    scene: Tensor
    position: Tensor
    rotation: Tensor
    field_of_view: Tensor
    exposure: Tensor
    noise: Tensor
    seed: Tensor


@dataclass(frozen=True)
class Scenes:
    """S rooms with all that is in them.

    Attributes:
        room: [S, 3], extents X, Y, Z in metres.
        surfaces: 6 S materials: of each room x = 0, x = X, y = 0, y = Y, floor, ceiling.
        ambient: [S, 3], light from everywhere.
        scene_class: int64 [S], index into the scene classes.
        building: int64 [S].
    """

    room: Tensor
    surfaces: Materials
    ambient: Tensor
    scene_class: Tensor
    building: Tensor
    primitives: Primitives
    lights: Lights
    cameras: Cameras

    def to(self, device: str | torch.device) -> Scenes:
        """Return the scenes on a device."""
        return mapped(self, lambda values: values.to(device))

"""Stages as the tensors that the renderer takes, one view a scene."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from taskspace_rooms.classes import SEMANTIC_CLASSES
from taskspace_rooms.compositions.stage import StagedObject
from taskspace_rooms.furnishing.columns import floats, materials, primitives, wholes
from taskspace_rooms.scene import Cameras, Lights, Scenes

THING = 1
"""The instance of the object; the room is 0."""


def scenes_of(stages: Sequence[StagedObject]) -> Scenes:
    """Return a scene for each stage."""
    count = range(len(stages))
    unlabelled = torch.full((len(stages),), -1)
    return Scenes(
        room=floats([stage.room for stage in stages], 3),
        surfaces=materials([paint for stage in stages for paint in stage.surfaces]),
        ambient=floats([stage.light.ambient for stage in stages], 3),
        scene_class=unlabelled,
        building=wholes(count),
        primitives=primitives(
            [
                (scene, SEMANTIC_CLASSES.index(stage.thing.kind), THING, part)
                for scene, stage in enumerate(stages)
                for part in stage.thing.parts
            ]
        ),
        lights=_lights(stages),
        cameras=_cameras(stages),
    )


def _lights(stages: Sequence[StagedObject]) -> Lights:
    return Lights(
        scene=wholes([scene for scene, s in enumerate(stages) for _ in s.light.positions]),
        position=floats([spot for stage in stages for spot in stage.light.positions], 3),
        colour=floats([colour for stage in stages for colour in stage.light.colours], 3),
    )


def _cameras(stages: Sequence[StagedObject]) -> Cameras:
    cameras = [stage.camera for stage in stages]
    axes = floats([[camera.right[0], camera.up[0], camera.backward[0]] for camera in cameras], 3, 3)
    return Cameras(
        scene=wholes(range(len(stages))),
        position=floats([camera.position[0] for camera in cameras], 3),
        rotation=axes.transpose(1, 2).contiguous(),
        field_of_view=floats([2 * math.atan(float(camera.tangent[0])) for camera in cameras]),
        exposure=floats([stage.light.exposure for stage in stages]),
        noise=floats([stage.noise for stage in stages]),
        seed=wholes([stage.seed for stage in stages]),
    )

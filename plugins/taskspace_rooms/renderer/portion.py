"""A range of views with the scenes that they show, as scenes of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import torch

from taskspace_rooms.scene import Cameras, Lights, Primitives, Scenes
from taskspace_rooms.tables import Table, mapped

Owned = TypeVar("Owned", Primitives, Lights, Cameras)


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

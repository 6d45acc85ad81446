"""A chunk of rooms: 64 views of 16 scenes in 4 buildings, rendered and put into small numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from taskspace.layout import codes
from taskspace_rooms.cache import ArrayFile
from taskspace_rooms.classes import OBJECT_CLASSES, SEMANTIC_CLASSES
from taskspace_rooms.views import room_layout, vanishing_points

if TYPE_CHECKING:
    from taskspace_rooms.renderer.render import Rendered
    from taskspace_rooms.scene import Scenes

GENERATOR = 1
"""Raised whenever the same seed gives other rooms or other labels."""
VIEWS = 4
"""Views of a scene."""
SCENES = 16
CHUNK = VIEWS * SCENES
BUILDING = 4 * VIEWS
PIXELS_AT_ONCE = 64 * 64 * 64
"""What is rendered together, so that large images need no more memory than small ones."""
LEAST_SHARE = 0.02
"""An object that fills less of the image, weighted towards the centre, is not its main object."""

MAPS = {
    "image": (3, codes.IMAGE),
    "depth_euclidean": (1, codes.DEPTH),
    "depth_z": (1, codes.DEPTH),
    "normals": (3, codes.NORMALS),
    "curvature": (2, codes.CURVATURE),
    "edges_occlusion": (1, codes.HEAT),
    "reshading": (1, codes.SHADING),
}
"""Dense fields by name: channels and code."""
NUMBERS = {"camera": 13, "room_layout": 9, "vanishing_points": 9}


def chunk_files(size: int) -> dict[str, ArrayFile]:
    """Return what a chunk of images of a size consists of."""
    return {
        **{
            name: ArrayFile((CHUNK, channels, size, size), code.dtype)
            for name, (channels, code) in MAPS.items()
        },
        "semantic": ArrayFile((CHUNK, size, size), "uint8"),
        **{name: ArrayFile((CHUNK, count), "float32") for name, count in NUMBERS.items()},
        "scene_class": ArrayFile((CHUNK,), "int16"),
        "object_class": ArrayFile((CHUNK,), "int16"),
    }


def render_chunk(chunk: int, size: int, seed: int) -> dict[str, np.ndarray]:
    """Return the arrays of a chunk, as `chunk_files` declares them."""
    from taskspace_rooms.furnishing.world import generate  # noqa: PLC0415
    from taskspace_rooms.renderer.render import render  # noqa: PLC0415  torch is for who renders, not for who lists

    together = max(1, min(SCENES, PIXELS_AT_ONCE // (VIEWS * size * size)))
    whole = {name: np.empty(file.shape, file.dtype) for name, file in chunk_files(size).items()}
    for first in range(0, SCENES, together):
        last = min(first + together, SCENES)
        scenes = generate(range(chunk * SCENES + first, chunk * SCENES + last), seed)
        for name, values in _arrays(scenes, render(scenes, size)).items():
            whole[name][VIEWS * first : VIEWS * last] = values
    return whole


def _arrays(scenes: Scenes, rendered: Rendered) -> dict[str, np.ndarray]:
    cameras, scene_of = scenes.cameras, scenes.cameras.scene.numpy()
    camera = np.concatenate(
        [
            cameras.position.numpy(),
            cameras.rotation.numpy().reshape(-1, 9),
            cameras.field_of_view.numpy()[:, None],
        ],
        axis=1,
    ).astype(np.float32)
    room = scenes.room.numpy()[scene_of]
    views = len(camera)
    arrays = {}
    for name, (channels, code) in MAPS.items():
        values = getattr(rendered, name).numpy()
        arrays[name] = code.encode(values.reshape(views, channels, *values.shape[-2:]))
    semantic = rendered.semantic.numpy()
    return {
        **arrays,
        "semantic": codes.encode_classes(semantic),
        "camera": camera,
        "room_layout": np.stack([room_layout(r, c) for r, c in zip(room, camera, strict=True)]),
        "vanishing_points": np.stack([vanishing_points(c) for c in camera]),
        "scene_class": scenes.scene_class.numpy()[scene_of],
        "object_class": main_objects(semantic, rendered.instance.numpy()),
    }


def main_objects(semantic: np.ndarray, instance: np.ndarray) -> np.ndarray:
    """Return the class of each image's main object [V], an index into OBJECT_CLASSES, or -1.

    It is that of the instance with most pixels, each weighted by its distance from the image's
    border in rows and in columns, if these are at least `LEAST_SHARE` of all.

    Args:
        semantic: indices into SEMANTIC_CLASSES [V, H, W].
        instance: numbers of objects [V, H, W], each of one class.
    """
    number = {SEMANTIC_CLASSES.index(name): i for i, name in enumerate(OBJECT_CLASSES)}
    object_of = np.array([number.get(i, -1) for i in range(len(SEMANTIC_CLASSES))])
    rows, columns = (1 - np.abs((2 * np.arange(n) + 1) / n - 1) for n in semantic.shape[1:])
    weight = np.outer(rows, columns)
    found = np.full(len(semantic), -1, dtype=np.int64)
    for view, (classes, numbers) in enumerate(zip(object_of[semantic], instance, strict=True)):
        shown = classes >= 0
        shares = np.bincount(numbers[shown], weight[shown]) / weight.sum()
        if shares.size and shares.max() >= LEAST_SHARE:
            found[view] = classes[shown & (numbers == shares.argmax())][0]
    return found

"""Generated rooms with every label."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, partial
from typing import ClassVar

import numpy as np
import pydantic

from taskspace.components import Dataset, Field, Sample
from taskspace.layout.codes import decode_classes
from taskspace_rooms.cache import Chunks, data_folder
from taskspace_rooms.chunk import (
    BUILDING,
    CHUNK,
    GENERATOR,
    MAPS,
    NUMBERS,
    chunk_files,
    render_chunk,
)
from taskspace_rooms.classes import OBJECT_CLASSES, SCENE_CLASSES, SEMANTIC_CLASSES
from taskspace_rooms.multiview import Companions, read_view_field, view_fields

DESCRIPTIONS = {
    "image": "The view: multiples of 1/255.",
    "depth_euclidean": "Distance to the camera, metres.",
    "depth_z": "Distance to the camera's plane, metres.",
    "normals": "Unit vectors in the camera's frame: right, up, toward the viewer.",
    "curvature": "Principal curvatures, the larger first; positive bulges to the viewer; 1/m.",
    "edges_occlusion": "Where depth jumps.",
    "reshading": "The scene without colours, lit from the camera.",
    "camera": "Position (3, metres), rotation row by row (9), field of view (radians).",
    "room_layout": "The room's centre, extents and rotation in the camera's frame.",
    "vanishing_points": "The room's three directions in the camera's frame.",
}


class Rooms(Dataset):
    """Generated indoor scenes, rendered from a seed, with the labels of the whole dictionary.

    Boxes furnished with analytic primitives, in buildings of four rooms that share their style;
    four views of each room. Everything follows from the seed, the same on every machine. Views are
    rendered when they are first read and kept under `$TASKS_DATA` (by default the user's cache
    folder), where a larger dataset of the same seed and size finds those of a smaller one.
    """

    name: ClassVar[str] = "rooms"

    images: int = pydantic.Field(
        2000, ge=1, le=10_000_000, examples=[16], description="How many views; a building has 16."
    )
    size: int = pydantic.Field(
        64, ge=16, le=1024, examples=[32], description="Height and width in pixels."
    )
    seed: int = pydantic.Field(0, ge=0, lt=2**32, description="Another seed, other rooms.")

    @cached_property
    def _chunks(self) -> Chunks:
        world = f"rooms {GENERATOR} {self.size} {self.seed}"
        folder = data_folder() / "rooms" / hashlib.sha256(world.encode()).hexdigest()[:16]
        make = partial(render_chunk, size=self.size, seed=self.seed)
        return Chunks(folder, chunk_files(self.size), make, -(-self.images // CHUNK))

    def fingerprint(self) -> str:
        """Return a hash of the generator's version and the parameters; nothing is rendered."""
        world = f"rooms {GENERATOR} {self.images} {self.size} {self.seed}"
        return hashlib.sha256(world.encode()).hexdigest()

    def fields(self) -> Mapping[str, Field]:
        """Return every field of the dictionary, and `place`: where the views come from."""
        side = (self.size, self.size)
        maps = {name: (channels, *side) for name, (channels, _) in MAPS.items()}
        numbers = {name: (count,) for name, count in NUMBERS.items()}
        shapes: dict[str, tuple[int, ...]] = {**maps, **numbers}
        return {
            **{name: Field(s, description=DESCRIPTIONS[name]) for name, s in shapes.items()},
            "semantic": Field(side, SEMANTIC_CLASSES, "What each pixel shows."),
            "scene_class": Field((), SCENE_CLASSES, "What the room is for."),
            "object_class": Field((), OBJECT_CLASSES, "The main object of the view."),
            "place": Field((4,), description="Point and view, and those of a companion nearby."),
            **view_fields((3, *side)),
        }

    def length(self) -> int:
        """Return `images`."""
        return self.images

    def groups(self) -> Sequence[str]:
        """Return the building of each view."""
        return [f"building_{view // BUILDING:04d}" for view in range(self.images)]

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return views; those that nobody has read before are rendered first.

        Raises:
            DataError: if what is rendered cannot be kept.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        views = np.arange(self.images)[np.asarray(indices, dtype=np.int64)]
        wanted = self.fields() if fields is None else fields
        return {name: torch.from_numpy(self._field(name, views)) for name in wanted}

    def _field(self, name: str, views: np.ndarray) -> np.ndarray:
        # In a building, point 2 s + p is what views 2 p and 2 p + 1 of scene s look at.
        if name == "place":
            other = views ^ 2
            place = np.stack([views // 2, views % 2, other // 2, other % 2], axis=1)
            return place.astype(np.float32)
        if name in MAPS:
            return MAPS[name][1].decode(self._stored(name, views))
        if name == "semantic":
            return decode_classes(self._stored(name, views))
        if name in ("scene_class", "object_class"):
            return self._stored(name, views).astype(np.int64)
        if name in NUMBERS:
            return self._stored(name, views)
        company = Companions(views, views ^ 1, views ^ 2, np.stack([views // 2, views % 2], axis=1))
        images, cameras = (partial(self._field, of) for of in ("image", "camera"))
        return read_view_field(name, company, images, cameras)

    def _stored(self, name: str, views: np.ndarray) -> np.ndarray:
        return self._chunks.rows(name, views, CHUNK)

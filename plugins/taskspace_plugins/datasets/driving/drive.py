"""Rendered drives with exact boxes, clips and motion."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pydantic

from taskspace.components import Dataset, Field, Sample
from taskspace.layout import codes
from taskspace_plugins.datasets.driving._drive_fields import (
    BOXES,
    MOTION,
    box_fields,
    motion_fields,
)
from taskspace_plugins.datasets.driving._scalabel import CATEGORIES
from taskspace_plugins.driving.changes import (
    course_change,
    distance_degrees,
    metres_per_degree,
)
from taskspace_rooms.cache import Chunks, data_folder
from taskspace_rooms.driving.chunk import (
    CHUNK,
    GENERATOR,
    SHOWN,
    SPAN,
    STEP,
    FrameSet,
    chunk_files,
    frame_seconds,
    render_part,
    seconds_of,
)
from taskspace_rooms.driving.classes import MOST, OBJECTS
from taskspace_rooms.driving.journey import Condition, Journey, journey

if TYPE_CHECKING:
    import torch

    from taskspace_rooms.driving.film import Film

CLASS_OF = np.array([CATEGORIES.index(name) for name in OBJECTS])


class Drive(Dataset):
    """Generated drives through streets, rendered from a seed, with exact boxes and motion.

    Streets with markings, houses, trees, cars that park and drive, trucks, buses, two-wheelers,
    people, traffic lights and signs. The car goes straight on, along a bend or round a corner; it
    keeps its speed, speeds up, brakes, stands. The fields are those of `bdd100k`, and `instance`.

    A sample is a window of a clip, of which four frames are shown: n, n+3, n+6, n+9 at 5 frames a
    second. Windows of a clip start three frames apart and share frames; splits never divide a clip.
    `image` is the first frame. A box is the tight one around the visible pixels of an object: where
    another hides a part, or the image's border cuts it, the box ends there. An object with fewer
    than `smallest` visible pixels has none. `angle_change` and the distances are those of the
    simulated way from frame n to n+10, two seconds.

    Frames are rendered when they are first read and kept under `$TASKS_DATA`; motion needs none.
    """

    name: ClassVar[str] = "drive"

    clips: int = pydantic.Field(600, ge=1, le=1_000_000, examples=[8], description="How many.")
    windows: int = pydantic.Field(
        4, ge=1, le=20, examples=[2], description="Samples of a clip; each starts 0.6 s later."
    )
    size: tuple[int, int] = pydantic.Field(
        (128, 128),
        examples=[[32, 32]],
        description="Height and width in pixels; what is shown across the longer side is the same.",
    )
    seed: int = pydantic.Field(0, ge=0, lt=2**32, description="Another seed, other drives.")
    conditions: tuple[Condition, ...] = pydantic.Field(
        ("day", "dusk"),
        min_length=1,
        description="What light there may be: day, dusk, fog; named twice, twice as often.",
    )
    smallest: int = pydantic.Field(
        20, ge=1, description="Visible pixels from which on an object has a box."
    )

    @pydantic.field_validator("size")
    @classmethod
    def _has_pixels(cls, size: tuple[int, int]) -> tuple[int, int]:
        if not all(16 <= side <= 1024 for side in size):
            raise ValueError("height and width have to be between 16 and 1024")
        return size

    @cached_property
    def _world(self) -> str:
        return f"drive {GENERATOR} {self.windows} {self.size} {self.seed} {self.conditions}"

    @cached_property
    def _chunks(self) -> Mapping[FrameSet, Chunks]:
        name = hashlib.sha256(self._world.encode()).hexdigest()[:16]
        count = -(-self.clips // CHUNK)
        return {part: self._part(part, name, count) for part in ("starts", "ends")}

    def _part(self, part: FrameSet, name: str, count: int) -> Chunks:
        make = partial(
            render_part,
            part=part,
            size=self.size,
            windows=self.windows,
            seed=self.seed,
            conditions=self.conditions,
        )
        files = chunk_files(part, self.size, self.windows)
        return Chunks(data_folder() / "drive" / name / part, files, make, count)

    def fingerprint(self) -> str:
        """Return a hash of the generator's version and the parameters; nothing is rendered."""
        world = f"{self._world} {self.clips} {self.smallest}"
        return hashlib.sha256(world.encode()).hexdigest()

    def fields(self) -> Mapping[str, Field]:
        """Return the fields of `bdd100k`, and `instance`."""
        return {
            "image": Field((3, *self.size), description="The first frame: multiples of 1/255."),
            **box_fields(MOST),
            **motion_fields(self.size),
            "instance": Field(
                (1, *self.size), description="The object that a pixel shows, the same in its clip."
            ),
        }

    def length(self) -> int:
        """Return `clips` times `windows`."""
        return self.clips * self.windows

    def groups(self) -> Sequence[str]:
        """Return the clip of each sample."""
        return [clip_name(clip) for clip in range(self.clips) for _ in range(self.windows)]

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return samples; frames that nobody has read before are rendered first.

        Raises:
            DataError: if what is rendered cannot be kept.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        wanted = set(self.fields() if fields is None else fields)
        rows = np.arange(self.length())[np.asarray(indices, dtype=np.int64)]
        sample: dict[str, np.ndarray] = {}
        if "image" in wanted:
            sample["image"] = codes.IMAGE.decode(self._starts("image", rows))
        if "instance" in wanted:
            sample["instance"] = self._starts("instance", rows)[:, None].astype(np.float32)
        if "clip" in wanted:
            sample["clip"] = codes.IMAGE.decode(self._frames(rows))
        if wanted & set(BOXES):
            sample |= self._boxes(rows)
        if wanted & set(MOTION):
            sample |= self._motion(rows)
        read: dict[str, torch.Tensor] = {
            name: torch.from_numpy(values) for name, values in sample.items() if name in wanted
        }
        return read

    def journey_of(self, clip: int) -> Journey:
        """Return where a clip goes."""
        return journey(clip, self.seed, self.conditions, seconds_of(self.windows))

    def film_of(self, clip: int) -> Film:
        """Return what renders any frame of a clip."""
        from taskspace_rooms.driving.film import Film  # noqa: PLC0415  (needs torch)

        return Film(clip, self.seed, self.conditions, seconds_of(self.windows))

    def _starts(self, name: str, rows: np.ndarray) -> np.ndarray:
        return self._chunks["starts"].rows(name, rows, CHUNK * self.windows)

    def _frames(self, rows: np.ndarray) -> np.ndarray:
        """Return the shown frames uint8 [B, 4, 3, H, W] of samples."""
        clip, first = np.divmod(rows, self.windows)
        frames = np.empty((len(rows), SHOWN, 3, *self.size), dtype=np.uint8)
        late = SHOWN - 1
        for place in range(SHOWN):
            number = first + place
            early = number < self.windows
            if early.any():
                places = clip[early] * self.windows + number[early]
                frames[early, place] = self._starts("image", places)
            if not early.all():
                places = clip[~early] * late + number[~early] - self.windows
                frames[~early, place] = self._chunks["ends"].rows("image", places, CHUNK * late)
        return frames

    def _boxes(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Return what `fields` says of boxes, in the order of the objects' numbers."""
        extent, kind = self._starts("extent", rows), self._starts("kind", rows)
        large = extent[..., 4] >= self.smallest
        order = np.argsort(~large, axis=1, kind="stable")
        kept = np.take_along_axis(large, order, 1)
        sides = np.take_along_axis(extent[..., :4], order[..., None], 1)
        classes = CLASS_OF[np.take_along_axis(kind, order, 1)]
        return {
            "boxes": np.where(kept[..., None], sides, np.nan).astype(np.float32),
            "box_class": np.where(kept, classes, -1),
            "box_crowd": np.where(kept, 0, -1),
            "box_count": large.sum(1).astype(np.float32),
        }

    def _motion(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Return course and position after two seconds against those before."""
        angle, metres, degrees = np.empty((3, len(rows)))
        for clip in np.unique(rows // self.windows).tolist():
            of_clip = rows // self.windows == clip
            first = STEP * (rows[of_clip] % self.windows)
            way = self.journey_of(clip)
            start, end = (way.trip.pose(frame_seconds(first + step)) for step in (0, SPAN))
            angle[of_clip] = course_change(np.rad2deg(start[:, 2]), np.rad2deg(end[:, 2]))
            metres[of_clip] = np.hypot(*(end - start)[:, :2].T)
            degrees[of_clip] = distance_degrees(coordinates(way, start), coordinates(way, end))
        motion = (angle, metres, degrees)
        return {name: each.astype(np.float32) for name, each in zip(MOTION, motion, strict=True)}


def clip_name(clip: int) -> str:
    """Return what a clip is called."""
    return f"drive-{clip:06d}"


def coordinates(way: Journey, pose: np.ndarray) -> np.ndarray:
    """Return latitude and longitude [..., 2], degrees, of poses [..., 3] in a journey's world."""
    cosine, sine = math.cos(way.turned), math.sin(way.turned)
    x, y = pose[..., 0], pose[..., 1]
    north, east = metres_per_degree(way.latitude)
    latitude = way.latitude + (cosine * y - sine * x) / north
    longitude = way.longitude + (cosine * x + sine * y) / east
    return np.stack([latitude, longitude], axis=-1)

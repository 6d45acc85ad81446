"""Images with labels in the official layout of Taskonomy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar

import numpy as np
import pydantic

from taskspace.components import Dataset, Field, Finding, JobPath, Sample
from taskspace.errors import DataError
from taskspace.layout import read as official
from taskspace.layout.domains import (
    ALL,
    DOMAINS,
    INFO,
    INFO_FIELDS,
    MATCHING,
    SEGMENTS,
    SEMANTIC_NAMES,
    Domain,
)
from taskspace.layout.tree import Tree, open_tree
from taskspace.layout.values import DEPTHS, METRES, MapReader
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._official_findings import (
    BY_POINT,
    depth_findings,
    unread_findings,
)
from taskspace_plugins.datasets._official_index import Index
from taskspace_plugins.datasets._parts import chosen_buildings, read_split
from taskspace_rooms.multiview import read_view_field, view_fields

Read = TypeVar("Read")
ADDED = frozenset({"depth_unit", "depth_missing", "group_by"})
VECTORS = ("scene_class", "object_class")


class TaskonomyFolder(Dataset):
    """Images and labels in the official Taskonomy layout: whatever domains are there.

    A sample is a view of a point in a building, with an image in the domain `rgb`; a file that is
    not there in another domain is a missing label. Depth is in 1/512 m unless `depth_unit` says
    otherwise, and 65535 is missing; normals and curvature are centred at 127, class 0 of
    `segment_semantic` is missing. Cameras are in Blender's convention: z up in the world, looking
    along their own -z with y up. Groups are the buildings. Source: Zamir et al. 2018,
    https://github.com/StanfordVL/taskonomy.
    """

    name: ClassVar[str] = "taskonomy_folder"

    root: JobPath = pydantic.Field(description="The folder that holds the domains, or buildings.")
    size: int | None = pydantic.Field(
        None,
        ge=2,
        le=2048,
        description="Height and width in pixels: the largest centred square is resized to this; "
        "by default images stay as they are, and all must agree.",
    )
    buildings: list[str] | None = pydantic.Field(
        None, description="Read only these; by default all."
    )
    split_file: JobPath | None = pydantic.Field(
        None, description="An official split file (CSV: a building, then train, val, test)."
    )
    part: Literal["train", "val", "test"] | None = pydantic.Field(
        None, description="Which part of `split_file` is read; by default all of it."
    )

    depth_unit: float = pydantic.Field(
        METRES,
        gt=0,
        allow_inf_nan=False,
        description="What a stored step of depth is worth in metres: 0.001 for millimetres. The "
        "official files have 1/512.",
    )
    depth_missing: int | None = pydantic.Field(
        None,
        ge=0,
        le=65535,
        description="A further stored depth that means missing, such as 0; 65535 always does.",
    )
    group_by: Literal["building", "point"] = pydantic.Field(
        "building",
        description="What splits never divide. With `point` a single building is enough; results "
        "are then about known buildings, and there are no fields of views of several points.",
    )

    @pydantic.model_validator(mode="after")
    def _part_of_a_file(self) -> Self:
        if self.part is not None and self.split_file is None:
            raise ValueError("`part` needs a `split_file`")
        return self

    @cached_property
    def _tree(self) -> Tree:
        return open_tree(self.root)

    @cached_property
    def _chosen(self) -> tuple[str, ...]:
        chosen = chosen_buildings(self._tree.buildings, self.buildings, self.root)
        if self.split_file is not None:
            listed = read_split(self.split_file, self.part)
            chosen = tuple(name for name in chosen if name in listed)
        if not chosen:
            raise DataError(
                "None of the buildings here is among those asked for.",
                where=str(self.root),
                advice="See `buildings`, `split_file` and `part`.",
            )
        return chosen

    @cached_property
    def _index(self) -> Index:
        return Index(self._tree, self._chosen)

    @cached_property
    def _contents(self) -> Mapping[str, tuple[str, ...]]:
        return official.read_classes(self.root)

    @cached_property
    def _side(self) -> tuple[int, int]:
        if self.size is not None:
            return self.size, self.size
        path = next(iter(self._index.files(DOMAINS["image"]).values()))
        return self._of(path, official.picture_size)

    def identity(self) -> dict[str, Any]:
        """Return the parameters but for paths, and the fingerprint."""
        # Absent where usual: they were no parameters once, and keys stay.
        fields = type(self).model_fields
        return {
            name: value
            for name, value in super().identity().items()
            if name not in ADDED or value != fields[name].default
        }

    def fingerprint(self) -> str:
        """Return a hash of the names and bytes of all files and of what is made of them."""
        made = f"taskonomy_folder 1 {self._side} {sorted(self._contents.items())}"
        if (self.depth_unit, self.depth_missing) != (METRES, None):
            made += f" {self.depth_unit} {self.depth_missing}"
        digest = hashlib.sha256(made.encode())
        for domain in ALL:
            for (building, *_), path in self._index.files(domain).items():
                digest.update(f"\n{domain.folder}/{building}/{path.name}\n".encode())
                digest.update(hashlib.sha256(self._of(path, read_regular)).digest())
        return digest.hexdigest()

    @cached_property
    def _fields(self) -> dict[str, Field]:
        found = {}
        for name, domain in DOMAINS.items():
            files = self._index.files(domain)
            if files:
                source = f"Domain {domain.folder}."
                found[name] = self._field_of(name, domain, next(iter(files.values())), source)
        if infos := self._index.files(INFO):
            first = self._of(next(iter(infos.values())), official.read_info)
            for name, count in INFO_FIELDS.items():
                if not np.isnan(first[name]).any():
                    found[name] = Field((count,), description=f"Domain {INFO.folder}.")
        found["place"] = Field((4,), description="Point and view, and those of a companion nearby.")
        return found | self._company_fields()

    def _field_of(self, name: str, domain: Domain, first: Path, source: str) -> Field:
        if name in VECTORS:
            names = self._contents.get(name) or _numbered(
                "class", len(self._of(first, official.read_vector))
            )
            return Field((), names, source)
        if name == "semantic":
            return Field(self._side, self._contents.get(name, SEMANTIC_NAMES), source)
        if name in SEGMENTS:
            return Field(self._side, _numbered("segment", official.MOST_SEGMENTS), source)
        return Field((domain.channels, *self._side), description=source)

    def _company_fields(self) -> dict[str, Field]:
        """Return the fields of several views that the folder has something for."""
        points = {view[:2] for view in self._index.views}
        fixated = bool(self._index.files(INFO)) and len(points) < len(self._index.views)
        # A companion at another point may be in another split, unless buildings are groups.
        nonfixated = (
            self.group_by == "building"
            and bool(self._index.files(INFO))
            and bool(self._index.files(MATCHING))
        )
        return {
            name: field
            for name, field in view_fields((3, *self._side)).items()
            if (fixated or name in ("nonfixated_views", "pose_nonfixated"))
            and (nonfixated or name in ("fixated_views", "pose_fixated"))
        }

    def fields(self) -> Mapping[str, Field]:
        """Return a field for each domain that has files, and those of several views."""
        return self._fields

    def length(self) -> int:
        """Return the number of images."""
        return len(self._index.views)

    def groups(self) -> Sequence[str]:
        """Return the building of each image, or the point in it."""
        if self.group_by == "point":
            return [f"{view.building}/point_{view.point}" for view in self._index.views]
        return [view.building for view in self._index.views]

    def findings(self) -> Sequence[Finding]:
        """Return what is not read, and which depths may mean missing, by a few files.

        Raises:
            DataError: if the folder, or a file that is looked at, cannot be read.
        """
        found = unread_findings(self._tree)
        for name in DEPTHS:
            files = self._index.files(DOMAINS[name]).values()
            found += depth_findings(name, self.root, files, self.depth_missing)
        if self.group_by == "point":
            found.append(BY_POINT)
        return found

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return samples; only the files of the fields that are asked for are opened.

        Raises:
            DataError: names up to ten files that are not what they should be.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        rows = np.arange(self.length())[np.asarray(indices, dtype=np.int64)]
        wanted = self.fields() if fields is None else fields
        return {name: torch.from_numpy(self._field(name, rows)) for name in wanted}

    def _field(self, name: str, rows: np.ndarray) -> np.ndarray:
        if name in INFO_FIELDS:
            blank = np.full(INFO_FIELDS[name], np.nan, dtype=np.float32)
            return self._each(INFO, rows, lambda path: official.read_info(path)[name], blank)
        if name in VECTORS:
            count = len(self.fields()[name].classes or ())
            read = partial(official.read_class, count=count)
            return self._each(DOMAINS[name], rows, read, np.array(-1, dtype=np.int64))
        if name in DOMAINS:
            return self._each(
                DOMAINS[name], rows, partial(self._maps.read, name), self._maps.blank(name)
            )
        company = self._index.company(rows)
        if name == "place":
            views = [self._index.views[row] for row in rows]
            place = np.full((len(rows), 4), np.nan, dtype=np.float32)
            place[:, :2] = np.array([view[1:] for view in views]).reshape(-1, 2)
            for at, other in enumerate(company.nonfixated.tolist()):
                if other >= 0:
                    place[at, 2:] = self._index.views[other][1:]
            return place
        images, cameras = (partial(self._field, of) for of in ("image", "camera"))
        return read_view_field(name, company, images, cameras)

    @cached_property
    def _maps(self) -> MapReader:
        classes = len(self._contents.get("semantic", SEMANTIC_NAMES))
        fitted = self.size is not None
        return MapReader(self._side, fitted, classes, self.depth_unit, self.depth_missing)

    def _each(self, domain: Domain, rows: np.ndarray, read: Any, blank: np.ndarray) -> np.ndarray:
        """Return what `read` makes of each row's file; `blank` where there is none."""
        files = self._index.files(domain)
        unreadable: list[tuple[Path, BaseException]] = []
        values = np.empty((len(rows), *blank.shape), dtype=blank.dtype)
        for at, row in enumerate(rows):
            path = files.get(self._index.views[row])
            if path is None:
                values[at] = blank
                continue
            try:
                values[at] = read(path)
            except official.BROKEN as error:
                unreadable.append((path, error))
        if unreadable:
            raise official.refused(self.root, unreadable)
        return values

    def _of(self, path: Path, read: Callable[[Path], Read]) -> Read:
        """Return what `read` makes of one file, which must be there and whole."""
        try:
            return read(path)
        except official.BROKEN as error:
            raise official.refused(self.root, [(path, error)]) from error


def _numbered(what: str, count: int) -> tuple[str, ...]:
    return tuple(f"{what}_{number}" for number in range(count))

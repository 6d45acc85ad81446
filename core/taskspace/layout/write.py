"""Any dataset in the official layout: its fields that the layout has a place for."""

from __future__ import annotations

import math
import stat
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskspace.components import Dataset, Field
from taskspace.components.exchanged.class_fields import own_fields
from taskspace.errors import DataError, InputError
from taskspace.layout import codes
from taskspace.layout.domains import (
    CONTENTS,
    DOMAINS,
    INFO,
    INFO_FIELDS,
    MATCHING,
    SEGMENTS,
    VIEW_FIELDS,
    Domain,
)
from taskspace.layout.file_contents import info_file, json_file, label_file
from taskspace.layout.read import MOST_SEGMENTS
from taskspace.layout.tree import ViewId
from taskspace.regular_file import read_regular
from taskspace.whole_file import write_whole

AT_ONCE = 64
BUILDING = "building_0000"

Listener = Callable[[int, int], None]
"""Called with how many samples are done and how many there are."""


@dataclass(frozen=True)
class DatasetExport:
    """What an export did.

    Attributes:
        samples: how many there are.
        written: how many files it wrote.
        kept: how many an earlier export had written.
        left_out: fields that the layout has no place for.
    """

    samples: int
    written: int
    kept: int
    left_out: tuple[str, ...]


def export_dataset(dataset: Dataset, root: Path, listener: Listener | None = None) -> DatasetExport:
    """Write a dataset as `<domain>/<building>/point_P_view_V_domain_D.png`.

    Groups become buildings. Point and view come from the field `place`; without it each sample is
    a point of its own. What is there already is kept, so that an export which was interrupted is
    completed by running it again. A missing label that no file can say has none. Fields of another
    form than the layout's are left out.

    Raises:
        InputError: if the folder holds something else, or the export of another dataset.
        DataError: if the dataset cannot be read, or has what these files cannot say, or two samples
            in one place.
        OSError: if a file cannot be written.
    """
    declared = dataset.fields()
    fields = {name: field for name, field in declared.items() if _has_place(name, field)}
    if "image" not in fields:
        raise DataError(
            f"These files hold images of 1 or 3 channels, not of the shape "
            f"{declared['image'].shape}.",
            where=f"dataset {dataset.name}",
            advice="Export a dataset of grey or coloured images.",
        )
    _claim(dataset, root, fields)
    views = _views(dataset, fields)
    mapped = [name for name in DOMAINS if name in fields]
    info = [name for name in INFO_FIELDS if name in fields] if "camera" in fields else []
    held = [(DOMAINS[name], [name]) for name in mapped] + ([(INFO, info)] if info else [])
    written = kept = 0
    for first in range(0, len(views), AT_ONCE):
        batch = range(first, min(first + AT_ONCE, len(views)))
        for domain, names in held:
            absent = [row for row in batch if not _is_written(root, domain, views[row])]
            sample = dataset.read(absent, set(names)) if absent else {}
            for at, row in enumerate(absent):
                view, values = views[row], {name: sample[name][at].numpy() for name in names}
                if domain is INFO:
                    content = info_file(view, values)
                else:
                    content = label_file(names[0], values[names[0]], fields[names[0]], view)
                written += _write(root, domain, view, content)
            kept += len(batch) - len(absent)
        if listener is not None:
            listener(batch.stop, len(views))
    for view, matches in _matches(dataset, fields, views).items():
        if _is_written(root, MATCHING, view):
            kept += 1
        else:
            written += _write(root, MATCHING, view, json_file(matches))
    left_out = own_fields(declared).keys() - {*mapped, *info, *VIEW_FIELDS}
    return DatasetExport(len(views), written, kept, tuple(sorted(left_out)))


def _has_place(name: str, field: Field) -> bool:
    """Return whether the layout has a place for a field of this name and of this form."""
    numbers = field.classes is None
    if name == "place":
        return numbers and field.shape == (4,)
    if name in INFO_FIELDS:
        return numbers and field.shape == (INFO_FIELDS[name],)
    if name not in DOMAINS:
        return False
    domain = DOMAINS[name]
    if domain.extension == "npy":
        return not numbers and field.shape == ()
    if domain.code is None:
        most = MOST_SEGMENTS if name in SEGMENTS else codes.MOST_CLASSES
        return field.classes is not None and len(field.shape) == 2 and len(field.classes) <= most
    channels = (1, 3) if name == "image" else (domain.channels,)
    return numbers and len(field.shape) == 3 and field.shape[0] in channels


def _claim(dataset: Dataset, root: Path, fields: Mapping[str, Field]) -> None:
    """Write what the export is, or see that what is there is the same one."""
    contents = {
        "dataset": dataset.name,
        "fingerprint": dataset.fingerprint(),
        "classes": {
            name: list(fields[name].classes or ())
            for name in ("semantic", "scene_class", "object_class")
            if name in fields
        },
    }
    content, file = json_file(contents), root / CONTENTS
    if file.exists():
        if read_regular(file) != content:
            raise InputError(
                "This folder holds the export of another dataset.",
                where=str(file),
                advice="Name a folder that is not there yet, with `--out`.",
            )
        return
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(
            "There is something here that is no export.",
            where=str(root),
            advice="Name a folder that is not there yet, with `--out`.",
        )
    root.mkdir(parents=True, exist_ok=True)
    write_whole(file, content)


def _views(dataset: Dataset, fields: Mapping[str, Field]) -> list[ViewId]:
    groups = dataset.groups() or [BUILDING] * dataset.length()
    for name in set(groups):
        if not name or name.startswith(".") or any(c in name for c in "/\\\0"):
            raise DataError(
                f"The group {name!r} cannot be the name of a folder.",
                where=f"dataset {dataset.name}",
                advice="Rename it.",
            )
    if "place" not in fields:
        return [ViewId(building, row, 0) for row, building in enumerate(groups)]
    places = dataset.read(range(dataset.length()), {"place"})["place"].tolist()
    views = [ViewId(b, int(p[0]), int(p[1])) for b, p in zip(groups, places, strict=True)]
    if len(set(views)) < len(views):
        twice = next(view for view, count in Counter(views).items() if count > 1)
        raise DataError(
            f"Several samples are view {twice.view} of point {twice.point} in {twice.building}.",
            where=f"dataset {dataset.name}",
            advice="Give every sample a `place` of its own.",
        )
    return views


def _matches(
    dataset: Dataset, fields: Mapping[str, Field], views: Sequence[ViewId]
) -> dict[ViewId, list[dict[str, int]]]:
    """Return for each point the companions of its views that there are images of.

    Nothing where no view has one.
    """
    found: dict[tuple[str, int], set[tuple[int, int]]] = {view[:2]: set() for view in views}
    if "place" in fields:
        there = set(views)
        places = dataset.read(range(dataset.length()), {"place"})["place"].tolist()
        for view, (_, _, point, other) in zip(views, places, strict=True):
            if not math.isnan(point):
                companion = ViewId(view.building, int(point), int(other))
                found[view[:2]] |= {companion[1:]} if companion in there else set()
    if not any(found.values()):
        return {}
    return {
        ViewId(building, point, -1): [
            {"point_uuid": other, "view_id": view} for other, view in sorted(matches)
        ]
        for (building, point), matches in found.items()
    }


def _path(root: Path, domain: Domain, view: ViewId) -> Path:
    number: int | str = "all" if domain is MATCHING else view.view
    return root / domain.folder / view.building / domain.file(view.point, number)


def _is_written(root: Path, domain: Domain, view: ViewId) -> bool:
    """Return whether there is a file already; an empty one is written again.

    Raises:
        InputError: if something else is in its place, or a folder on the way to it is a link.
    """
    path = _path(root, domain, view)
    for folder in (path.parent.parent, path.parent):
        if folder.is_symlink():
            raise _no_export(folder, "a link")
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(status.st_mode):
        raise _no_export(path, "no file")
    return status.st_size > 0


def _no_export(place: Path, what: str) -> InputError:
    return InputError(
        f"This is {what}, and no part of an export.",
        where=str(place),
        advice="Remove it, or name a folder that is not there yet, with `--out`.",
    )


def _write(root: Path, domain: Domain, view: ViewId, content: bytes | None) -> int:
    """Write a file unless there is nothing to say; return how many were written."""
    if content is None:
        return 0
    path = _path(root, domain, view)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
    return 1

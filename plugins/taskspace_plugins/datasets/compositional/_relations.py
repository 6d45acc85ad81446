"""The annotations of StanfordVRD: who does what to whom, and where in the image."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskspace.errors import DataError
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets.compositional._word_table import Names

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels; the last two are outside."""


@dataclass(frozen=True, order=True)
class Relation:
    """A subject, a predicate and an object, with the box around both in an image."""

    image: str
    names: Names
    box: Box


def read_names(path: Path) -> tuple[str, ...]:
    """Return the names of a vocabulary (`objects.json`), by their numbers.

    Raises:
        DataError: if it cannot be read or is no list of words.
    """
    names = _json(path)
    if not isinstance(names, list) or not all(isinstance(n, str) and n.strip() for n in names):
        raise DataError(
            "This vocabulary is no list of words.",
            where=str(path),
            advice='Use the file of the release: ["person", "sky", ...].',
        )
    return tuple(names)


def read_relations(path: Path, objects: Sequence[str], predicates: Sequence[str]) -> list[Relation]:
    """Return the relations of a file of annotations, sorted.

    It is {image: [{subject: {category, bbox}, predicate, object: {category, bbox}}]}, with numbers
    of the vocabularies and boxes [top, bottom, left, right].

    Raises:
        DataError: if it cannot be read, has no relation, or a relation is not of this form.
    """
    content = _json(path)
    if not isinstance(content, Mapping):
        raise _unusable(path, "it is no dictionary of images")
    found = []
    for image, listed in content.items():
        if "/" in image or not isinstance(listed, list):
            raise _unusable(path, f"{image!r} is no image with a list of relations")
        for number, entry in enumerate(listed):
            try:
                found.append(_relation(image, entry, objects, predicates))
            except (KeyError, TypeError, ValueError, IndexError) as error:
                reason = f"no {error}" if isinstance(error, KeyError) else str(error)
                raise _unusable(path, f"relation {number} of {image!r}: {reason}") from error
    if not found:
        raise _unusable(path, "no image has a relation")
    return sorted(found)


def _relation(
    image: str, entry: Mapping[str, object], objects: Sequence[str], predicates: Sequence[str]
) -> Relation:
    subject, target = entry["subject"], entry["object"]
    if not isinstance(subject, Mapping) or not isinstance(target, Mapping):
        raise ValueError("subject and object are no dictionaries")
    names = (
        _name(objects, subject["category"]),
        _name(predicates, entry["predicate"]),
        _name(objects, target["category"]),
    )
    tops, bottoms, lefts, rights = zip(_sides(subject["bbox"]), _sides(target["bbox"]), strict=True)
    box = min(lefts), min(tops), max(rights), max(bottoms)
    if box[0] == box[2] or box[1] == box[3]:
        raise ValueError(f"nothing is inside of the boxes {subject['bbox']} and {target['bbox']}")
    return Relation(image, names, box)


def _name(names: Sequence[str], number: object) -> str:
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(names):
        raise ValueError(f"the number {number!r}, of {len(names)} names")
    return names[number]


def _sides(box: object) -> tuple[int, int, int, int]:
    if not isinstance(box, list) or len(box) != 4 or not all(type(s) in (int, float) for s in box):
        raise ValueError(f"the box {box!r}, not [top, bottom, left, right]")
    top, bottom, left, right = map(int, box)
    if top > bottom or left > right:
        raise ValueError(f"the box {box!r} ends before it begins ([top, bottom, left, right])")
    return top, bottom, left, right


def _json(path: Path) -> object:
    try:
        content: object = json.loads(read_regular(path))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"it is no JSON ({error})"
        raise DataError(
            f"This file of annotations cannot be read: {reason}.",
            where=str(path),
            advice="Set `root` to the folder of the release, with annotations_train.json, "
            "annotations_test.json, objects.json and predicates.json.",
        ) from error
    return content


def _unusable(path: Path, what: str) -> DataError:
    return DataError(
        f"These annotations cannot be used: {what}.",
        where=str(path),
        advice="Use the annotations and vocabularies of one release.",
    )

"""What folders of images mean: a part (train, test), a class, or neither."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.folders.files._label_names import endings_of_labels
from taskspace_plugins.datasets.folders.files._reasons import counted_noun, examples

_PARTS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
_PHOTOGRAPHS = frozenset(
    {
        *("image", "images", "img", "imgs", "jpegimages", "photo", "photos", "picture"),
        *("pictures", "rgb", "input", "inputs"),
    }
)
_LABELS = frozenset(
    {
        *("annotation", "annotations", "depth", "depths", "gt", "ground_truth", "groundtruth"),
        *("label", "labels", "map", "maps", "mask", "masks", "normals", "segmentation"),
        *("segmentations", "segmentationclass", "semantic", "target", "targets"),
    }
)


def part_named(folder: str) -> str | None:
    """Return train, val or test where a folder is called like one (`Training_set`), else None."""
    letters = re.sub(r"[ _-]*(set|data|images)$", "", folder.lower())
    return _PARTS.get(letters)


class FolderLayout(NamedTuple):
    """How names of images are understood.

    Attributes:
        parts: whether the folders directly below the root are parts.
        class_level: which folder is the class: 1 for the first, below the part where there are
            parts; -1 for the one that holds the image.
    """

    parts: bool = False
    class_level: int = 1

    def folders(self, name: str) -> list[str]:
        """Return the folders of an image that may be a class, outermost first."""
        return name.split("/")[int(self.parts) : -1]

    def class_of(self, name: str) -> str | None:
        """Return the class of an image, None where it lies in no folder of that level."""
        folders = self.folders(name)
        place = self.class_level - (self.class_level > 0)
        return folders[place] if -len(folders) <= place < len(folders) else None

    def group_of(self, name: str) -> str:
        """Return the first folder, below the part where there are parts, or else the image."""
        return next(iter(self.folders(name)), name)

    def parts_of(self, names: Sequence[str], root: str) -> tuple[str, ...]:
        """Return the part of each image: train, val and test by any usual name.

        Raises:
            DataError: if an image lies in no folder.
        """
        loose = [name for name in names if "/" not in name]
        if loose:
            more = f" and {len(loose) - LISTED} more" if len(loose) > LISTED else ""
            raise DataError(
                f"These images are in no part: {', '.join(loose[:LISTED])}{more}.",
                where=root,
                advice="Move them into the folder of a part, or leave out `part_folders`.",
            )
        folders = [name.partition("/")[0] for name in names]
        return tuple(part_named(folder) or folder for folder in folders)

    def findings(self, names: Sequence[str]) -> Iterator[Finding]:
        """Yield what is unusual about the classes that these images have."""
        classes = sorted({c for c in map(self.class_of, names) if c is not None})
        below: dict[str, set[str]] = defaultdict(set)
        for name in names:
            folders = self.folders(name)
            if self.class_level == 1 and len(folders) > 1:
                below[folders[0]].add(folders[1])
        yield from self._parts(classes, bool(below))
        yield from _components(classes)
        yield from _one(classes, below)
        yield from _repeated(classes, below)
        yield from _case(classes)
        yield from _labels_among(names)
        yield from _labels_below(names)

    def _parts(self, classes: Sequence[str], deeper: bool) -> Iterator[Finding]:
        named = [name for name in classes if part_named(name)]
        if self.parts or len(named) < 2:
            return
        then = "their subfolders as classes" if deeper else "no folders as classes"
        yield Finding(
            "classes-are-parts",
            "warning",
            f"The classes in the field `class` are called {_and(named)}, which are parts of a "
            "dataset rather than what an image shows. Set `part_folders: true` to read them as "
            f"parts and {then}.",
        )


def _components(classes: Sequence[str]) -> Iterator[Finding]:
    photographs = [name for name in classes if name.lower() in _PHOTOGRAPHS]
    labels = [name for name in classes if name.lower() in _LABELS]
    if photographs and labels:
        yield Finding(
            "classes-are-components",
            "warning",
            f"The classes in the field `class` are called {_and(photographs + labels)}, which are "
            "images and their labels rather than what an image shows. If each file in "
            f"'{labels[0]}' belongs to an image in '{photographs[0]}', set `root` to the folder "
            f"'{photographs[0]}' and name the labels: `masks: {{semantic: ../{labels[0]}}}` for "
            f"classes a pixel, `maps: {{depth_z: ../{labels[0]}}}` for numbers.",
        )


def _one(classes: Sequence[str], below: dict[str, set[str]]) -> Iterator[Finding]:
    if len(classes) == 1 and len(below.get(classes[0], ())) > 1:
        yield Finding(
            "one-class-of-folders",
            "warning",
            f"All images in folders are of the class {classes[0]!r}, which has the subfolders "
            f"{examples(map(repr, below[classes[0]]))}. Set `class_level: 2` or another `root` to "
            "read those as classes.",
        )


def _repeated(classes: Sequence[str], below: dict[str, set[str]]) -> Iterator[Finding]:
    first = below.get(classes[0], set()) if classes else set()
    parts = sum(part_named(name) is not None for name in classes) > 1
    if (
        len(classes) > 1
        and len(first) > 1
        and not parts
        and all(below[c] == first for c in classes)
    ):
        yield Finding(
            "classes-have-equal-subfolders",
            "note",
            f"Each of the {len(classes)} classes has the same subfolders, "
            f"{examples(map(repr, first))}. Set `class_level: 2` to read those as classes.",
        )


def _case(classes: Sequence[str]) -> Iterator[Finding]:
    letters: dict[str, list[str]] = defaultdict(list)
    for name in classes:
        letters[name.casefold()].append(name)
    alike = [" and ".join(map(repr, group)) for group in letters.values() if len(group) > 1]
    if alike:
        yield Finding(
            "classes-differ-in-case",
            "warning",
            f"Classes differ in upper and lower case only: {examples(alike)}. Rename folders that "
            "mean the same.",
        )


def _labels_among(names: Sequence[str]) -> Iterator[Finding]:
    labels = endings_of_labels(names)
    if labels:
        yield Finding(
            "labels-among-images",
            "warning",
            f"{labels.fits:,} images are called like another with "
            f"'{labels.pattern.removeprefix('{path}')}' behind it. If they are masks, set `masks: "
            f"{{semantic: {{folder: ., name: '{labels.pattern}'}}}}`, or `maps: ...` if they hold "
            "numbers; they are no images then.",
        )


def _labels_below(names: Sequence[str]) -> Iterator[Finding]:
    """Yield which folders hold the labels of images outside: `masks/cat/1.png` of `cat/1.jpg`."""
    stems = {name.rpartition(".")[0] for name in names}
    counts: Counter[str] = Counter()
    for name in names:
        folder, _, below = name.partition("/")
        if folder.lower() in _LABELS and below.rpartition(".")[0] in stems:
            counts[folder] += 1
    for folder, count in counts.items():
        yield Finding(
            "labels-among-images",
            "warning",
            f"{counted_noun(count, 'image')} in the folder {folder!r} "
            f"{'is' if count == 1 else 'are'} called like others outside of it. If they are masks, "
            f"set `masks: {{semantic: {folder}}}`, or `maps: {{depth_z: {folder}}}` if they hold "
            "numbers; they are no images then.",
        )


def _and(names: Sequence[str]) -> str:
    *most, last = map(repr, names)
    return f"{', '.join(most)} and {last}" if most else last

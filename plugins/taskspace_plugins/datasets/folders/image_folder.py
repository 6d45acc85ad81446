"""A user's own images, with the labels they have."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np

from taskspace.components import Field, Finding, Sample
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import Wrong
from taskspace_plugins.datasets.columns._column import (
    LabelColumn,
    classes_of,
    fields_of,
    labels_of,
)
from taskspace_plugins.datasets.folders._field_sources import labels_by_field
from taskspace_plugins.datasets.folders._groups import CONTENT, groups_of
from taskspace_plugins.datasets.folders._labels import (
    NAME,
    LabelTable,
    check_words,
    read_labels,
)
from taskspace_plugins.datasets.folders._listed_folder import ListedFolder
from taskspace_plugins.datasets.folders._name_column import written_field
from taskspace_plugins.datasets.folders._pixels import UNREADABLE, decode
from taskspace_plugins.datasets.folders._white import white_findings
from taskspace_plugins.datasets.folders.files._content import (
    broken_findings,
    broken_images,
    digest_images,
)
from taskspace_plugins.datasets.folders.files._reasons import unread_findings
from taskspace_plugins.datasets.folders.files._same import (
    content_findings,
    name_findings,
    same_content,
)


class ImageFolder(ListedFolder):
    """Your own images: a folder, with class subfolders, a `labels.csv`, maps, masks, or nothing.

    Images in subfolders have the field `class`: the name of the subfolder directly below `root`.
    `labels.csv` in `root` has a header, a column of the images' paths and a field in each other
    one: words are classes, whole numbers are numbers or classes as the task asks, blank is missing.

    `part_folders` reads the folders below `root` as parts (train, val, test), `class_level` takes
    deeper folders as classes. What is not read, and why, is in `findings`.

    `maps` and `masks` name fields that hold a number or a class for each pixel, and the folder of
    each: the label of `cats/1.jpg` is `cats/1.png` (or .tif, .npy, ...) in it, of the same
    proportions; an image without one has a missing label. `name` says it where files are called
    otherwise (`{stem}_mask.png`). Folders below `root` that are named so hold no images. A field
    that is called like one of the tasks (`depth_z`, `normals`, `semantic`) serves that task; the
    tasks `dense_regression` and `dense_classification` take any.

    ```yaml
    dataset:
      use: image_folder
      root: photographs
      maps: {depth_z: {folder: depth, unit: 0.001, missing: 0}}
      masks: {semantic: masks}
      group_by: patient
    ```

    For tasks that are described in words, such as red apples of which nobody has an image, `words`
    names two or more columns: `words: [colour, fruit]`.
    """

    name: ClassVar[str] = "image_folder"

    @cached_property
    def _table(self) -> LabelTable:
        path = self.root / NAME
        if not path.exists():
            return LabelTable({})
        words = (*self.words, *(() if self.group_by is None else (self.group_by,)))
        names = [image.name for image in self._listing.images]
        return read_labels(
            path,
            names,
            words,
            self.missing,
            left_out=[name for name, _ in self._broken],
            others=[each.name for each in self._listing.unread],
            skip_unknown=self.rows_without_image == "skip",
        )

    @cached_property
    def _group_column(self) -> str | None:
        """Return the column that `group_by` means, as it is written there."""
        columns = self._table.columns
        return None if self.group_by is None else written_field(columns, self.group_by)

    @cached_property
    def _classes(self) -> tuple[str | None, ...]:
        return tuple(self._layout.class_of(image.name) for image in self._images)

    @cached_property
    def _labels(self) -> dict[str, LabelColumn]:
        columns = {
            name: each for name, each in self._table.columns.items() if name != self._group_column
        }
        labels = labels_by_field(
            classes_of(self._classes) if any(self._classes) else None,
            columns,
            self._folders,
            self.root / NAME,
        )
        check_words([written_field(labels, word) for word in self.words], labels)
        return labels

    @cached_property
    def _groups(self) -> tuple[str, ...] | None:
        if self._group_column is None:
            return None
        folders = [self._layout.group_of(image.name) for image in self._images]
        same = self._same if self._equal_together else ()
        columns = self._table.columns
        return groups_of(self._images, columns, self._group_column, self.root / NAME, folders, same)

    @property
    def _equal_together(self) -> bool:
        return self.group_by == CONTENT and CONTENT not in self._table.columns

    @cached_property
    def _same(self) -> tuple[tuple[int, ...], ...]:
        """Return the numbers of images that are equal byte for byte; broken ones are no images."""
        same = same_content([image.path for image in self._images])
        broken = broken_images([self._images[first] for first, *_ in same], self.white)
        names = {name for name, _ in broken}
        return tuple(group for group in same if self._images[group[0]].name not in names)

    def groups(self) -> Sequence[str] | None:
        """Return the group of each image, where `group_by` says what that is.

        Raises:
            DataError: if there is no such column, or an image has nothing in it.
        """
        return self._groups

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256(f"image_folder 1 {self.size} {self.channels}".encode())
        if self.white is not None:
            digest.update(f" {self.white}".encode())
        images = digest_images(self._images, self.white, with_sizes=bool(self._folders))
        self._refuse(images.wrong)
        digest.update(images.lines)
        for name, labels in self._labels.items():
            digest.update(f"\n{name} {labels.classes}\n".encode("utf-8", "surrogateescape"))
            digest.update(labels.content())
        for name, dense in self._dense.items():
            digest.update(
                f"\n{name} {dense.digest(images.sizes)}\n".encode("utf-8", "surrogateescape")
            )
        for group in self._groups or ():
            digest.update(f"\n{group}".encode("utf-8", "surrogateescape"))
        for part in self._parts or ():
            digest.update(f"\npart {part}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Return a hash of the names and bytes of all images, the labels and the parameters.

        Raises:
            DataError: if the folder is missing or has no image, if a file is no image, map or mask
                (up to ten are named), or if labels.csv or a folder of labels cannot be used.
        """
        return self._fingerprint

    def fields(self) -> Mapping[str, Field]:
        """Return `image`, `class` where there are subfolders, columns, maps and masks."""
        shape = (self.channels, self.size, self.size)
        image = {"image": Field(shape, description="The image, resized.")}
        sources = {
            name: "Subfolder." if name == "class" else f"Column of {NAME}." for name in self._labels
        }
        dense = {name: each.field(self.size) for name, each in self._dense.items()}
        return image | fields_of(self._labels, sources) | dense

    def word_fields(self) -> Sequence[str]:
        """Return what `words` says.

        Raises:
            DataError: if one of them is no field of classes.
        """
        return tuple(written_field(self._labels, word) for word in self.words)

    def findings(self) -> Sequence[Finding]:
        """Return what was not read and why, equal images, and what is unusual about labels.

        Raises:
            DataError: if a folder cannot be listed, or labels.csv or a file that is looked at
                cannot be used.
        """
        names = [image.name for image in self._images]
        files = self._label_files
        labels = {path for each in files.values() for path in each.files}
        unread = [each for each in self._listing.unread if self.root / each.name not in labels]
        return (
            *unread_findings(unread),
            *broken_findings(self._broken),
            *self._layout.findings(names),
            *content_findings(self._same, names, self._classes, together=self._equal_together),
            *name_findings(names),
            *white_findings([image.path for image in self._images], self.white),
            *self._table.findings,
            *(each for name in files for each in files[name].findings(name, self._listing.images)),
            *(each for name, dense in self._dense.items() for each in dense.findings(name)),
        )

    @cached_property
    def _parts(self) -> tuple[str, ...] | None:
        if not self.part_folders:
            return None
        return self._layout.parts_of([image.name for image in self._images], str(self.root))

    def parts(self) -> Sequence[str] | None:
        """Return the part of each image, where `part_folders` says that folders are parts.

        Raises:
            DataError: if an image is in no folder.
        """
        return self._parts

    def length(self) -> int:
        """Return the number of images."""
        return len(self._images)

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return `image` [B, C, size, size], float32 in [0, 1], and the labels.

        Columns and `class` are [B], maps float32 [B, C, size, size], masks int64 [B, size, size].

        Raises:
            DataError: names up to ten of the files among these that cannot be decoded.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        rows = np.asarray(indices, dtype=np.int64)
        wanted = self.fields() if fields is None else fields
        sample = labels_of(self._labels, rows, wanted)
        for name, dense in self._dense.items():
            if name in wanted:
                sample[name] = torch.from_numpy(dense.read(rows, self.size))
        if "image" in wanted:
            sample["image"] = torch.from_numpy(self._pixels(rows)).float().div_(255)
        return sample

    def _pixels(self, rows: np.ndarray) -> np.ndarray:
        pixels = np.empty((len(rows), self.channels, self.size, self.size), dtype=np.uint8)
        unreadable: list[Wrong] = []
        for place, row in enumerate(rows):
            image = self._images[row]
            try:
                pixels[place] = decode(
                    read_regular(image.path), self.size, self.channels, self.white
                )
            except UNREADABLE as error:
                unreadable.append((image.name, error))
        self._refuse(unreadable)
        return pixels

"""A user's own images, with the labels they have."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pydantic

from taskspace.components import Dataset, Field, Finding, JobPath, Sample
from taskspace.errors import DataError
from taskspace.layout.file_names import refuse_unprintable
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import Wrong, refuse_files
from taskspace_plugins.datasets.columns._column import (
    LabelColumn,
    classes_of,
    fields_of,
    labels_of,
)
from taskspace_plugins.datasets.folders._dense_labels import DenseLabels
from taskspace_plugins.datasets.folders._groups import FOLDER, groups_of
from taskspace_plugins.datasets.folders._label_folders import (
    MapFolder,
    MaskFolder,
    check_names,
    label_files,
    label_path,
)
from taskspace_plugins.datasets.folders._labels import (
    NAME,
    LabelTable,
    check_words,
    read_labels,
    written_field,
)
from taskspace_plugins.datasets.folders._listing import ImageFile, list_images
from taskspace_plugins.datasets.folders._maps import Maps
from taskspace_plugins.datasets.folders._masks import Masks
from taskspace_plugins.datasets.folders._pixels import UNREADABLE, decode, upright_size, verify
from taskspace_plugins.datasets.folders._white import white_findings


class ImageFolder(Dataset):
    """Your own images: a folder, with class subfolders, a `labels.csv`, maps, masks, or nothing.

    Images in subfolders have the field `class`: the name of the subfolder directly below `root`.
    `labels.csv` in `root` has a header, a column of the images' paths and a field in each other
    one: words are classes, whole numbers are numbers or classes as the task asks, blank is missing.

    `maps` and `masks` name fields that hold a number or a class for each pixel, and the folder of
    each: the label of `cats/1.jpg` is `cats/1.png` (or .tif, .npy, ...) in it, of the same
    proportions; an image without one has a missing label. Folders below `root` that are named so
    hold no images. A field that is called like one of the tasks (`depth_z`, `normals`, `semantic`)
    serves that task; the tasks `dense_regression` and `dense_classification` take any.

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

    root: JobPath = pydantic.Field(description="The folder that holds the images.")
    size: int = pydantic.Field(
        64,
        ge=2,
        le=2048,
        description="Height and width in pixels: the largest centred square of every image is "
        "resized to this.",
    )
    channels: Literal[1, 3] = pydantic.Field(3, description="1 for grey, 3 for colour (RGB).")
    white: float | None = pydantic.Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="The stored number that is white in grey images of more than 8 bits: 4095 for "
        "12 bits in 16. By default 65535 for whole numbers and 1 for floats.",
    )

    maps: dict[str, MapFolder | str] = pydantic.Field(
        default_factory=dict,
        description="Fields of numbers a pixel: name to folder, or to {folder, unit, zero, "
        "missing}; a stored n is (n - zero) * unit.",
    )
    masks: dict[str, MaskFolder | str] = pydantic.Field(
        default_factory=dict,
        description="Fields of classes a pixel: name to folder, or to {folder, missing}. A "
        "`classes.txt` in the folder names the ids 0, 1, ..., a line each.",
    )
    group_by: str | None = pydantic.Field(
        None,
        min_length=1,
        description="What splits never divide: a column of labels.csv (the patient, the "
        f"building), which is no field then, or `{FOLDER}` for the subfolder directly below "
        "`root`.",
    )
    words: list[str] = pydantic.Field(
        default_factory=list,
        description="Fields of classes whose words together say what an image shows: columns of "
        "labels.csv, which hold words then even where they look like numbers, or `class`, the "
        "subfolder. [state, class] for a broken cup.",
    )
    missing: list[str] | None = pydantic.Field(
        None,
        description="What a cell of labels.csv without a value says, beside nothing. Unset: what "
        "spreadsheets and pandas write, such as NA, None, ? and #N/A. [] where such words are "
        "classes.",
    )

    @pydantic.model_validator(mode="after")
    def _fields_have_names_of_their_own(self) -> Self:
        check_names(self.maps, self.masks, self.words, self.group_by)
        return self

    @cached_property
    def _images(self) -> tuple[ImageFile, ...]:
        images = list_images(self.root, [folder for _, folder in self._folders.values()])
        refuse_unprintable(self.root, (image.name for image in images))
        return images

    @cached_property
    def _folders(self) -> dict[str, tuple[MapFolder | MaskFolder, Path]]:
        """Return what is said of each map and mask, and where it is."""
        specs: dict[str, MapFolder | MaskFolder] = {
            name: MapFolder(folder=given) if isinstance(given, str) else given
            for name, given in self.maps.items()
        } | {
            name: MaskFolder(folder=given) if isinstance(given, str) else given
            for name, given in self.masks.items()
        }
        if not self.root.is_dir():
            return {}  # Listing the images says what is wrong with the root.
        # Sorted, because parameters are: the order of a job's lines must not decide a fingerprint.
        return {
            name: (spec, label_path(self.root, spec, f"dataset image_folder: {name}"))
            for name, spec in sorted(specs.items())
        }

    @cached_property
    def _dense(self) -> dict[str, DenseLabels]:
        images = self._images
        return {
            name: Maps(folder, label_files(folder, images), spec, [image.path for image in images])
            if isinstance(spec, MapFolder)
            else Masks(folder, label_files(folder, images), spec)
            for name, (spec, folder) in self._folders.items()
        }

    @cached_property
    def _table(self) -> LabelTable:
        path = self.root / NAME
        names = [image.name for image in self._images]
        words = (*self.words, *(() if self.group_by is None else (self.group_by,)))
        return read_labels(path, names, words, self.missing) if path.exists() else LabelTable({})

    @cached_property
    def _group_column(self) -> str | None:
        """Return the column that `group_by` means, as it is written there."""
        columns = self._table.columns
        return None if self.group_by is None else written_field(columns, self.group_by)

    @cached_property
    def _labels(self) -> dict[str, LabelColumn]:
        folders = [image.folder for image in self._images]
        fields = {"class": classes_of(folders)} if any(folders) else {}
        columns = {
            name: each for name, each in self._table.columns.items() if name != self._group_column
        }
        for name in columns:
            if name in self._dense or name in fields:
                other = "class subfolders" if name in fields else "a folder of maps or masks"
                raise DataError(
                    f"There {'are' if name in fields else 'is'} {other} and a column {name!r}.",
                    where=f"{self.root / NAME}:1",
                    advice="Rename the column.",
                )
        if fields and "class" in self._dense:
            raise DataError(
                "There are class subfolders and a folder of maps or masks for 'class'.",
                where="dataset image_folder",
                advice="Give the field of the folder another name.",
            )
        labels = fields | columns
        check_words([written_field(labels, word) for word in self.words], labels)
        return labels

    @cached_property
    def _groups(self) -> tuple[str, ...] | None:
        if self._group_column is None:
            return None
        return groups_of(self._images, self._table.columns, self._group_column, self.root / NAME)

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
        unreadable: list[Wrong] = []
        sizes = []
        for image in self._images:
            try:
                data = read_regular(image.path)
                verify(data, self.white)
                sizes.append(upright_size(data) if self._dense else (0, 0))
            except UNREADABLE as error:
                unreadable.append((image.name, error))
            else:
                digest.update(f"\n{image.name}\n".encode("utf-8", "surrogateescape"))
                digest.update(hashlib.sha256(data).digest())
        self._refuse(unreadable)
        for name, labels in self._labels.items():
            digest.update(f"\n{name} {labels.classes}\n".encode("utf-8", "surrogateescape"))
            digest.update(labels.content())
        for name, dense in self._dense.items():
            digest.update(f"\n{name} {dense.digest(sizes)}\n".encode("utf-8", "surrogateescape"))
        for group in self._groups or ():
            digest.update(f"\n{group}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def identity(self) -> dict[str, Any]:
        """Return the parameters but for paths, and the fingerprint."""
        identity = super().identity()
        for kind in ("maps", "masks"):
            # What a folder is called is a path; the field's name and the content stay.
            identity[kind] = {
                name: {}
                if isinstance(given, str)
                else {k: v for k, v in given.items() if k != "folder"}
                for name, given in identity[kind].items()
            }
        # Absent where not set: they were no parameters once, and keys stay.
        if not self.words:
            del identity["words"]
        if self.missing is None:
            del identity["missing"]
        if self.white is None:
            del identity["white"]
        return identity

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

    def findings(self) -> Sequence[Finding]:
        """Return what is unusual about stored numbers, and what of the masks is missing.

        Raises:
            DataError: if a folder cannot be listed, or a file that is looked at cannot be read.
        """
        images = white_findings([image.path for image in self._images], self.white)
        labels = (each for name, dense in self._dense.items() for each in dense.findings(name))
        return [*images, *labels]

    def word_fields(self) -> Sequence[str]:
        """Return what `words` says.

        Raises:
            DataError: if one of them is no field of classes.
        """
        return tuple(written_field(self._labels, word) for word in self.words)

    def findings(self) -> Sequence[Finding]:
        """Return what is unusual about labels.csv.

        Raises:
            DataError: if it cannot be used.
        """
        return self._table.findings

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

    def _refuse(self, unreadable: list[Wrong]) -> None:
        refuse_files(self.root, unreadable, "cannot be read as an image")

"""A user's own images, with the labels they have."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import pydantic

from taskspace.components import Dataset, Field, JobPath, Sample
from taskspace.errors import DataError
from taskspace_plugins.datasets._labels import LISTED, NAME, Labels, classes_of, read_labels
from taskspace_plugins.datasets._listing import ImageFile, list_images
from taskspace_plugins.datasets._pixels import UNREADABLE, decode, verify


class ImageFolder(Dataset):
    """Your own images: a folder, with class subfolders, a `labels.csv`, both or neither.

    Images in subfolders have the field `class`: the name of the subfolder directly below `root`.
    `labels.csv` in `root` has a header, the image's path in its first column and a field in each
    further one: numbers are regressed, words are classes, blank is missing.
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

    @cached_property
    def _images(self) -> tuple[ImageFile, ...]:
        return list_images(self.root)

    @cached_property
    def _labels(self) -> dict[str, Labels]:
        folders = [image.folder for image in self._images]
        fields = {"class": classes_of(folders)} if any(folders) else {}
        path = self.root / NAME
        columns = read_labels(path, [i.name for i in self._images]) if path.exists() else {}
        if fields and "class" in columns:
            raise DataError(
                "There are class subfolders and a column 'class'.",
                where=f"{path}:1",
                advice="Rename the column.",
            )
        return fields | columns

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256(f"image_folder 1 {self.size} {self.channels}".encode())
        unreadable = []
        for image in self._images:
            try:
                data = image.path.read_bytes()
                verify(data)
            except UNREADABLE as error:
                unreadable.append(_reason(image, error))
            else:
                digest.update(f"\n{image.name}\n".encode("utf-8", "surrogateescape"))
                digest.update(hashlib.sha256(data).digest())
        self._refuse(unreadable)
        for name, labels in self._labels.items():
            digest.update(f"\n{name} {labels.classes}\n".encode("utf-8", "surrogateescape"))
            digest.update(labels.values.tobytes())
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Return a hash of the names and bytes of all images, the labels and the parameters.

        Raises:
            DataError: if the folder is missing or has no image, if a file is no image (up to ten
                are named), or if labels.csv cannot be used.
        """
        return self._fingerprint

    def fields(self) -> Mapping[str, Field]:
        """Return `image`, `class` where there are subfolders, and the columns of labels.csv."""
        shape = (self.channels, self.size, self.size)
        fields = {"image": Field(shape, description="The image, resized.")}
        for name, labels in self._labels.items():
            source = "Subfolder." if name == "class" else f"Column of {NAME}."
            fields[name] = Field((), labels.classes, source)
        return fields

    def length(self) -> int:
        """Return the number of images."""
        return len(self._images)

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return `image` [B, C, size, size], float32 in [0, 1], and [B] for every label.

        Raises:
            DataError: names up to ten of the files among these that cannot be decoded.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        rows = np.asarray(indices, dtype=np.int64)
        wanted = self.fields() if fields is None else fields
        sample = {
            name: torch.from_numpy(each.values[rows])
            for name, each in self._labels.items()
            if name in wanted
        }
        if "image" in wanted:
            sample["image"] = torch.from_numpy(self._pixels(rows)).float().div_(255)
        return sample

    def _pixels(self, rows: np.ndarray) -> np.ndarray:
        pixels = np.empty((len(rows), self.channels, self.size, self.size), dtype=np.uint8)
        unreadable = []
        for place, row in enumerate(rows):
            image = self._images[row]
            try:
                pixels[place] = decode(image.path.read_bytes(), self.size, self.channels)
            except UNREADABLE as error:
                unreadable.append(_reason(image, error))
        self._refuse(unreadable)
        return pixels

    def _refuse(self, unreadable: list[str]) -> None:
        if unreadable:
            count = len(unreadable)
            more = f"; and {count - LISTED} more" if count > LISTED else ""
            raise DataError(
                f"{count} file{'s' if count > 1 else ''} cannot be read as an image: "
                f"{'; '.join(unreadable[:LISTED])}{more}.",
                where=str(self.root),
                advice="Repair or remove what is named.",
            )


def _reason(image: ImageFile, error: BaseException) -> str:
    reason = str(error).partition("\n")[0].rstrip(".")
    # Pillow names an object in memory here, which says nothing to the reader.
    return f"{image.name} ({'not an image' if 'BytesIO' in reason else reason})"

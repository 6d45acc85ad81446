"""Relations between two things in a photograph."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import Wrong, refuse_files
from taskspace_plugins.datasets.compositional._composed_images import CHANNELS, ComposedImages
from taskspace_plugins.datasets.compositional._relations import (
    Relation,
    read_names,
    read_relations,
)
from taskspace_plugins.datasets.compositional._word_table import WordTable, word_table
from taskspace_plugins.datasets.folders._pixels import UNREADABLE, decode_boxes, verify
from taskspace_plugins.datasets.folders.files._endings import readable_endings

if TYPE_CHECKING:
    import torch

FIELDS = ("subject", "predicate", "object")
FOLDERS = {"train": "sg_train_images", "test": "sg_test_images"}


class StanfordVrd(ComposedImages):
    """StanfordVRD in the published layout: triplets of subject, predicate and object.

    Source: Lu et al. 2016 (`person wear jeans`, `elephant on grass`): 100 objects, 70 predicates.
    An image is the box around subject and object, scaled to `size` without keeping its proportions,
    so that neither is cut off. Triplets of annotations_train.json are seen; those of
    annotations_test.json are to be tested, seen or not.

    ```yaml
    dataset: {use: stanford_vrd, root: vrd}
    ```
    """

    name: ClassVar[str] = "stanford_vrd"

    @cached_property
    def _relations(self) -> list[tuple[str, Relation]]:
        objects = read_names(self.root / "objects.json")
        predicates = read_names(self.root / "predicates.json")
        return [
            (part, relation)
            for part in FOLDERS
            for relation in read_relations(
                self.root / f"annotations_{part}.json", objects, predicates
            )
        ]

    @cached_property
    def _table(self) -> WordTable:
        return word_table(
            FIELDS,
            [relation.names for _, relation in self._relations],
            [part for part, _ in self._relations],
            {
                part: sorted({one.names for own, one in self._relations if own == part})
                for part in FOLDERS
            },
            {},
            str(self.root),
        )

    @cached_property
    def _files(self) -> dict[tuple[str, str], Path]:
        """Return the file of each image by its part and name.

        Some files of the release are called `.png` or `.gif` where annotations say `.jpg`.
        """
        found: dict[tuple[str, str], Path] = {}
        readable = readable_endings()
        for part, folder_name in FOLDERS.items():
            folder = self.root / "sg_dataset" / folder_name
            present = sorted(folder.iterdir()) if folder.is_dir() else []
            stems = {file.stem: file for file in present if file.suffix.lower() in readable}
            exact = {file.name: file for file in present}
            for name in {one.image for own, one in self._relations if own == part}:
                other = stems.get(Path(name).stem, folder / name)
                found[part, name] = exact.get(name, other)
        return found

    def _digest(self) -> str:
        digest = hashlib.sha256()
        wrong: list[Wrong] = []
        for (part, name), file in sorted(self._files.items()):
            try:
                data = read_regular(file)
                verify(data)
            except UNREADABLE as error:
                wrong.append((f"{FOLDERS[part]}/{name}", error))
            else:
                digest.update(hashlib.sha256(data).digest())
        self._refuse(wrong)
        digest.update(repr([(one.image, one.box) for _, one in self._relations]).encode())
        return digest.hexdigest()

    def _images(self, rows: np.ndarray) -> torch.Tensor:
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        pixels = np.empty((len(rows), CHANNELS, self.size, self.size), dtype=np.uint8)
        places: dict[tuple[str, str], list[int]] = {}
        for place, row in enumerate(rows):
            part, relation = self._relations[row]
            places.setdefault((part, relation.image), []).append(place)
        wrong: list[Wrong] = []
        for (part, name), own in places.items():
            boxes = [self._relations[rows[place]][1].box for place in own]
            try:
                data = read_regular(self._files[part, name])
                pixels[own] = decode_boxes(data, boxes, self.size)
            except UNREADABLE as error:
                wrong.append((f"{FOLDERS[part]}/{name}", error))
        self._refuse(wrong)
        return torch.from_numpy(pixels).float().div_(255)

    def _refuse(self, wrong: list[Wrong]) -> None:
        refuse_files(self.root / "sg_dataset", wrong, "cannot be read as an image")

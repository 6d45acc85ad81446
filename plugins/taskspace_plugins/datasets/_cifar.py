"""What CIFAR-10 and CIFAR-100 share: images with labels, each image in exactly one task."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np

from taskspace.components import Field, Sample
from taskspace_plugins.datasets._cifar_files import SIDE
from taskspace_plugins.datasets._cifar_records import CifarRecords


class CifarDataset(CifarRecords):
    """Colour images of 32x32 pixels; a subclass says what was published and its tasks."""

    tasks: ClassVar[Mapping[str, tuple[str, ...]]]
    """The classes of each task, in the order of the labels within it; every class is in one."""

    @cached_property
    def _places(self) -> np.ndarray:
        """Return the task of each class and its number within it, int64 [classes, 2]."""
        places = {
            name: (task, within)
            for task, classes in enumerate(self.tasks.values())
            for within, name in enumerate(classes)
        }
        return np.array([places[name] for name in self.classes], dtype=np.int64)

    def fields(self) -> Mapping[str, Field]:
        """Return `image`, `label`, `task`, `task_label` and a field for each task."""
        most = max(map(len, self.tasks.values()))
        return {
            "image": Field((3, SIDE, SIDE), description="The image: multiples of 1/255."),
            "label": Field((), self.classes, "The class."),
            "task": Field((), tuple(self.tasks), "The task that the image belongs to."),
            "task_label": Field(
                (), tuple(map(str, range(most))), "The number of the class within its task."
            ),
            **{
                name: Field((), classes, f"The class, for images of the task {name}.")
                for name, classes in self.tasks.items()
            },
        }

    def task_fields(self) -> Sequence[str]:
        """Return the fields of the tasks: every image has a label in exactly one of them."""
        return tuple(self.tasks)

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return `image` [B, 3, 32, 32], float32 in [0, 1], and labels [B], int64.

        The field of a task is -1 for images of other tasks.

        Raises:
            DataError: as `fingerprint` does.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        chosen = self._chosen[np.asarray(indices, dtype=np.int64)]
        labels = self._labels_of_all[chosen]
        wanted = self.fields() if fields is None else fields
        sample = {
            name: torch.from_numpy(self._label_field(name, labels))
            for name in wanted
            if name != "image"
        }
        if "image" in wanted:
            sample["image"] = torch.from_numpy(self._pixels(chosen)).float().div_(255)
        return sample

    def _label_field(self, name: str, labels: np.ndarray) -> np.ndarray:
        """Return a field but the image for label bytes [B, labels]: int64 [B]."""
        own: np.ndarray = labels[:, -1]
        if name == "label":
            return own
        task: np.ndarray = self._places[own, 0]
        within: np.ndarray = self._places[own, 1]
        if name in ("task", "task_label"):
            return task if name == "task" else within
        within[task != list(self.tasks).index(name)] = -1
        return within

"""CIFAR-10, as one task of ten classes or as five of two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from taskspace_plugins.datasets._cifar import CifarDataset
from taskspace_plugins.datasets._cifar_files import RecordFile, Release

BATCHES = tuple(RecordFile(f"data_batch_{n}.bin", "train", 10_000) for n in range(1, 6))


class Cifar10(CifarDataset):
    """CIFAR-10 from its binary archive: 60,000 colour images of 32x32 pixels in ten classes.

    `label` is the class. For studies of many tasks, five tasks tell two classes apart that look
    alike, `cat_dog`, `deer_horse`, `car_truck`, `plane_ship` and `bird_frog`: an image has a label
    in one of these fields and -1, which is missing, in the others. `task` says which one, and
    `task_label` the label in it.

    Source: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".

    ```yaml
    dataset: {use: cifar10, path: cifar-10-batches-bin}
    ```
    """

    name: ClassVar[str] = "cifar10"
    release: ClassVar[Release] = Release(
        title="CIFAR-10",
        archive="cifar-10-binary.tar.gz",
        md5="c32a1d4ab5d03f1284b67883e8d87530",
        folder="cifar-10-batches-bin",
        pickles="cifar-10-batches-py",
        files=(*BATCHES, RecordFile("test_batch.bin", "test", 10_000)),
        labels=1,
    )
    classes: ClassVar[tuple[str, ...]] = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
    tasks: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "cat_dog": ("cat", "dog"),
        "deer_horse": ("deer", "horse"),
        "car_truck": ("automobile", "truck"),
        "plane_ship": ("airplane", "ship"),
        "bird_frog": ("bird", "frog"),
    }

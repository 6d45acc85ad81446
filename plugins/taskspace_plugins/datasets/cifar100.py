"""CIFAR-100, as one task of a hundred classes or as twenty of five."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from taskspace.components import Field
from taskspace_plugins.datasets._cifar import CifarDataset
from taskspace_plugins.datasets._cifar_files import RecordFile, Release

SUPERCLASSES: Mapping[str, tuple[str, ...]] = {
    "aquatic_mammals": ("beaver", "dolphin", "otter", "seal", "whale"),
    "fish": ("aquarium_fish", "flatfish", "ray", "shark", "trout"),
    "flowers": ("orchid", "poppy", "rose", "sunflower", "tulip"),
    "food_containers": ("bottle", "bowl", "can", "cup", "plate"),
    "fruit_and_vegetables": ("apple", "mushroom", "orange", "pear", "sweet_pepper"),
    "household_electrical_devices": ("clock", "keyboard", "lamp", "telephone", "television"),
    "household_furniture": ("bed", "chair", "couch", "table", "wardrobe"),
    "insects": ("bee", "beetle", "butterfly", "caterpillar", "cockroach"),
    "large_carnivores": ("bear", "leopard", "lion", "tiger", "wolf"),
    "large_man-made_outdoor_things": ("bridge", "castle", "house", "road", "skyscraper"),
    "large_natural_outdoor_scenes": ("cloud", "forest", "mountain", "plain", "sea"),
    "large_omnivores_and_herbivores": ("camel", "cattle", "chimpanzee", "elephant", "kangaroo"),
    "medium_mammals": ("fox", "porcupine", "possum", "raccoon", "skunk"),
    "non-insect_invertebrates": ("crab", "lobster", "snail", "spider", "worm"),
    "people": ("baby", "boy", "girl", "man", "woman"),
    "reptiles": ("crocodile", "dinosaur", "lizard", "snake", "turtle"),
    "small_mammals": ("hamster", "mouse", "rabbit", "shrew", "squirrel"),
    "trees": ("maple_tree", "oak_tree", "palm_tree", "pine_tree", "willow_tree"),
    "vehicles_1": ("bicycle", "bus", "motorcycle", "pickup_truck", "train"),
    "vehicles_2": ("lawn_mower", "rocket", "streetcar", "tank", "tractor"),
}


class Cifar100(CifarDataset):
    """CIFAR-100 from its binary archive: 60,000 colour images of 32x32 pixels in 100 classes.

    `label` is the class, `coarse_label` the superclass. For studies of many tasks, each superclass
    is a task of five classes (CIFAR-100 MTL; Rosenbaum et al. 2018, "Routing Networks"): an image
    has a label in the field that is named like its superclass and -1, which is missing, in the
    other nineteen. `task` says which one, and `task_label` the label in it.

    Source: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".

    ```yaml
    dataset: {use: cifar100, path: cifar-100-binary.tar.gz}
    ```
    """

    name: ClassVar[str] = "cifar100"
    release: ClassVar[Release] = Release(
        title="CIFAR-100",
        archive="cifar-100-binary.tar.gz",
        md5="03b5dce01913d631647c71ecec9e9cb8",
        folder="cifar-100-binary",
        pickles="cifar-100-python",
        files=(RecordFile("train.bin", "train", 50_000), RecordFile("test.bin", "test", 10_000)),
        labels=2,
    )
    # As published, labels are in the order of the alphabet.
    classes: ClassVar[tuple[str, ...]] = tuple(sorted(sum(SUPERCLASSES.values(), ())))
    tasks: ClassVar[Mapping[str, tuple[str, ...]]] = SUPERCLASSES

    def _check_labels(self, name: str, labels: np.ndarray) -> None:
        told, follows = labels[:, 0], self._places[labels[:, 1], 0]
        for record in np.flatnonzero(told != follows)[:1]:
            fine, coarse = self.classes[labels[record, 1]], list(self.tasks)[follows[record]]
            self._refuse(
                name,
                record,
                f"the superclass {told[record]} and the class {fine!r}, whose superclass is "
                f"{follows[record]} ({coarse})",
            )

    def fields(self) -> Mapping[str, Field]:
        """Return `image`, `label`, `coarse_label`, `task`, `task_label` and one for each task."""
        return {**super().fields(), "coarse_label": Field((), tuple(self.tasks), "The superclass.")}

    def _label_field(self, name: str, labels: np.ndarray) -> np.ndarray:
        superclass: np.ndarray = labels[:, 0]
        return superclass if name == "coarse_label" else super()._label_field(name, labels)

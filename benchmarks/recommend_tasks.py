"""The tasks that benchmarks/recommend_data.py writes: which class an image has in each field.

A table maps a field to its classes and the source labels that belong to each; a label that no class
names leaves the cell blank, so the image does not belong to that task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Classes = Mapping[str, Sequence[str]]
"""Class of a task to the labels it is made of."""
Pictures = NDArray[np.uint8]
"""RGB images [N, 32, 32, 3]."""

CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
VEHICLES = ("airplane", "automobile", "ship", "truck")
ANIMALS = tuple(name for name in CIFAR10 if name not in VEHICLES)
DIGITS = tuple(f"digit_{number}" for number in range(10))
FASHION = (
    *("t_shirt", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle_boot"),
)


def each(labels: Sequence[str]) -> Classes:
    """Return a class for each label."""
    return {label: (label,) for label in labels}


def against(name: str, positive: Sequence[str], labels: Sequence[str]) -> Classes:
    """Return `name` for some labels and `other` for the rest."""
    return {name: positive, "other": [label for label in labels if label not in positive]}


EXPERTS: Mapping[str, Classes] = {
    "ten_classes": each(CIFAR10),
    "animal": {"animal": ANIMALS, "vehicle": VEHICLES},
    "which_animal": each(ANIMALS),
    "which_vehicle": each(VEHICLES),
    "first_five": each(CIFAR10[:5]),
    "last_five": each(CIFAR10[5:]),
    "cat_or_dog": each(("cat", "dog")),
    "pet": against("pet", ("cat", "dog"), CIFAR10),
    "hooved": against("hooved", ("deer", "horse"), CIFAR10),
    "flies": against("flies", ("airplane", "bird"), CIFAR10),
    "on_roads": against("on_roads", ("automobile", "truck"), CIFAR10),
    "frog": against("frog", ("frog",), CIFAR10),
}
"""Tasks of `cifar10_experts`; `IMAGE_TASKS` come beside them."""

TARGETS: Mapping[str, Mapping[str, Classes]] = {
    "cifar10_targets": {
        "ten_classes": each(CIFAR10),
        "five_pairs": {
            "air_or_sea": ("airplane", "ship"),
            "car_or_truck": ("automobile", "truck"),
            "bird_or_frog": ("bird", "frog"),
            "cat_or_dog": ("cat", "dog"),
            "deer_or_horse": ("deer", "horse"),
        },
        "air_water_land": {
            "air": ("airplane", "bird"),
            "water": ("ship", "frog"),
            "land": ("automobile", "truck", "cat", "dog", "deer", "horse"),
        },
        "bird_or_airplane": each(("bird", "airplane")),
        "deer_or_horse": each(("deer", "horse")),
        "car_or_truck": each(("automobile", "truck")),
        "cat_frog_bird": each(("cat", "frog", "bird")),
    },
    "mnist": {
        "digit": each(DIGITS),
        "parity": {"even": DIGITS[::2], "odd": DIGITS[1::2]},
        "at_least_five": {"below_five": DIGITS[:5], "five_or_more": DIGITS[5:]},
        "loops": {
            "no_loop": [DIGITS[n] for n in (1, 2, 3, 4, 5, 7)],
            "one_loop": [DIGITS[n] for n in (0, 6, 9)],
            "two_loops": [DIGITS[8]],
        },
    },
    "fashion": {
        "garment": each(FASHION),
        "shoe": against("shoe", ("sandal", "sneaker", "ankle_boot"), FASHION),
        "worn_where": {
            "top": ("t_shirt", "pullover", "coat", "shirt"),
            "legs": ("trouser",),
            "whole_body": ("dress",),
            "feet": ("sandal", "sneaker", "ankle_boot"),
            "carried": ("bag",),
        },
    },
}
"""Tasks of each folder of targets, but for `cifar100`, whose classes the archive names."""

CIFAR100_KINDS: Classes = {
    "animal": (
        *("aquatic_mammals", "fish", "insects", "large_carnivores", "reptiles", "small_mammals"),
        *("large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates"),
    ),
    "plant": ("flowers", "fruit_and_vegetables", "trees"),
    "person": ("people",),
    "scene": ("large_man-made_outdoor_things", "large_natural_outdoor_scenes"),
    "household": (*("food_containers", "household_electrical_devices", "household_furniture"),),
    "vehicle": ("vehicles_1", "vehicles_2"),
}
"""Superclasses of CIFAR-100 by what they are; `living` is the first three."""


def cifar100_tasks(superclasses: Sequence[str]) -> Mapping[str, Classes]:
    """Return the tasks of CIFAR-100 on the names of its superclasses."""
    living = [name for kind in ("animal", "plant", "person") for name in CIFAR100_KINDS[kind]]
    return {
        "superclass": each(superclasses),
        "kind": CIFAR100_KINDS,
        "living": {"living": living, "not_living": [n for n in superclasses if n not in living]},
        "which_animal": each(CIFAR100_KINDS["animal"]),
    }


def column(classes: Classes, labels: Sequence[str]) -> list[str]:
    """Return the class of each image by its label; blank where no class has the label."""
    class_of = {label: name for name, members in classes.items() for label in members}
    return [class_of.get(label, "") for label in labels]


def luminance(pictures: Pictures) -> NDArray[np.float64]:
    """Return 0.299 R + 0.587 G + 0.114 B, [N, H, W]."""
    return np.asarray(pictures @ np.array([0.299, 0.587, 0.114]))


def brightness(pictures: Pictures) -> list[str]:
    """Return in which quarter of the images the mean luminance of each lies."""
    return _by_rank(luminance(pictures).mean((1, 2)), ("dark", "dim", "light", "bright"))


def warmth(pictures: Pictures) -> list[str]:
    """Return in which third of the images the mean of red minus blue lies."""
    means = pictures.mean((1, 2))
    return _by_rank(means[:, 0] - means[:, 2], ("cold", "neutral", "warm"))


def edge_direction(pictures: Pictures) -> list[str]:
    """Return in which third of the images the share of vertical edges lies: by squared slopes."""
    grey = luminance(pictures)
    across, down = (np.square(np.diff(grey, axis=axis)).sum((1, 2)) for axis in (2, 1))
    return _by_rank(across / (across + down + 1.0), ("horizontal", "mixed", "vertical"))


IMAGE_TASKS: Mapping[str, Callable[[Pictures], list[str]]] = {
    "brightness": brightness,
    "warmth": warmth,
    "edge_direction": edge_direction,
}
"""Expert tasks whose labels follow from the image alone; classes are of equal size up to one."""


def _by_rank(values: NDArray[np.float64], names: Sequence[str]) -> list[str]:
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    return [names[place] for place in (rank * len(names) // len(values)).tolist()]

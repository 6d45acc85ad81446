"""Folders in the published layouts of MIT-States, UT-Zap50K and StanfordVRD, for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

FOLDERS = {"compositional": "compositional-split", "natural": "compositional-split-natural"}

COMPOSITIONAL = {
    "train": ("old bear", "young bear", "wet moss", "old moss"),
    "test": ("wet bear", "young moss"),
}
NATURAL = {
    "train": ("old bear", "young bear", "wet moss", "old moss"),
    "val": ("old bear", "young moss"),
    "test": ("wet moss", "wet bear"),
}


def write_picture(path: Path, seed: int, width: int = 9, height: int = 12) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def entries_of(pairs: Mapping[str, Sequence[str]], each: int = 2) -> list[dict[str, str]]:
    """Return metadata with `each` images of every pair in every part that lists it."""
    found = []
    for part, listed in pairs.items():
        for pair in listed:
            attribute, name = pair.split()
            for number in range(each):
                image = f"{attribute}_{name}/{part}_{number}.png"
                found.append({"image": image, "attr": attribute, "obj": name, "set": part})
    return found


def write_pairs(
    root: Path,
    pairs: Mapping[str, Sequence[str]],
    entries: Sequence[object] | None = None,
    metadata: str | None = None,
    pictures: bool = True,
) -> Path:
    """Write lists of pairs, metadata and pictures."""
    folder = FOLDERS["natural" if "val" in pairs else "compositional"]
    for part, listed in pairs.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / f"{part}_pairs.txt").write_text("\n".join(listed) + "\n")
    listed_entries = entries_of(pairs) if entries is None else list(entries)
    torch.save(listed_entries, root / (metadata or f"metadata_{folder}.t7"))
    for number, entry in enumerate(listed_entries if pictures else ()):
        write_picture(root / "images" / entry["image"], number)
    return root


OBJECTS = ["person", "shirt", "traffic light", "grass"]
PREDICATES = ["wear", "next to"]


def relation(
    subject: str,
    predicate: str,
    target: str,
    boxes: tuple[list[int], list[int]] = ([2, 8, 1, 5], [4, 12, 3, 9]),
) -> dict[str, object]:
    """Return a relation of the annotations; boxes are [top, bottom, left, right]."""
    return {
        "predicate": PREDICATES.index(predicate),
        "subject": {"category": OBJECTS.index(subject), "bbox": boxes[0]},
        "object": {"category": OBJECTS.index(target), "bbox": boxes[1]},
    }


RELATIONS: dict[str, dict[str, list[dict[str, object]]]] = {
    "train": {
        "2.jpg": [relation("person", "wear", "shirt"), relation("shirt", "next to", "grass")],
        "1.jpg": [relation("person", "next to", "traffic light")],
        "empty.jpg": [],
    },
    "test": {
        "3.jpg": [relation("person", "wear", "shirt"), relation("person", "next to", "grass")],
    },
}


def write_vrd(
    root: Path, relations: Mapping[str, Mapping[str, list[dict[str, object]]]] = RELATIONS
) -> Path:
    """Write annotations, vocabularies and pictures of 20x16 pixels."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "objects.json").write_text(json.dumps(OBJECTS))
    (root / "predicates.json").write_text(json.dumps(PREDICATES))
    for part, images in relations.items():
        (root / f"annotations_{part}.json").write_text(json.dumps(images))
        for number, name in enumerate(images):
            folder = root / "sg_dataset" / f"sg_{part}_images"
            write_picture(folder / name, number, width=20, height=16)
    return root

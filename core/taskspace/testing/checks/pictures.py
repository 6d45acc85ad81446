"""A folder of pictures: what a component that must be given a path is tried on."""

from __future__ import annotations

from pathlib import Path

from taskspace.layout.domains import DOMAINS

IMAGES = DOMAINS["image"]
CIFAR_10 = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
CIFAR_100 = ("train.bin", "test.bin")
COARSE_AND_FINE = ((4, 0), (1, 1), (14, 2), (8, 3))
"""Four classes of CIFAR-100 under their superclasses."""


def write_pictures(folder: Path) -> None:
    """Write twelve pictures in two class folders, with numbers and words in labels.csv.

    The sixth picture has no number, so that missing labels are tried too. Paths are those of images
    in the official layout of Taskonomy, and beside them are four records in each file of the binary
    layout of CIFAR, so that the folder serves who reads those as well.
    """
    import numpy as np  # noqa: PLC0415  only where a component asks for a path
    from PIL import Image  # noqa: PLC0415

    draw = np.random.default_rng(0)
    rows = ["path,weight,kind"]
    for index in range(12):
        kind = "cats" if index % 2 else "dogs"
        name = f"{kind}/{IMAGES.folder}/{IMAGES.file(index, 0)}"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (20, 24, 3), dtype=np.uint8)).save(folder / name)
        rows.append(f"{name},{'' if index == 5 else index / 4},{'old' if index % 3 else 'new'}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for name in (*CIFAR_10, *CIFAR_100):
        labels = (pair if name in CIFAR_100 else pair[1:] for pair in COARSE_AND_FINE)
        records = (bytes(told) + draw.bytes(3 * 32 * 32) for told in labels)
        (folder / name).write_bytes(b"".join(records))

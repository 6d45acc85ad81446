"""A folder of pictures: what a component that must be given a path is tried on."""

from __future__ import annotations

from pathlib import Path

from taskspace.layout.domains import DOMAINS

IMAGES = DOMAINS["image"]


def write_pictures(folder: Path) -> None:
    """Write twelve pictures in two class folders, with numbers and words in labels.csv.

    The sixth picture has no number, so that missing labels are tried too. Paths are those of images
    in the official layout of Taskonomy, so that the folder serves who reads that as well.
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

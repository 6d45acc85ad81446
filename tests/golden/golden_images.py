"""A folder of images whose pixels and labels follow from their numbers, in whole numbers alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

COUNT = 72
SIDE = 16
BUILDINGS = 9
KINDS = ("brick", "stone", "wood")


def write_images(root: Path) -> None:
    """Write images in class subfolders, labels.csv, maps of heights and masks of the ground.

    Of the labels of each field some are missing; eight images lie in each building.
    """
    rows = ["file,building,kind,weight"]
    for number in range(COUNT):
        is_round = number * 7 % 5 < 2
        name = f"{'round' if is_round else 'square'}/{number:02}"
        inside = _shape(number, is_round)
        _save(root / f"{name}.png", _picture(number, inside))
        if number % 11:
            _save(root / "heights" / f"{name}.png", _heights(number, inside))
        if number % 13:
            _save(root / "ground" / f"{name}.png", _ground(number, inside))
        kind = KINDS[number * 5 % 3] if number % 7 else ""
        weight = "" if number % 6 == 5 else str(int(inside.sum()) + number % 4)
        rows.append(f"{name}.png,house {number % BUILDINGS},{kind},{weight}")
    (root / "ground" / "classes.txt").write_text("sky\ngrass\nshape\n", encoding="utf-8")
    (root / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _shape(number: int, is_round: bool) -> np.ndarray:
    """Return which pixels [SIDE, SIDE] a disc or a square covers."""
    row, column = np.mgrid[:SIDE, :SIDE]
    down, right, size = row - 5 - number % 6, column - 5 - number % 7, 2 + number % 4
    if is_round:
        return down * down + right * right <= size * size
    return (abs(down) <= size) & (abs(right) <= size)


def _picture(number: int, inside: np.ndarray) -> np.ndarray:
    row, column = np.mgrid[:SIDE, :SIDE]
    texture = (row * 7 + column * 13 + number * 29) % 64
    channels = [texture + inside * (40 + (number * (17 + 20 * c)) % 140) for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def _heights(number: int, inside: np.ndarray) -> np.ndarray:
    """Return stored numbers, of which 0 means missing: the first column of every image."""
    row, column = np.mgrid[:SIDE, :SIDE]
    return np.where(column == 0, 0, 20 + row * 4 + inside * (30 + number)).astype(np.uint8)


def _ground(number: int, inside: np.ndarray) -> np.ndarray:
    row, column = np.mgrid[:SIDE, :SIDE]
    classes = np.where(inside, 2, row > 7 + number % 3)
    return np.where((row == 0) & (column < 4), 255, classes).astype(np.uint8)


def _save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)

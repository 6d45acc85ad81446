"""A weekend's photographs as they come from phones: turned, copied, broken, among other files."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

FOLDERS = ("Samstag – Wanderung", "Sonntag Küche", "京都 二日目")
EACH = 80
ORIENTATION = 0x0112


class Weekend(NamedTuple):
    """How many files of each kind lie in a folder.

    Attributes:
        photographs: that can be decoded, copies too.
        copies: groups of equal photographs.
    """

    photographs: int
    copies: int
    heic: int
    videos: int
    documents: int
    hidden: int
    broken: tuple[str, ...]


def write_weekend(root: Path, seed: int = 0) -> Weekend:
    """Write photographs of three outings, and what phones and computers put beside them."""
    draw = np.random.default_rng(seed)
    for place, outing in enumerate(FOLDERS):
        (root / outing).mkdir(parents=True)
        for number in range(EACH):
            ending = ("JPG", "jpg", "jpeg", "jfif")[number % 4]
            name = ("IMG_{:04}", "Foto {} äöü", "写真{}", "PXL_{:04}.MP")[number // 4 % 4]
            _photograph(draw, place).save(
                root / outing / f"{name.format(number)}.{ending}", "JPEG", exif=_turned(number)
            )
        for number in range(10):
            (root / outing / f"IMG_{number:04}.HEIC").write_bytes(b"\0\0\0\x18ftypheic" * 4)
        (root / outing / "IMG_0003.MOV").write_bytes(b"\0\0\0\x14ftypqt  ")
        (root / outing / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
        (root / outing / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
        (root / outing / "._IMG_0001.JPG").write_bytes(b"\0\5\x16\7")
    first, second, _ = (root / outing for outing in FOLDERS)
    for number in range(4):
        shutil.copy(first / f"IMG_000{number}.{('JPG', 'jpg', 'jpeg', 'jfif')[number]}",
                    first / f"IMG_000{number} (1).jpg")  # fmt: skip
    shutil.copy(first / "IMG_0000.JPG", second / "weitergeleitet.jpg")
    whole = (second / "IMG_0000.JPG").read_bytes()
    (second / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (second / "empty.jpg").touch()
    (first / "renamed.jpg").write_bytes(b"\0\0\0\x18ftypheic" * 4)
    (root / "Notizen.txt").write_text("Regen ab 14 Uhr", "utf-8")
    (root / ".privat").mkdir()
    (root / "__MACOSX").mkdir()
    shutil.copy(first / "IMG_0000.JPG", root / "__MACOSX" / "IMG_0000.JPG")
    broken = (
        f"{FOLDERS[0]}/renamed.jpg", f"{FOLDERS[1]}/cut.jpg", f"{FOLDERS[1]}/empty.jpg",
    )  # fmt: skip
    return Weekend(3 * EACH + 5, 4, 30, 3, 1, 1, broken)


def _photograph(draw: np.random.Generator, place: int) -> Image.Image:
    pixels = draw.integers(0, 256, (12, 16, 3)) // 2 + np.eye(3, dtype=int)[place] * 100
    image = Image.fromarray(pixels.astype(np.uint8)).resize((64, 48), Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.GaussianBlur(0.5))


def _turned(number: int) -> Image.Exif:
    exif = Image.Exif()
    if number % 5:
        exif[ORIENTATION] = (1, 3, 6, 8)[number % 4]
    return exif

"""What networks should see of a folder of images: how many pixels, and whether colours."""

from __future__ import annotations

import os
import struct
import warnings
from collections.abc import Iterator
from math import log2
from pathlib import Path
from statistics import median
from typing import NamedTuple

from PIL import Image

from taskspace.regular_file import regular_stream

SMALLEST, LARGEST = 8, 64
"""Pixels a side: what networks can halve twice, and what trains in minutes without a GPU."""

MOST_FILES = 1000
"""Headers that are read, evenly spaced in the order of names."""

_GREY = ("1", "L", "LA", "La", "I", "F")
_UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)


class ImageShape(NamedTuple):
    """What networks should see: `size` x `size` pixels with 1 or 3 channels."""

    size: int
    channels: int


def usual_shape(root: Path) -> ImageShape | None:
    """Return the shape that suits most images below `root`; None where no header can be read.

    The size is the power of two that is nearest to the median of the shorter sides. One image
    with colours gives all of them colours.
    """
    sides, grey = [], True
    for file in _some(sorted(_files(root))):
        try:
            with warnings.catch_warnings():
                # A large image is no danger as long as it is not decoded.
                warnings.simplefilter("ignore")
                with regular_stream(file) as stream, Image.open(stream) as image:
                    sides.append(min(image.size))
                    grey = grey and image.mode.partition(";")[0] in _GREY
        except _UNREADABLE:
            continue
    if not sides:
        return None
    size = 2 ** round(log2(max(median(sides), 1)))
    return ImageShape(min(max(size, SMALLEST), LARGEST), 1 if grey else 3)


def _files(root: Path) -> Iterator[Path]:
    endings = Image.registered_extensions()
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in endings:
                yield Path(folder, name)


def _some(files: list[Path]) -> list[Path]:
    count = min(len(files), MOST_FILES)
    return [files[place * len(files) // count] for place in range(count)]

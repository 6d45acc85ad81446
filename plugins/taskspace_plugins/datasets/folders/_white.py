"""Which stored number is white, in images of more than 8 bits."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from taskspace.components import Finding
from taskspace.layout.decoding import decoded_picture, decoding
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets.folders.dense._label_arrays import BIT_DEPTH, PNG
from taskspace_plugins.datasets.folders.dense._spread import spread

TOLERATED = 0.01
"""How far numbers may lie beyond black and white, as a share: filters overshoot at edges."""
DARK = 0.25
"""Images in which nothing is brighter than this share of white have another white, most likely."""
BITS_PER_SAMPLE = 258
"""The tag of TIFF that says how many bits each channel has."""


def is_deep(mode: str) -> bool:
    """Return whether a mode of Pillow is grey of more than 8 bits: `I;16`, `I`, `F`."""
    return mode == "F" or mode.startswith("I")


def may_be_beyond(mode: str) -> bool:
    """Return whether the numbers of a mode may be negative, or beyond the usual white."""
    return mode in ("F", "I")


def grey_levels(image: Image.Image, white: float | None) -> np.ndarray:
    """Return the grey uint8 [H, W] of an image of more than 8 bits.

    Args:
        image: of a deep mode.
        white: the number that is 255, and all beyond it; by default 1 for floats and 65535 for
            whole numbers, which nothing may be beyond.

    Raises:
        ValueError: if numbers are negative, not finite, or beyond the white that nobody stated.
    """
    stored = np.asarray(image).astype(np.float32)
    level = _usual(image.mode) if white is None else white
    if not np.isfinite(stored).all():
        raise ValueError("it has pixels that are no numbers (NaN or infinite)")
    low, high = float(stored.min()), float(stored.max())
    if low < -TOLERATED * level:
        raise ValueError(f"its numbers begin at {low:g}, and an image has none below 0")
    if white is None and high > (1 + TOLERATED) * level:
        raise ValueError(
            f"its numbers reach {high:g}, where white is {level:g}; set `white`, for example to "
            f"{likely_white(high):g}"
        )
    levels: np.ndarray = ((stored / level).clip(0, 1) * 255).round().astype(np.uint8)
    return levels


def likely_white(largest: float) -> float:
    """Return the white of images whose largest number is this: 1, or that of 8 to 32 bits."""
    if largest <= 1:
        return 1.0 if largest > DARK else float(f"{largest:.3g}")
    return float(next((2**bits - 1 for bits in range(8, 33) if 2**bits > largest), largest))


@dataclass(frozen=True)
class Brightest:
    """The largest number in an image: `kind` is `F` or `I`, or `16` for colour of 16 bits."""

    kind: str
    number: float


def white_findings(files: Sequence[Path], white: float | None) -> list[Finding]:
    """Return which images look too dark, or have numbers beyond white, by a few of them."""
    seen = list(_brightest(spread(files)))
    found = []
    for kind, level in (("I", _usual("I")), ("F", _usual("F"))):
        numbers = [image.number for image in seen if image.kind == kind]
        stated = level if white is None else white
        largest = max(numbers, default=0.0)
        text = f"The largest number in {len(numbers)} images of more than 8 bits is {largest:,g}"
        if 0 < largest < DARK * stated:
            text += f", where white is {stated:,g}: they are almost black. "
            text += f"Set `white`, for example to {likely_white(largest):g}."
            found.append(Finding("images-dark", "warning", text))
        elif largest > (1 + TOLERATED) * stated:
            text += f", and `white` is {stated:,g}: all beyond is white."
            found.append(Finding("images-beyond-white", "warning", text))
    colours = [image.number for image in seen if image.kind == "16"]
    if colours and (white is not None or 0 < max(colours) < DARK * 255):
        text = (
            f"Of colours of 16 bits a channel only the upper 8 bits are read: in {len(colours)} "
            f"images they reach {max(colours):g} of 255. Convert these images to 8 bits a channel; "
            "`white` is for grey images."
        )
        found.append(Finding("images-colour-depth", "warning", text))
    return found


def _usual(mode: str) -> float:
    return 1.0 if mode == "F" else 65535.0


def _brightest(files: Sequence[Path]) -> Iterator[Brightest]:
    """Yield the largest number of each image that is deep; what is unreadable is said elsewhere."""
    for path in files:
        try:
            data = read_regular(path)
            with decoding(), Image.open(io.BytesIO(data)) as image:
                mode, is_colour = image.mode, _is_deep_colour(image, data)
            if not is_deep(mode) and not is_colour:
                continue
            with decoded_picture(data) as image:
                largest = float(np.asarray(image.convert("RGB") if is_colour else image).max())
        except (OSError, ValueError):
            continue
        yield Brightest("16" if is_colour else mode[0], largest)


def _is_deep_colour(image: Image.Image, data: bytes) -> bool:
    if is_deep(image.mode) or image.mode in ("1", "L", "P"):
        return False
    if data.startswith(PNG):
        return data[BIT_DEPTH] > 8
    bits = getattr(image, "tag_v2", {}).get(BITS_PER_SAMPLE, (8,))
    return image.format == "TIFF" and max(bits) > 8

"""From the bytes of a map or a mask to an array of one size."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from taskspace.layout.decoding import decoded_picture, decoding, refuse_empty
from taskspace.layout.npy import read_npy

MAP_MODES = frozenset({"1", "L", "I", "I;16", "I;16B", "I;16L", "F", "RGB"})
MASK_MODES = frozenset({"1", "L", "P", "I", "I;16", "I;16B", "I;16L"})
LOSSY = frozenset({".jfif", ".jpe", ".jpeg", ".jpg", ".webp"})
PNG = b"\x89PNG\r\n\x1a\n"
BIT_DEPTH = 24
"""Where a PNG says how many bits a channel has."""

MOST_CLASSES = 4096
"""Ids beyond are no classes: numbers of instances, say, or depths in the wrong folder."""

PRESENT = 0.5
"""A resized pixel is missing where less than this share of what it covers is there."""


def shape_of(
    data: bytes, suffix: str, modes: frozenset[str], channels_first: bool = False
) -> tuple[int, int, int]:
    """Return height, width and channels; of a picture, without decoding its pixels.

    Raises:
        One of `UNREADABLE`: with what is wrong with it.
    """
    if suffix == ".npy":
        height, width, channels = _array(data, channels_first).shape
        return height, width, channels
    _check_suffix(suffix)
    refuse_empty(data)
    with decoding(), Image.open(io.BytesIO(data)) as image:
        _check_mode(image, data, modes)
        size = image.height, image.width, len(image.getbands())
        image.verify()
    return size


def numbers_of(
    data: bytes, suffix: str, modes: frozenset[str], channels_first: bool = False
) -> np.ndarray:
    """Return the numbers as they are stored: [H, W, C].

    Args:
        data: of the file.
        suffix: of its name; that of an array is `.npy`.
        modes: of Pillow that pictures may have.
        channels_first: whether arrays of three axes are [C, H, W].

    Raises:
        One of `UNREADABLE`: with what is wrong with it.
    """
    if suffix == ".npy":
        return _array(data, channels_first)
    _check_suffix(suffix)
    with decoded_picture(data) as image:
        _check_mode(image, data, modes)
        pixels = np.asarray(image)
    return pixels.reshape(*pixels.shape[:2], -1)


def are_channels_first(data: bytes, image: tuple[int, int]) -> bool:
    """Return whether an array is [C, H, W]: as it has the image's proportions then, and only then.

    Args:
        data: of a .npy file.
        image: height and width of the image that it is about.

    Raises:
        ValueError: if there is no such array.
    """
    shape = read_npy(data).shape
    if len(shape) != 3:
        return False
    return proportional(shape[1:], image) and not proportional(shape[:2], image)


def proportional(size: tuple[int, ...], image: tuple[int, int]) -> bool:
    """Return whether a label (height, width) has the proportions of its image, up to a pixel."""
    (height, width), (rows, columns) = size, image
    return abs(width * rows - height * columns) <= max(rows, columns)


def stored_ids(data: bytes, suffix: str) -> np.ndarray:
    """Return the whole numbers of a mask as they are stored: [H, W].

    Raises:
        One of `UNREADABLE`: with what is wrong with it.
    """
    numbers = numbers_of(data, suffix, MASK_MODES)
    if numbers.shape[0] == 1 and numbers.shape[2] != 1:
        numbers = numbers[0, ..., None]  # [1, H, W], as PyTorch keeps a mask
    if numbers.shape[2] != 1 or numbers.dtype.kind not in "biu":
        raise ValueError("it holds no single whole number a pixel")
    return numbers[..., 0]


def ids_of(stored: np.ndarray, missing: int | None) -> np.ndarray:
    """Return class ids int64 [H, W]; -1 where the number is `missing` or negative.

    Raises:
        ValueError: if an id is too large for a class.
    """
    gone = (stored < 0) if missing is None else (stored == missing) | (stored < 0)
    largest = int(np.where(gone, 0, stored).max())
    if largest >= MOST_CLASSES:
        raise ValueError(
            f"id {largest}, and classes are numbered from 0 to {MOST_CLASSES - 1}; `missing` says "
            "which id is none"
        )
    return np.where(gone, -1, stored.astype(np.int64))


def fit_map(values: np.ndarray, size: int) -> np.ndarray:
    """Return the largest centred square of [H, W, C] at [C, size, size], float32.

    The filter is the one of the images (antialiasing bilinear), over the pixels that are there:
    what is missing (NaN in any channel) takes no part, and a pixel of which less than half is there
    is missing. A map of the right size stays as it is.
    """
    if values.shape[:2] == (size, size):
        return values.transpose(2, 0, 1).astype(np.float32)
    present = ~np.isnan(values).any(axis=2)
    weight = _resized(present, size)
    known = np.where(present[..., None], values, 0)
    channels = [_resized(known[..., number], size) for number in range(known.shape[2])]
    usable = weight >= PRESENT
    means: np.ndarray = np.stack(channels) / np.where(usable, weight, np.float32(1))
    means[:, ~usable] = np.nan
    return means


def fit_ids(ids: np.ndarray, size: int) -> np.ndarray:
    """Return the largest centred square of ids [H, W] at [size, size], each the nearest pixel's."""
    left, top, right, _ = _square(*ids.shape)
    at = (np.arange(size) + 0.5) * (right - left) / size
    rows, columns = np.floor(top + at).astype(int), np.floor(left + at).astype(int)
    nearest: np.ndarray = ids[rows[:, None], columns]
    return nearest


def _resized(values: np.ndarray, size: int) -> np.ndarray:
    box = _square(values.shape[0], values.shape[1])
    picture = Image.fromarray(values.astype(np.float32))
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR, box=box))


def _square(height: int, width: int) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the largest centred square."""
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side


def _array(data: bytes, channels_first: bool) -> np.ndarray:
    values = read_npy(data)
    if values.dtype.kind not in "biuf":
        raise ValueError(f"an array of {values.dtype}, not of numbers")
    if values.ndim not in (2, 3) or 0 in values.shape:
        raise ValueError(f"an array of shape {values.shape}, not [H, W] or [H, W, C]")
    if values.ndim == 2:
        return values[..., None]
    return np.moveaxis(values, 0, 2) if channels_first else values


def _check_suffix(suffix: str) -> None:
    if suffix in LOSSY:
        raise ValueError(f"{suffix} does not keep numbers as they are; save a PNG")


def _check_mode(image: Image.Image, data: bytes, modes: frozenset[str]) -> None:
    if image.mode not in modes:
        raise ValueError(f"a picture of mode {image.mode}, not one of {', '.join(sorted(modes))}")
    if image.mode == "RGB" and data.startswith(PNG) and data[BIT_DEPTH] > 8:
        # Pillow would silently drop the lower eight.
        raise ValueError("a colour PNG with 16 bits a channel; save it as .npy")

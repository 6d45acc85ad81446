"""From the bytes of an image file to pixels of one size."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import ExifTags, Image, ImageOps

from taskspace.layout.decoding import decoded_picture, decoding, refuse_empty
from taskspace_plugins.datasets.folders._cut_off import seems_cut_off
from taskspace_plugins.datasets.folders._white import grey_levels, is_deep, may_be_beyond

UNREADABLE = (OSError, ValueError)
"""What reading a file raises that is no image, or no whole one; see `taskspace.layout.decoding`."""

SIDEWAYS = frozenset({5, 6, 7, 8})
"""The orientations of EXIF that swap height and width."""


def verify(data: bytes, white: float | None = None) -> None:
    """Raise one of `UNREADABLE` if `data` is no image; much cheaper than decoding it.

    Only what seems cut off, or may hold numbers beyond black and white, is decoded.
    """
    refuse_empty(data)
    with decoding(), Image.open(io.BytesIO(data)) as image:
        mode = image.mode
        image.verify()
    if seems_cut_off(data) or may_be_beyond(mode):
        with decoded_picture(data) as image:
            if may_be_beyond(mode):
                grey_levels(image, white)


def upright_size(data: bytes) -> tuple[int, int]:
    """Return height and width once the camera's orientation (EXIF) is applied."""
    with decoding(), Image.open(io.BytesIO(data)) as image:
        # To look for an orientation that is not there, Pillow decodes the whole of a PNG.
        oriented = image.format != "PNG" or b"eXIf" in data
        turned = oriented and image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
        return (image.width, image.height) if turned else (image.height, image.width)


def decode(data: bytes, size: int, channels: int, white: float | None = None) -> np.ndarray:
    """Return pixels uint8 [channels, size, size].

    The camera's orientation (EXIF) is applied, transparent pixels are laid over white, the largest
    centred square is taken and resized with an antialiasing bilinear filter. Of an animation, the
    first frame counts. `white` is the stored number that is 255 in grey of more than 8 bits, see
    `grey_levels`.

    Raises:
        One of `UNREADABLE`.
    """
    with decoded_picture(data) as opened:
        image = _flat(ImageOps.exif_transpose(opened), "L" if channels == 1 else "RGB", white)
        square = ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
    return np.asarray(square).reshape(size, size, channels).transpose(2, 0, 1)


def decode_boxes(data: bytes, boxes: Sequence[tuple[int, int, int, int]], size: int) -> np.ndarray:
    """Return the pixels in some boxes of an image, uint8 [boxes, 3, size, size].

    A whole box is scaled to the square, whatever its proportions, so that nothing at its sides is
    lost. Boxes count pixels as they are stored: the camera's orientation is not applied.

    Args:
        data: of an image file.
        boxes: left, top, right and bottom; what lies outside of the image is cut off.
        size: pixels a side.

    Raises:
        One of `UNREADABLE`: also for a box that has nothing of the image in it.
    """
    found = np.empty((len(boxes), 3, size, size), dtype=np.uint8)
    with decoded_picture(data) as opened:
        image = _flat(opened, "RGB")
    for place, (left, top, right, bottom) in enumerate(boxes):
        inside = max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height)
        if inside[0] >= inside[2] or inside[1] >= inside[3]:
            raise ValueError(
                f"it has {image.width}x{image.height} pixels, none of them in the box "
                f"{(left, top, right, bottom)}"
            )
        square = image.resize((size, size), Image.Resampling.BILINEAR, box=inside)
        found[place] = np.asarray(square).transpose(2, 0, 1)
    return found


def _flat(image: Image.Image, mode: str, white: float | None = None) -> Image.Image:
    if is_deep(image.mode):
        # Pillow's own conversion clips everything above 255.
        image = Image.fromarray(grey_levels(image, white))
    elif image.has_transparency_data:
        colours = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", colours.size, "white"), colours)
    return image.convert(mode)

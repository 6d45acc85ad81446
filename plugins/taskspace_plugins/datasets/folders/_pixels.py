"""From the bytes of an image file to pixels of one size."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import ExifTags, Image, ImageOps

EXTENSIONS = frozenset(
    {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)

UNREADABLE = (
    OSError,
    SyntaxError,  # Pillow: a broken PNG
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow raises for files that are not images, or not whole ones."""


SIDEWAYS = frozenset({5, 6, 7, 8})
"""The orientations of EXIF that swap height and width."""


def verify(data: bytes) -> None:
    """Raise one of `UNREADABLE` if `data` is no image; much cheaper than decoding it."""
    with Image.open(io.BytesIO(data)) as image:
        image.verify()


def upright_size(data: bytes) -> tuple[int, int]:
    """Return height and width once the camera's orientation (EXIF) is applied."""
    with Image.open(io.BytesIO(data)) as image:
        # To look for an orientation that is not there, Pillow decodes the whole of a PNG.
        oriented = image.format != "PNG" or b"eXIf" in data
        turned = oriented and image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
        return (image.width, image.height) if turned else (image.height, image.width)


def decode(data: bytes, size: int, channels: int) -> np.ndarray:
    """Return pixels uint8 [channels, size, size].

    The camera's orientation (EXIF) is applied, transparent pixels are laid over white, the largest
    centred square is taken and resized with an antialiasing bilinear filter. Of an animation, the
    first frame counts.

    Raises:
        One of `UNREADABLE`.
    """
    with Image.open(io.BytesIO(data)) as opened:
        image = _flat(ImageOps.exif_transpose(opened), "L" if channels == 1 else "RGB")
    square = ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
    return np.asarray(square).reshape(size, size, channels).transpose(2, 0, 1)


def _flat(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits; Pillow's own conversion clips everything above 255.
        grey = np.asarray(image).astype(np.float32) / 65535
        image = Image.fromarray((grey.clip(0, 1) * 255).round().astype(np.uint8))
    elif image.has_transparency_data:
        colours = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", colours.size, "white"), colours)
    return image.convert(mode)

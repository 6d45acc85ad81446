"""Image files that end too early, by their bytes alone: without decoding them."""

from __future__ import annotations

_START_OF_SCAN = 0xDA
_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_GIF_END = b"\x3b"


def seems_cut_off(data: bytes) -> bool:
    """Return whether an image file may end too early; decoding it tells for sure.

    JPEG has a marker at its end, GIF a byte, WebP and BMP say how long they are. Of other formats
    nothing is known. The cost is that of looking for two bytes.
    """
    if data.startswith(_JPEG):
        # A picture within the header (EXIF) has an end of its own.
        return data.find(_JPEG_END, _first_scan(data)) < 0
    if data.startswith(b"GIF8"):
        return not data.rstrip(b"\0").endswith(_GIF_END)
    if data.startswith(b"RIFF"):
        return len(data) < 8 + int.from_bytes(data[4:8], "little")
    return data.startswith(b"BM") and len(data) < int.from_bytes(data[2:6], "little")


def _first_scan(data: bytes) -> int:
    """Return where the pixels of a JPEG begin; the end where there are none."""
    at = len(_JPEG)
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == _START_OF_SCAN:
            return at
        # 0xFF may be repeated before a marker.
        at += 1 if data[at + 1] == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return len(data)

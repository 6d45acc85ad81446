"""What a file is by its first bytes, where its ending does not say it."""

from __future__ import annotations

from pathlib import Path

from taskspace.regular_file import regular_stream
from taskspace_plugins.datasets.folders.files._endings import readable_endings
from taskspace_plugins.datasets.folders.files._reasons import (
    ARCHIVE,
    DOCUMENT,
    EMPTY,
    FORMAT,
    UNKNOWN,
    VIDEO,
    Reason,
)

LENGTH = 64

_STARTS = (
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"GIF87a", ".gif"),
    (b"GIF89a", ".gif"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"BM", ".bmp"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", ".jp2"),
    (b"\xff\x4f\xff\x51", ".j2k"),
    (b"qoif", ".qoi"),
)
_OTHERS: tuple[tuple[bytes, Reason, str], ...] = (
    (b"\xff\x0a", FORMAT, "JPEG XL"),
    (b"\0\0\0\x0cJXL ", FORMAT, "JPEG XL"),
    (b"8BPS", FORMAT, "Photoshop"),
    (b"gimp xcf", FORMAT, "GIMP"),
    (b"%PDF", FORMAT, "PDF"),
    (b"%!PS", FORMAT, "PostScript"),
    (b"PK\x03\x04", ARCHIVE, "ZIP"),
    (b"\x1f\x8b", ARCHIVE, "GZ"),
    (b"7z\xbc\xaf", ARCHIVE, "7Z"),
    (b"Rar!", ARCHIVE, "RAR"),
    (b"\x1aE\xdf\xa3", VIDEO, "MKV"),
    (b"\x93NUMPY", DOCUMENT, "NPY"),
)
_HEIF = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})


def looked_into(path: Path) -> tuple[Reason, str] | None:
    """Return why a file is not read, and its format, from its first bytes.

    None where they are those of an image that can be read.
    """
    try:
        with regular_stream(path) as stream:
            head = stream.read(LENGTH)
    except OSError:
        return UNKNOWN, "cannot be opened"
    return EMPTY_FILE if not head else named_by(head)


EMPTY_FILE = (EMPTY, "")


def named_by(head: bytes) -> tuple[Reason, str] | None:
    """Return the same of the first bytes themselves, of which there is at least one."""
    ending = _image(head)
    if ending:
        return None if ending in readable_endings() else (FORMAT, ending[1:].upper())
    if head[4:8] == b"ftyp":
        return (FORMAT, "HEIC") if head[8:12] in _HEIF else (VIDEO, "MP4")
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return VIDEO, "AVI"
    for start, reason, form in _OTHERS:
        if head.startswith(start):
            return reason, form
    return (UNKNOWN, "") if b"\0" in head else (DOCUMENT, "text")


def _image(head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return ".avif"
    # Two letters begin many a text as well: a bitmap says its size, and four zeros follow.
    if head[:2] == b"BM" and head[6:10] != b"\0\0\0\0":
        return ""
    return next((ending for start, ending in _STARTS if head.startswith(start)), "")

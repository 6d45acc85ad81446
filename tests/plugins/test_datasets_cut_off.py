"""Photographs that end too early are found when a folder is opened, before anything is computed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders.image_folder import ImageFolder

KINDS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")


def picture(kind: str, **options: object) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def folder(root: Path, kind: str, data: bytes) -> ImageFolder:
    root.mkdir()
    for name, content in (("whole", picture(kind)), ("other", data)):
        (root / f"{name}.{kind.lower()}").write_bytes(content)
    return ImageFolder(root=root, size=8)


@pytest.mark.parametrize("left", [0.5, 0.9])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_off_is_named(tmp_path, kind, left):
    data = picture(kind)
    dataset = folder(tmp_path / "photos", kind, data[: int(left * len(data))])
    with pytest.raises(DataError, match=r"other\.\w+ \(.+\) cannot be read as an image\."):
        dataset.fingerprint()


def test_a_small_picture_in_the_header_is_no_end(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "\xff\xd9"  # a description that looks like an end
    data = picture("JPEG", exif=exif.tobytes() + b"\xff\xd8\xff\xd9")
    dataset = folder(tmp_path / "photos", "JPEG", data[: int(0.8 * len(data))])
    with pytest.raises(DataError, match="other"):
        dataset.fingerprint()


@pytest.mark.parametrize("after", [b"\0" * 64, b"SEFH trailer of a phone", b""])
@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_behind_the_end_is_no_fault(tmp_path, kind, after):
    assert folder(tmp_path / "photos", kind, picture(kind) + after).fingerprint()


def test_a_photograph_with_all_its_pixels_needs_no_end(tmp_path):
    data = picture("JPEG").removesuffix(b"\xff\xd9") + b"\0" * 4
    dataset = folder(tmp_path / "photos", "JPEG", data)
    try:
        dataset.read([0], {"image"})
    except DataError:
        with pytest.raises(DataError):
            dataset.fingerprint()
    else:
        assert dataset.fingerprint()

"""Files that are cut or altered are decoded or refused: no traceback, nothing in the terminal."""

from __future__ import annotations

import io
import random
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from taskspace.errors import DataError
from taskspace.layout.decoding import decoding
from taskspace_plugins.datasets.folders._pixels import (
    UNREADABLE,
    decode,
    decode_boxes,
    upright_size,
    verify,
)
from taskspace_plugins.datasets.folders.dense._label_arrays import (
    MAP_MODES,
    ids_of,
    numbers_of,
    shape_of,
    stored_ids,
)
from taskspace_plugins.datasets.folders.image_folder import ImageFolder

COLOURS = np.random.default_rng(0).integers(0, 256, (24, 31, 3), dtype=np.uint8)
GREY = COLOURS[..., 0]
DEEP = GREY.astype(np.uint16) * 257
ROUNDS = 60


def encoded(pixels: np.ndarray, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    if kind == "npy":
        np.save(stream, pixels)
    else:
        Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def with_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    return exif


def with_text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "words " * 20, zip=True)
    return info


WHOLE: dict[str, bytes] = {
    "png": encoded(COLOURS, "PNG", exif=with_exif(), pnginfo=with_text()),
    "png of 16 bits": encoded(DEEP, "PNG"),
    "jpeg": encoded(COLOURS, "JPEG", exif=with_exif()),
    "progressive jpeg": encoded(COLOURS, "JPEG", progressive=True),
    "gif": encoded(GREY, "GIF"),
    "bmp": encoded(COLOURS, "BMP"),
    "tiff": encoded(COLOURS, "TIFF", exif=with_exif()),
    "tiff lzw": encoded(COLOURS, "TIFF", compression="tiff_lzw"),
    "tiff deflate": encoded(DEEP, "TIFF", compression="tiff_adobe_deflate"),
    "tiff of floats": encoded(GREY.astype(np.float32) / 255, "TIFF"),
    "webp": encoded(COLOURS, "WEBP", exif=with_exif()),
    "lossless webp": encoded(COLOURS, "WEBP", lossless=True),
    "ppm": encoded(COLOURS, "PPM"),
    "pgm": encoded(GREY, "PPM"),
    "npy": encoded(GREY, "npy"),
    "npy of floats": encoded(COLOURS.astype(np.float32), "npy"),
}


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Cut the end off, or a piece out, or alter some bytes, most of them near the beginning."""
    kind, changed = draw.randrange(4), bytearray(data)
    if kind == 0:
        return data[: draw.randrange(len(data))]
    if kind == 1:
        first = draw.randrange(len(data))
        del changed[first : first + draw.randint(1, 40)]
        return bytes(changed)
    for _ in range(draw.randint(1, 6)):
        place = draw.randrange(min(len(data), 200) if kind == 2 else len(data))
        changed[place] = draw.randrange(256)
    return bytes(changed)


READERS: dict[str, Callable[[bytes, str], object]] = {
    "verify": lambda data, _: verify(data),
    "upright size": lambda data, _: upright_size(data),
    "image": lambda data, _: decode(data, 8, 3),
    "boxes": lambda data, _: decode_boxes(data, [(0, 0, 9, 9)], 8),
    "shape": lambda data, suffix: shape_of(data, suffix, MAP_MODES),
    "map": lambda data, suffix: numbers_of(data, suffix, MAP_MODES),
    "mask": lambda data, suffix: ids_of(stored_ids(data, suffix), 255),
}


@pytest.mark.parametrize("name", WHOLE)
def test_damaged_bytes_are_decoded_or_unreadable_and_nothing_is_printed(name: str, capfd) -> None:
    draw = random.Random(name)
    suffix = ".npy" if name.startswith("npy") else ".tif"
    outcomes = set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(ROUNDS):
            data = damaged(WHOLE[name], draw)
            for read in READERS.values():
                try:
                    read(data, suffix)
                except UNREADABLE as error:
                    assert str(error)
                    outcomes.add("unreadable")
                else:
                    outcomes.add("decoded")
    assert "unreadable" in outcomes
    captured = capfd.readouterr()
    assert not captured.out and not captured.err


NO_PIXELS = WHOLE["png"][:33] + WHOLE["png"][-12:]
BAD_ENDS = {
    "no pixels": (NO_PIXELS, "cannot load"),
    "cut off": (WHOLE["jpeg"][:-200], "truncated"),
    "header alone": (WHOLE["png"][:33], "damaged|truncated|not an image|image file"),
    "another file": (b"<html></html>", "not an image"),
    "empty": (b"", "the file is empty"),
}


@pytest.mark.parametrize("case", BAD_ENDS)
def test_an_unreadable_image_is_named_with_the_others(tmp_path, write_image, case: str) -> None:
    data, words = BAD_ENDS[case]
    write_image("good.png")
    (tmp_path / "bad.png").write_bytes(data)
    (tmp_path / "worse.png").write_bytes(b"text")
    with pytest.raises(DataError, match=rf"2 files.*bad\.png \(.*({words}).*worse\.png"):
        ImageFolder(root=tmp_path, size=8).read([0, 1, 2])


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("bad.jpg", WHOLE["jpeg"][:-200], "image file is truncated"),
        ("bad.png", WHOLE["png"][:-200], "image file is truncated"),
        ("bad.png", b"text", "not an image"),
        ("bad.png", b"", "the file is empty"),
    ],
)
def test_a_broken_image_has_one_reason_wherever_it_is_named(
    tmp_path, write_image, name, data, reason
):
    write_image("good.png")
    (tmp_path / name).write_bytes(data)
    dataset = ImageFolder(root=tmp_path, size=8)
    for act in (dataset.fingerprint, lambda: dataset.read([0, 1])):
        with pytest.raises(DataError) as caught:
            act()
        assert caught.value.what == f"{name} ({reason}) cannot be read as an image."
    (finding,) = ImageFolder(root=tmp_path, size=8, unreadable="skip").findings()
    assert finding.details == (f"{name}: {reason}",)


def test_a_png_without_pixels_is_named_before_anything_is_decoded(tmp_path, write_image) -> None:
    write_image("good.png")
    (tmp_path / "bad.png").write_bytes(NO_PIXELS)
    with pytest.raises(DataError, match=r"bad\.png \(damaged.*\) cannot be read as an image\."):
        ImageFolder(root=tmp_path, size=8).fingerprint()


@pytest.mark.parametrize(
    "raised", [IndexError("x"), AssertionError(), KeyError("x"), SystemError()]
)
def test_whatever_a_decoder_raises_is_one_kind_of_error(raised: Exception) -> None:
    with pytest.raises(ValueError, match=r"^damaged: \S"), decoding():
        raise raised


@pytest.mark.parametrize("raised", [MemoryError, KeyboardInterrupt, SystemExit])
def test_what_says_nothing_of_a_file_passes(raised: type[BaseException]) -> None:
    with pytest.raises(raised), decoding():
        raise raised


def test_a_program_that_is_called_like_an_image_is_not_run(tmp_path: Path, write_image) -> None:
    write_image("good.png")
    (tmp_path / "bad.png").write_bytes(encoded(COLOURS, "EPS"))
    with pytest.raises(DataError, match=r": bad\.png \(a program in PostScript"):
        ImageFolder(root=tmp_path, size=8).read([0, 1])


def test_a_large_image_gives_no_warning(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    with pytest.warns(Image.DecompressionBombWarning):
        Image.open(io.BytesIO(WHOLE["bmp"])).close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(WHOLE["bmp"], 4, 3).shape == (3, 4, 4)
        verify(WHOLE["bmp"])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    with pytest.raises(ValueError, match="decompression bomb"):
        decode(WHOLE["bmp"], 4, 3)

"""Images of more than 8 bits have a white level that is stated, usual, or asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders._white import grey_levels, likely_white
from taskspace_plugins.datasets.folders.image_folder import ImageFolder

SIZE = 8
RAMP = np.linspace(0, 1, SIZE * SIZE, dtype=np.float64).reshape(SIZE, SIZE)


@pytest.fixture
def stored(tmp_path: Path):
    """Return `stored(pixels, ...)`: a folder of two such images."""

    def make(pixels: np.ndarray, ending: str = "tif", **parameters) -> ImageFolder:
        for number in range(2):
            file = tmp_path / f"{number}.{ending}"
            Image.fromarray(pixels).save(file)
            file.write_bytes(file.read_bytes() + bytes(number))  # equal files are a finding
        return ImageFolder(root=tmp_path, size=SIZE, channels=1, **parameters)

    return make


def assert_is_the_ramp(dataset: ImageFolder) -> None:
    expected = torch.tensor(RAMP, dtype=torch.float32)
    torch.testing.assert_close(dataset.read([1])["image"][0, 0], expected, atol=1 / 255, rtol=0)


RANGES = {
    "floats from 0 to 1": (RAMP.astype(np.float32), {}),
    "floats from 0 to 255": ((RAMP * 255).astype(np.float32), {"white": 255}),
    "12 bits": ((RAMP * 4095).astype(np.uint16), {"white": 4095}),
    "16 bits": ((RAMP * 65535).astype(np.uint16), {}),
    "32 bits": ((RAMP * 70000).astype(np.int32), {"white": 70000}),
}


@pytest.mark.parametrize("case", RANGES)
def test_every_range_is_read_whole(stored, case: str) -> None:
    pixels, parameters = RANGES[case]
    dataset = stored(pixels, **parameters)
    assert_is_the_ramp(dataset)
    assert not dataset.findings()
    assert dataset.fingerprint()


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        ((RAMP * 255).astype(np.float32), "reach 255, where white is 1; .* to 255"),
        ((RAMP * 3000).astype(np.float32), "reach 3000, where white is 1; .* to 4095"),
        ((RAMP * 70000).astype(np.int32), "reach 70000, where white is 65535; .* to 131071"),
        ((RAMP - 0.5).astype(np.float32), "begin at -0.5"),
        ((RAMP * 4000 - 1024).astype(np.int32), "begin at -1024"),
        (np.where(RAMP > 0.5, np.nan, RAMP).astype(np.float32), "NaN"),
    ],
    ids=["floats of 8 bits", "floats of 12", "32 bits", "negative", "tomography", "not finite"],
)
def test_numbers_beyond_black_and_white_are_refused_before_they_are_read(
    stored, pixels: np.ndarray, words: str
) -> None:
    dataset = stored(pixels)
    for attempt in (dataset.fingerprint, lambda: dataset.read([0, 1])):
        with pytest.raises(DataError, match=rf"2 files.*0\.tif \(its? .*{words}"):
            attempt()


def test_the_advice_of_the_refusal_ends_in_success(stored) -> None:
    assert_is_the_ramp(stored((RAMP * 255).astype(np.float32), white=likely_white(255)))


@pytest.mark.parametrize(
    ("pixels", "ending", "largest", "white"),
    [
        ((RAMP * 4021).astype(np.uint16), "png", "4,021", "4095"),
        ((RAMP * 1000).astype(np.uint16), "tif", "1,000", "1023"),
        ((RAMP * 16000).astype(np.int32), "tif", "16,000", "16383"),
        ((RAMP * 0.1).astype(np.float32), "tif", "0.1", "0.1"),
    ],
)
def test_dark_images_are_said_with_their_largest_number(
    stored, pixels: np.ndarray, ending: str, largest: str, white: str
) -> None:
    findings = stored(pixels, ending).findings()
    assert [finding.code for finding in findings] == ["images-dark"]
    assert f"in 2 images of more than 8 bits is {largest}," in findings[0].text
    assert f"Set `white`, for example to {white}." in findings[0].text
    assert not stored(pixels, ending, white=float(white)).findings()


def test_numbers_beyond_a_stated_white_are_white_and_said(stored) -> None:
    dataset = stored(np.full((SIZE, SIZE), 5000, np.uint16), white=4095)
    assert (dataset.read([0])["image"] == 1).all()
    assert [finding.code for finding in dataset.findings()] == ["images-beyond-white"]


def test_white_is_no_matter_of_images_of_8_bits(stored) -> None:
    dataset = stored((RAMP * 60).astype(np.uint8), "png", white=4095)
    assert not dataset.findings()
    assert dataset.read([0])["image"].max() == 60 / 255


def test_dark_colours_of_16_bits_are_said(tmp_path: Path) -> None:
    import struct
    import zlib

    rows = b"".join(b"\0" + np.full((4, 3), 4000, ">u2").tobytes() for _ in range(4))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    findings = ImageFolder(root=tmp_path, size=4).findings()
    assert [finding.code for finding in findings] == ["images-colour-depth"]
    assert "in 1 images they reach 15 of 255" in findings[0].text


def test_unreadable_images_are_left_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"text")
    assert not ImageFolder(root=tmp_path, size=4).findings()


def test_only_a_stated_white_is_in_keys(stored) -> None:
    pixels = (RAMP * 65535).astype(np.uint16)
    usual, stated = stored(pixels), stored(pixels, white=4095)
    assert "white" not in usual.identity() and stated.identity()["white"] == 4095
    assert usual.fingerprint() != stated.fingerprint()


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 2.0**31), st.integers(0, 2**32 - 1))
def test_levels_grow_with_numbers_and_white_is_255(white: float, seed: int) -> None:
    numbers = np.sort(np.random.default_rng(seed).uniform(0, white, 16)).astype(np.float32)
    numbers[0], numbers[-1] = 0, white
    levels = grey_levels(Image.fromarray(numbers.reshape(4, 4)), white).ravel().astype(int)
    assert levels[0] == 0 and levels[-1] == 255 and (np.diff(levels) >= 0).all()
    assert likely_white(white) >= white * 0.99

"""Stored numbers of maps: where their channels are, and which of them mean missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders.dense._extremes import extremes_of
from taskspace_plugins.datasets.folders.image_folder import ImageFolder

HEIGHT, WIDTH = 12, 18
DRAW = np.random.default_rng(0)


@pytest.fixture
def mapped(tmp_path: Path, write_image):
    """Return `mapped(*maps, ...)`: a folder of images [HEIGHT, WIDTH] with a map each."""

    def make(*maps: np.ndarray, ending: str = "png", size: int = HEIGHT, **spec) -> ImageFolder:
        (tmp_path / "d").mkdir(exist_ok=True)
        for number, values in enumerate(maps):
            write_image(f"{number}.png", HEIGHT, WIDTH, number)
            if ending == "npy":
                np.save(tmp_path / f"d/{number}.npy", values)
            else:
                Image.fromarray(values).save(tmp_path / f"d/{number}.{ending}")
        return ImageFolder(root=tmp_path, size=size, maps={"depth": {"folder": "d", **spec}})

    return make


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 16])
def test_channels_in_front_are_read_as_those_at_the_end(mapped, channels: int) -> None:
    values = DRAW.random((HEIGHT, WIDTH, channels), dtype=np.float32)
    last = mapped(values, values, ending="npy").read([0, 1])["depth"]
    dataset = mapped(*(2 * [values.transpose(2, 0, 1)]), ending="npy")
    assert dataset.fields()["depth"].shape == (channels, HEIGHT, HEIGHT)
    assert dataset.fingerprint()
    assert torch.equal(dataset.read([0, 1])["depth"], last)


def test_an_array_that_fits_both_orders_has_its_channels_at_the_end(tmp_path, write_image) -> None:
    write_image("x.png", 4, 4)
    (tmp_path / "d").mkdir()
    values = np.arange(64, dtype=np.float32).reshape(4, 4, 4)
    np.save(tmp_path / "d/x.npy", values)
    read = ImageFolder(root=tmp_path, size=4, maps={"d": "d"}).read([0])["d"][0]
    assert read.tolist() == values.transpose(2, 0, 1).tolist()


@pytest.mark.parametrize("shape", [(3, 7, 20), (5, 5, 5), (9, 40, 2)])
def test_an_array_that_fits_no_order_is_refused_with_where_channels_are(mapped, shape) -> None:
    dataset = mapped(np.zeros(shape), ending="npy")
    words = r"pixels for an image of 18x12, read as \[H, W, C\]: the channels of an array come last"
    with pytest.raises(DataError, match=words):
        dataset.fingerprint()


def test_arrays_of_both_orders_in_one_folder_are_refused(mapped) -> None:
    values = np.zeros((HEIGHT, WIDTH, 3))
    dataset = mapped(values.transpose(2, 0, 1), values, ending="npy")
    with pytest.raises(DataError, match=r"1\.npy \("):
        dataset.fingerprint()


def depths(kind: type, lowest: int, highest: int, odd: int, share: float = 0.2) -> np.ndarray:
    values = DRAW.integers(lowest, highest, (HEIGHT, WIDTH)).astype(kind)
    values[DRAW.random((HEIGHT, WIDTH)) < share] = odd
    return values


@pytest.mark.parametrize(
    ("kind", "lowest", "highest", "odd", "ending"),
    [
        (np.uint16, 500, 5000, 0, "png"),
        (np.uint16, 500, 5000, 65535, "png"),
        (np.uint8, 40, 200, 0, "png"),
        (np.uint8, 10, 200, 255, "png"),
        (np.float32, 2, 30, 0, "npy"),
        (np.int32, 300, 9000, 0, "npy"),
    ],
)
def test_an_end_of_the_range_that_stands_apart_may_mean_missing(
    mapped, kind, lowest, highest, odd, ending
) -> None:
    maps = [depths(kind, lowest, highest, odd) for _ in range(3)]
    (finding,) = mapped(*maps, ending=ending).findings()
    share = np.mean([each == odd for each in maps])
    assert finding.tone == "warning"
    assert f"`depth`: {100 * share:.0f} % of the pixels of 3 maps are {odd}," in finding.text
    assert f"Set `missing: {odd}` where it means missing." in finding.text
    assert not mapped(*maps, ending=ending, missing=odd).findings()


UNREMARKABLE = {
    "heat that is mostly 0": DRAW.integers(0, 5000, (HEIGHT, WIDTH)).astype(np.uint16)
    * (DRAW.random((HEIGHT, WIDTH)) < 0.3),
    "a whole range": DRAW.integers(0, 65536, (HEIGHT, WIDTH)).astype(np.uint16),
    "two levels": np.where(DRAW.random((HEIGHT, WIDTH)) < 0.5, 0, 255).astype(np.uint8),
    "nothing at the ends": depths(np.uint16, 500, 5000, 600),
    "constant": np.zeros((HEIGHT, WIDTH), np.uint16),
}


@pytest.mark.parametrize("case", UNREMARKABLE)
def test_maps_that_go_up_to_their_ends_give_no_finding(case: str) -> None:
    dense = np.arange(200, dtype=np.uint16)
    maps = [UNREMARKABLE[case]]
    if case.startswith("heat"):
        maps.append(dense)
    assert not extremes_of(maps, None)


def test_both_ends_are_said_and_a_known_one_is_not() -> None:
    values = np.concatenate([np.arange(500, 900), np.zeros(50), np.full(50, 65535)])
    maps = [values.astype(np.uint16)]
    assert [extreme.number for extreme in extremes_of(maps, None)] == [0, 65535]
    assert [extreme.number for extreme in extremes_of(maps, 65535)] == [0]
    assert not extremes_of([], None)


@pytest.mark.parametrize(("odd", "size"), [(0, 5), (65535, 7), (9, 20)])
def test_missing_is_taken_out_before_maps_are_resized(mapped, odd: int, size: int) -> None:
    maps = [depths(np.uint16, 1000, 1010, odd, 0.3) for _ in range(2)]
    read = mapped(*maps, size=size, missing=odd).read([0, 1])["depth"]
    known = read[~read.isnan()]
    assert known.numel() and known.min() >= 999.9 and known.max() <= 1010.1

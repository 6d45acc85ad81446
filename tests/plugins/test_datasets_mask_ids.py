"""Which ids of masks are classes, what is missing, and that a reader is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders.dense._label_arrays import MOST_CLASSES
from taskspace_plugins.datasets.folders.dense._mask_ids import IdCounts, class_ids
from taskspace_plugins.datasets.folders.image_folder import ImageFolder

SIZE = 8


@pytest.fixture
def masked(tmp_path: Path, write_image):
    """Return `masked(ids, ...)`: a folder with an image for each mask [SIZE, SIZE]."""

    def make(*masks: np.ndarray, missing: object = "default", ending: str = "png") -> ImageFolder:
        (tmp_path / "m").mkdir(exist_ok=True)
        for number, mask in enumerate(masks):
            write_image(f"{number}.png", SIZE, SIZE, number)
            if ending == "npy":
                np.save(tmp_path / f"m/{number}.npy", mask)
            else:
                Image.fromarray(mask).save(tmp_path / f"m/{number}.{ending}")
        given = {} if missing == "default" else {"missing": missing}
        return ImageFolder(root=tmp_path, size=SIZE, masks={"semantic": {"folder": "m", **given}})

    return make


def halves(left: int, right: int, kind: type = np.uint8) -> np.ndarray:
    ids = np.full((SIZE, SIZE), left, kind)
    ids[:, SIZE // 2 :] = right
    return ids


def texts(dataset: ImageFolder) -> list[str]:
    return [finding.text for finding in dataset.findings()]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int64])
def test_masks_of_0_and_255_say_how_255_becomes_a_class(masked, kind: type) -> None:
    ending = "npy" if kind is np.int64 else "png"
    dataset = masked(halves(0, 255, kind), halves(0, 0, kind), ending=ending)
    with pytest.raises(DataError, match=r"one class, '0': 25 % of their pixels are 255") as caught:
        dataset.fields()
    assert "set `missing: null`" in str(caught.value)


@pytest.mark.parametrize("missing", [None, -1, 254])
def test_255_is_a_class_where_another_id_or_none_is_missing(masked, missing: int | None) -> None:
    dataset = masked(halves(0, 255), halves(255, 0), missing=missing)
    assert dataset.fields()["semantic"].classes == ("0", "255")
    ids = dataset.read([0, 1])["semantic"]
    assert (ids[0, :, :4] == 0).all() and (ids[0, :, 4:] == 1).all()
    assert (ids[1] == 1 - ids[0]).all()
    assert dataset.fingerprint()
    assert not any("missing" in text for text in texts(dataset))


def test_what_is_missing_is_counted_and_said(masked) -> None:
    border = halves(0, 1)
    border[0] = 255
    dataset = masked(border, halves(1, 2))
    assert texts(dataset) == [
        "Masks `semantic`: 6 % of the pixels are 255, which means missing. Set `missing: null` "
        "(or another id) where 255 is a class."
    ]
    assert dataset.findings()[0].tone == "note"


def test_much_of_255_is_a_warning_and_a_stated_id_is_none(masked) -> None:
    masks = halves(0, 255), halves(1, 255)
    assert [finding.tone for finding in masked(*masks).findings()] == ["warning"]
    zero = [np.where(mask == 255, 0, mask + 1).astype(np.uint8) for mask in masks]
    stated = masked(*zero, missing=0).findings()
    assert [(f.tone, f.text) for f in stated] == [
        ("note", "Masks `semantic`: 50 % of the pixels are 0, which means missing.")
    ]


def test_which_ids_became_classes_is_said_where_there_are_gaps(masked) -> None:
    (finding,) = masked(halves(10, 20), halves(20, 10)).findings()
    assert (finding.code, finding.tone) == ("masks-ids", "note")


def test_masks_without_missing_pixels_and_gaps_give_no_finding(masked) -> None:
    assert not masked(halves(0, 1), halves(1, 2)).findings()


@pytest.mark.parametrize(
    ("ids", "classes"),
    [
        ((10, 20), ("10", "20")),
        ((0, 254), ("0", "254")),
        ((7, 4000), ("7", "4000")),
        ((0, 2), ("0", "1", "2")),
        ((1, 2), ("0", "1", "2")),
    ],
)
def test_ids_that_mostly_do_not_occur_are_no_classes(masked, ids, classes) -> None:
    dataset = masked(halves(*ids, np.uint16))
    field = dataset.fields()["semantic"]
    assert field.classes == classes
    read = dataset.read([0])["semantic"][0]
    assert [classes[n] for n in (read[0, 0], read[0, -1])] == [str(number) for number in ids]
    codes = {finding.code for finding in dataset.findings()}
    assert ("masks-ids" in codes) == (len(classes) == 2)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, MOST_CLASSES - 1), max_size=40))
def test_every_id_that_occurs_is_a_class_and_no_id_is_one_twice(occurring: set[int]) -> None:
    ids = np.array(sorted(occurring), dtype=np.int64).reshape(1, -1)
    classes = class_ids(IdCounts.of(ids, ids, None))
    assert occurring <= set(classes)
    assert list(classes) == sorted(set(classes))
    assert len(classes) <= 2 * len(occurring)


def test_named_classes_say_that_255_is_stored_as_its_line(masked, tmp_path: Path) -> None:
    dataset = masked(halves(0, 255), halves(0, 255))
    (tmp_path / "m/classes.txt").write_text("ground\nroof\n")
    assert dataset.fields()["semantic"].classes == ("ground", "roof")
    assert texts(dataset) == [
        "Masks `semantic`: 50 % of the pixels of 2 masks are 255, which means missing. Where 255 "
        "is a class, store it as 0, 1, ..., its line in classes.txt."
    ]


def test_an_id_that_appears_later_is_named(masked, tmp_path: Path) -> None:
    dataset = masked(halves(10, 20))
    assert dataset.fields()["semantic"].classes == ("10", "20")
    Image.fromarray(halves(10, 15)).save(tmp_path / "m/0.png")
    with pytest.raises(DataError, match=r"0\.png \(id 15, where there are 2 classes"):
        dataset.read([0])


def test_an_id_too_large_can_be_said_to_be_missing(masked) -> None:
    masks = [halves(0, 65535, np.uint16), halves(1, 65535, np.uint16)]
    with pytest.raises(DataError, match=r"id 65535, and classes .* `missing` says"):
        masked(*masks).fields()
    assert masked(*masks, missing=65535).fields()["semantic"].classes == ("0", "1")


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.bool_])
def test_a_mask_of_one_channel_in_front_is_read(masked, kind: type) -> None:
    dataset = masked(halves(0, 1).astype(kind)[None], ending="npy")
    assert dataset.read([0])["semantic"][0, 0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_missing_is_null_in_a_job_and_in_keys(masked) -> None:
    dataset = masked(halves(0, 255), missing=None)
    assert dataset.identity()["masks"] == {"semantic": {"missing": None}}
    again = ImageFolder.model_validate(json.loads(dataset.model_dump_json()))
    assert again.fingerprint() == dataset.fingerprint()
    assert masked(halves(0, 255), missing=254).fingerprint() != dataset.fingerprint()
    with pytest.raises(pydantic.ValidationError):
        masked(halves(0, 255), missing=-2)

"""Which file holds the mask or map of an image: by a pattern of names, or a proposal of one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pydantic
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders.files._label_names import name_of_label, propose_names
from taskspace_plugins.datasets.folders.image_folder import ImageFolder


def folder(root: Path, **parameters) -> ImageFolder:
    return ImageFolder(root=root, **{"size": 8, **parameters})


def mask(path: Path, number: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, np.full((8, 8), number))
    else:
        Image.new("L", (8, 8), number).save(path)


@pytest.fixture
def plant(tmp_path, write_image):
    """Write images and masks; a mask holds its place in the list."""

    def write(images: list[str], masks: list[str]) -> Path:
        for seed, name in enumerate(images):
            write_image(f"data/{name}", 8, 8, seed)
        for number, name in enumerate(masks):
            mask(tmp_path / "data" / name, number)
        return tmp_path / "data"

    return write


def ids(dataset: ImageFolder, name: str = "semantic") -> list[int]:
    return dataset.read(range(dataset.length()), {name})[name][:, 0, 0].tolist()


LAYOUTS = {
    "suffix": ("{stem}_mask.png", ["a.png", "b.jpg"], ["a_mask.png", "b_mask.png"]),
    "prefix": ("m_{stem}.tif", ["a.png", "b.jpg"], ["m_a.tif", "m_b.tif"]),
    "any ending": ("{stem}_mask", ["a.png", "b.jpg"], ["a_mask.npy", "b_mask.tif"]),
    "nested": ("{path}_gt.png", ["x/a.png", "y/a.png"], ["x/a_gt.png", "y/a_gt.png"]),
    "nested prefix": ("{folder}/m_{stem}.png", ["x/a.png", "c.png"], ["x/m_a.png", "m_c.png"]),
    "flat": ("{stem}.png", ["x/a.png", "y/b.png"], ["a.png", "b.png"]),
    "whole name": ("{name}.png", ["a.png", "a.jpg"], ["a.png.png", "a.jpg.png"]),
    "number": ("mask_{number}.png", ["img_007.png", "img_8.png"], ["mask_007.png", "mask_8.png"]),
    "folders": ("{stem}/mask.png", ["a.png", "b.png"], ["a/mask.png", "b/mask.png"]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_pattern_says_which_mask_is_whose(plant, layout):
    pattern, images, masks = LAYOUTS[layout]
    root = plant([f"images/{name}" for name in images], [f"masks/{name}" for name in masks])
    dataset = folder(root / "images", masks={"semantic": {"folder": "../masks", "name": pattern}})
    order = sorted(images)
    assert ids(dataset) == [images.index(name) for name in order]
    codes = {finding.code for finding in dataset.findings()}
    assert codes <= {"names-differ-in-ending"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_pattern_that_is_proposed_fits(plant, layout):
    _, images, masks = LAYOUTS[layout]
    if layout == "flat":
        masks = [f"deep/{name}" for name in masks]
    root = plant([f"images/{name}" for name in images], [f"masks/{name}" for name in masks])
    with pytest.raises(DataError) as caught:
        folder(root / "images", masks={"semantic": "../masks"}).fields()
    advised = re.search(r"Set `(.*?)`: it fits (\d) of 2 files and 2 images", str(caught.value))
    assert advised, caught.value
    dataset = folder(root / "images", **yaml.safe_load(advised[1]))
    assert sum(number >= 0 for number in ids(dataset)) == int(advised[2])
    if layout != "nested prefix":
        assert advised[2] == "2"


def test_advice_for_maps_is_a_map(plant):
    root = plant(["i/1.png", "i/2.png"], ["d/1_depth.png", "d/2_depth.png"])
    with pytest.raises(DataError, match=r"Set `maps: \{z: \{folder: \.\./d, name: '\{stem\}_depth"):
        folder(root / "i", maps={"z": "../d"}).fields()


def test_names_that_have_nothing_in_common_get_the_usual_advice(plant):
    root = plant(["i/cat.png", "i/dog.png"], ["m/x.png", "m/y.png"])
    with pytest.raises(DataError, match=r"'x\.png', 'y\.png'.*Give each the relative path"):
        folder(root / "i", masks={"m": "../m"}).fields()


def test_masks_of_no_image_and_images_without_one_are_counted(plant):
    root = plant([f"i/{n}.png" for n in range(5)], [f"m/{n}.png" for n in (1, 2, 3, 8)])
    (root / "m/notes.txt").write_text("x")
    (root / "m/0").write_text("x")
    (root / "m/classes.txt").write_text("a\nb\nc\nd\n")
    dataset = folder(root / "i", masks={"semantic": "../m"})
    assert "0, because its ending is not one of maps and masks" in dataset.findings()[-2].text
    told = {finding.code: finding for finding in dataset.findings()}
    assert ids(dataset) == [-1, 0, 1, 2, -1]
    assert told["labels-without-image"].tone == "warning"
    assert "1 file of 'semantic', 8.png," in told["labels-without-image"].text
    assert "2 images of 5 have no file" in told["images-without-label"].text
    assert "0.png, 4.png" in told["images-without-label"].text
    assert "notes.txt" in told["files-not-read"].text
    assert "classes.txt" not in told["files-not-read"].text


def test_a_pattern_that_fits_few_is_answered_with_a_better_one(plant):
    images = [f"i/{n}.png" for n in range(6)]
    root = plant([*images, "i/0_m.png"], [f"m/{n}_m.png" for n in range(6)])
    with pytest.raises(DataError, match=r"name: '\{stem\}_m\.png'\}\}`: it fits 6 of 6 files"):
        folder(root / "i", masks={"semantic": "../m"}).fields()


@pytest.mark.parametrize("name", ["{path}", "{stem}_mask.png"])
def test_images_and_masks_in_folders_of_one_root_get_another_root(plant, name):
    """The folder above `images` and `masks` is taken for that of the images."""
    images = [f"images/{kind}/{kind}{n}.png" for kind in "ab" for n in range(2)]
    masks = [f"masks/{kind}/{kind}{n}_mask.png" for kind in "ab" for n in range(2)]
    root = plant(images, masks)
    with pytest.raises(DataError) as caught:
        folder(root, masks={"semantic": {"folder": "masks", "name": name}}).fields()
    advised = re.search(r"Set `root` to its subfolder '(.*?)' and `(.*?)`: it", caught.value.advice)
    dataset = folder(root / advised[1], **yaml.safe_load(advised[2]))
    assert ids(dataset) == [0, 1, 2, 3]
    assert dataset.fields()["class"].classes == ("a", "b")


def test_a_pattern_that_is_written_is_not_advised_but_explained(plant):
    root = plant(["i/x/1.png", "i/2.png"], ["m/what.png"])
    with pytest.raises(DataError) as caught:
        folder(root / "i", masks={"m": {"folder": "../m", "name": "{stem}_mask.png"}}).fields()
    assert caught.value.advice == (
        "By the pattern '{stem}_mask.png' the file of the image '2.png' is called '2_mask.png' in "
        "this folder. Rename the files, or change `name`."
    )


def test_what_is_advised_about_255_keeps_the_pattern(plant):
    root = plant(["i/1.png", "i/2.png"], ["m/1_m.png", "m/2_m.png"])
    mask(root / "m/2_m.png", 255)
    said = {"folder": "../m", "name": "{stem}_m.png"}
    with pytest.raises(DataError) as caught:
        folder(root / "i", masks={"semantic": said}).fields()
    advised = re.search(r"`missing: null`: `(.*?)`", caught.value.advice)
    followed = yaml.safe_load(advised[1])
    assert followed == said | {"missing": None}
    assert ids(folder(root / "i", masks={"semantic": followed})) == [0, 1]


def test_masks_among_the_images_are_questioned_and_can_be_told_apart(plant):
    images = [f"{kind}/{n}.png" for kind in "ab" for n in range(3)]
    root = plant(images, [name.replace(".png", "_mask.png") for name in images])
    (finding,) = (f for f in folder(root).findings() if f.code == "labels-among-images")
    assert finding.text.startswith("6 images are called like another with '_mask' behind it.")
    advised = re.search(r"set `(.*?)`", finding.text)
    dataset = folder(root, **yaml.safe_load(advised[1]))
    assert dataset.length() == 6 and ids(dataset) == [0, 1, 2, 3, 4, 5]
    assert dataset.findings() == ()
    assert dataset.fields()["class"].classes == ("a", "b")


def test_arrays_among_the_images_are_no_unread_files(plant):
    root = plant(["1.png", "2.png"], ["1_d.npy", "2_d.npy"])
    dataset = folder(root, maps={"z": {"folder": ".", "name": "{stem}_d.npy"}})
    assert dataset.findings() == ()
    assert dataset.read([1])["z"].mean() == 1


@pytest.mark.parametrize("said", ["..", "."])
def test_a_folder_of_images_without_a_pattern_is_refused_with_one(plant, said):
    root = plant(["i/1.png"], ["i/1_mask.png"])
    with pytest.raises(DataError, match=r"themselves.*name: '\{path\}_mask\.png'"):
        folder(root / "i", masks={"m": said}).fields()


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{steam}.png", "there is no {steam}"),
        ("mask.png", "all would share"),
        ("{folder}/mask.png", "all would share"),
        ("{stem.png", "brace"),
        ("{stem}}.png", "brace"),
        ("{}.png", "there is no {}"),
    ],
)
def test_patterns_are_checked(tmp_path, pattern, words):
    with pytest.raises(pydantic.ValidationError, match=re.escape(words)):
        folder(tmp_path, masks={"m": {"folder": "m", "name": pattern}})


def test_two_images_of_one_label_are_refused(plant):
    root = plant(["i/x/1.png", "i/y/1.png"], ["m/1.png"])
    with pytest.raises(DataError, match=r"share their labels.*`\{path\}`"):
        folder(root / "i", masks={"m": {"folder": "../m", "name": "{stem}.png"}}).fields()


def test_two_images_of_one_name_without_a_label_are_no_trouble(plant):
    root = plant(["i/1.png", "i/1.jpg", "i/2.png"], ["m/2.png"])
    assert folder(root / "i", masks={"m": "../m"}).length() == 3


def test_patterns_are_no_part_of_the_keys(plant):
    root = plant(["i/1.png", "i/2.png"], ["m/1.png", "m/2.png"])
    plain = folder(root / "i", masks={"semantic": "../m"}).identity()
    for name in ("1", "2"):
        (root / f"m/{name}.png").rename(root / f"m/{name}_m.png")
    said = {"folder": "../m", "name": "{stem}_m.png"}
    assert "name" not in plain["masks"]["semantic"]
    spec = folder(root / "i", masks={"semantic": said}).identity()
    assert spec["fingerprint"] == plain["fingerprint"]
    assert set(spec["masks"]["semantic"]) == {"missing"}


NAME = st.text("abc01_", min_size=1, max_size=5)


@given(
    st.sets(NAME, min_size=2, max_size=6), st.text("xyz-", max_size=3), st.text("xyz-", max_size=3)
)
def test_what_is_added_to_every_name_is_proposed(stems, before, after):
    images = [f"{stem}.jpg" for stem in sorted(stems)]
    labels = [f"{before}{stem}{after}.png" for stem in sorted(stems)]
    proposal = propose_names(images, labels)
    assert proposal is not None and proposal.fits == len(stems)
    assert {name_of_label(proposal.pattern, image) for image in images} == set(labels)

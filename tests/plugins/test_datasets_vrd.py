"""StanfordVRD is read as triplets, each with the box around both things."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from composed_files import OBJECTS, RELATIONS, relation, write_vrd
from taskspace.errors import DataError
from taskspace_plugins.datasets.compositional.stanford_vrd import StanfordVrd
from taskspace_plugins.datasets.folders._pixels import decode_boxes


@pytest.fixture
def root(tmp_path):
    return write_vrd(tmp_path)


def vrd(root) -> StanfordVrd:
    return StanfordVrd(root=root, size=8)


def refused(root) -> DataError:
    with pytest.raises(DataError) as error:
        vrd(root).fingerprint()
    return error.value


def shown(dataset, row: int) -> str:
    sample, fields = dataset.read([row]), dataset.fields()
    return " | ".join(fields[name].classes[int(sample[name][0])] for name in dataset.word_fields())


def test_a_relation_is_an_image_with_three_words(root):
    dataset = vrd(root)
    assert dataset.word_fields() == ("subject", "predicate", "object")
    assert [shown(dataset, row) for row in range(5)] == [
        "person | next to | traffic light",
        "person | wear | shirt",
        "shirt | next to | grass",
        "person | next to | grass",
        "person | wear | shirt",
    ]
    assert dataset.parts() == ("train", "train", "train", "test", "test")
    assert dataset.read([4, 0])["image"].shape == (2, 3, 8, 8)


def test_triplets_of_training_are_seen_and_those_of_testing_may_be(root):
    parts = vrd(root).compositions().parts
    assert set(parts["train"]) == {
        ("person", "next to", "traffic light"),
        ("person", "wear", "shirt"),
        ("shirt", "next to", "grass"),
    }
    assert set(parts["test"]) == {("person", "wear", "shirt"), ("person", "next to", "grass")}


def test_the_image_is_the_box_around_both_things(root):
    dataset = vrd(root)
    # Boxes are [top, bottom, left, right]: of rows 2 to 12 and columns 1 to 9.
    whole = Image.open(root / "sg_dataset/sg_train_images/1.jpg").convert("RGB")
    box = whole.resize((8, 8), Image.Resampling.BILINEAR, box=(1, 2, 9, 12))
    pixels = torch.from_numpy(np.asarray(box).transpose(2, 0, 1).copy()).float() / 255
    assert torch.equal(dataset.read([0])["image"][0], pixels)


def test_a_box_is_cut_off_at_the_edge_and_refused_beyond_it(root):
    data = (root / "sg_dataset/sg_train_images/1.jpg").read_bytes()
    inside, across = decode_boxes(data, [(0, 0, 20, 16), (-3, -1, 99, 20)], 8)
    assert (inside == across).all()
    with pytest.raises(ValueError, match="20x16 pixels, none of them in the box"):
        decode_boxes(data, [(20, 0, 25, 16)], 8)


def test_files_with_another_ending_than_annotations_say_are_found(root):
    folder = root / "sg_dataset/sg_train_images"
    before = vrd(root).read([0])["image"]
    Image.open(folder / "1.jpg").save(folder / "1.png")
    (folder / "1.jpg").unlink()
    assert torch.equal(vrd(root).read([0])["image"], before)


def test_the_order_of_annotations_does_not_matter(root):
    before = vrd(root).fingerprint()
    turned = {name: listed[::-1] for name, listed in reversed(RELATIONS["train"].items())}
    (root / "annotations_train.json").write_text(json.dumps(turned))
    assert vrd(root).fingerprint() == before


def test_another_box_is_another_dataset(root, tmp_path):
    before = vrd(root).fingerprint()
    moved = relation("person", "next to", "traffic light", ([2, 8, 1, 5], [4, 12, 3, 8]))
    changed = {"train": RELATIONS["train"] | {"1.jpg": [moved]}, "test": RELATIONS["test"]}
    assert vrd(write_vrd(tmp_path, changed)).fingerprint() != before


BOXES = ([2, 8, 1, 5], [4, 12, 3, 9])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (relation("person", "wear", "shirt") | {"predicate": 2}, "the number 2, of 2 names"),
        (relation("person", "wear", "shirt") | {"predicate": True}, "the number True"),
        (relation("person", "wear", "shirt") | {"subject": 3}, "are no dictionaries"),
        (relation("person", "wear", "shirt", ([8, 2, 1, 5], BOXES[1])), "ends before it begins"),
        (relation("person", "wear", "shirt", ([2, 2, 1, 5],) * 2), "nothing is inside"),
        (relation("person", "wear", "shirt", (["a", 2, 1, 5], BOXES[1])), "the box ['a', 2, 1, 5]"),
        ({"predicate": 0, "subject": {"category": 0, "bbox": BOXES[0]}}, "no 'object'"),
        ({"predicate": 0, "subject": {"category": 0}, "object": {"category": 0}}, "no 'bbox'"),
        (7, "relation 0 of '1.jpg'"),
    ],
)
def test_a_relation_of_another_form_is_named_with_its_image(root, wrong, reason):
    path = root / "annotations_train.json"
    path.write_text(json.dumps(RELATIONS["train"] | {"1.jpg": [wrong]}))
    error = refused(root)
    assert "relation 0 of '1.jpg'" in error.what
    assert reason in error.what
    assert error.where == str(path)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("annotations_test.json", "{", "it is no JSON"),
        ("annotations_test.json", "{}", "no image has a relation"),
        ("annotations_test.json", "[]", "it is no dictionary of images"),
        ("objects.json", '{"0": "person"}', "This vocabulary is no list of words"),
        ("objects.json", json.dumps([*OBJECTS[:3], "traffic-light"]), "are the same words"),
        ("predicates.json", None, "cannot be read: No such file"),
    ],
)
def test_a_broken_file_is_named(root, name, text, reason):
    path: Path = root / name
    path.unlink()
    if text is not None:
        path.write_text(text)
    error = refused(root)
    assert reason in error.what
    assert str(error.where).startswith(str(root))


def test_images_that_are_missing_are_named(root):
    (root / "sg_dataset/sg_test_images/3.jpg").unlink()
    assert "sg_test_images/3.jpg (No such file or directory)" in refused(root).what
    with pytest.raises(DataError, match=r"sg_test_images/3\.jpg"):
        vrd(root).read([4])

"""What folders of images mean: parts, classes, or neither; and which images are the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pydantic
import pytest
from PIL import Image

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace.learning.splits import split_of
from taskspace_plugins.datasets.folders.files._layout import part_named
from taskspace_plugins.datasets.folders.image_folder import ImageFolder


def folder(root: Path, **parameters) -> ImageFolder:
    return ImageFolder(root=root, **{"size": 8, **parameters})


def found(dataset: ImageFolder) -> dict[str, Finding]:
    return {finding.code: finding for finding in dataset.findings()}


@pytest.fixture
def plant(tmp_path, write_image):
    """Write an image, each another, for every name, and return the root."""

    def write(*names: str) -> Path:
        for seed, name in enumerate(names):
            write_image(f"root/{name}", 8, 8, seed)
        return tmp_path / "root"

    return write


PARTS = ("train/cat/1.png", "train/dog/2.png", "val/cat/3.png", "test/dog/4.png")


class TestParts:
    @pytest.mark.parametrize(
        "names",
        [("train", "val", "test"), ("Training", "Testing"), ("train_set", "test_set"),
         ("train", "valid"), ("TRAIN", "Validation-Data")],
    )  # fmt: skip
    def test_classes_that_are_called_like_parts_are_questioned(self, plant, names):
        root = plant(*(f"{name}/{kind}/{name}.png" for name in names for kind in ("cat", "dog")))
        finding = found(folder(root))["classes-are-parts"]
        assert finding.tone == "warning" and "`part_folders: true`" in finding.text
        assert all(repr(name) in finding.text for name in names)

    def test_they_are_parts_where_the_job_says_so(self, plant):
        dataset = folder(plant(*PARTS), part_folders=True)
        assert dataset.fields()["class"].classes == ("cat", "dog")
        assert dataset.parts() == ("test", "train", "train", "val")
        assert found(dataset) == {}
        split = split_of(dataset, 0.5, 0)
        assert split.train.tolist() == [1, 2] and split.test.tolist() == [0]

    def test_without_subfolders_there_is_no_class_left(self, plant):
        dataset = folder(plant("train/1.png", "test/2.png"))
        assert "no folders as classes" in found(dataset)["classes-are-parts"].text
        assert set(folder(dataset.root, part_folders=True).fields()) == {"image"}

    def test_every_usual_name_is_understood(self):
        named = {"Training_Set": "train", "valid": "val", "dev": "val", "test images": "test",
                 "trainer": None, "cat": None, "fold1": None}  # fmt: skip
        assert {name: part_named(name) for name in named} == named

    def test_an_image_in_no_part_is_refused(self, plant):
        dataset = folder(plant(*PARTS, "loose.png"), part_folders=True)
        with pytest.raises(DataError, match=r"in no part: loose\.png\..*leave out `part_folders`"):
            dataset.parts()

    def test_one_class_called_test_is_a_class(self, plant):
        assert found(folder(plant("test/1.png", "exam/2.png"))) == {}

    def test_groups_are_below_the_part(self, plant):
        dataset = folder(plant(*PARTS), part_folders=True, group_by="folder")
        assert dataset.groups() == ("dog", "cat", "dog", "cat")


class TestLevels:
    def test_the_innermost_folder_can_be_the_class(self, plant):
        root = plant(*PARTS, "loose.png", "extra/deep/er/5.png")
        dataset = folder(root, class_level=-1)
        assert dataset.fields()["class"].classes == ("cat", "dog", "er")
        # extra/deep/er/5, loose, test/dog/4, train/cat/1, train/dog/2, val/cat/3
        assert dataset.read(range(6))["class"].tolist() == [2, -1, 1, 0, 1, 0]

    def test_the_second_folder_can_be_the_class(self, plant):
        dataset = folder(plant("animals/cat/1.png", "plants/oak/2.png", "3.png"), class_level=2)
        assert dataset.fields()["class"].classes == ("cat", "oak")

    def test_there_is_no_level_0(self, tmp_path):
        with pytest.raises(pydantic.ValidationError, match="counts from 1"):
            folder(tmp_path, class_level=0)

    def test_one_folder_around_all_classes_is_questioned(self, plant):
        finding = found(folder(plant("data/cat/1.png", "data/dog/2.png")))["one-class-of-folders"]
        assert "`class_level: 2`" in finding.text
        assert set(found(folder(plant("data/cat/1.png", "data/dog/2.png"), class_level=2))) == set()

    def test_equal_folders_in_every_class_are_noted(self, plant):
        root = plant(*(f"{fold}/{kind}/{fold}.png" for fold in ("f1", "f2") for kind in "ab"))
        assert "class_level: 2" in found(folder(root))["classes-have-equal-subfolders"].text
        assert found(folder(root, class_level=-1)) == {}

    @pytest.mark.parametrize("extra", ["cat/a/2.png", "dog/b/2.png", "dog/2.png"])
    def test_subfolders_of_some_classes_are_no_news(self, plant, extra):
        assert found(folder(plant("cat/a/1.png", "dog/1.png", extra))) == {}


class TestComponents:
    @pytest.mark.parametrize(
        ("images", "labels"), [("images", "masks"), ("img", "gt"), ("JPEGImages", "labels")]
    )
    def test_folders_of_images_and_labels_are_no_classes(self, plant, images, labels):
        root = plant(f"{images}/1.png", f"{labels}/1.png", f"{images}/2.png", f"{labels}/2.png")
        finding = found(folder(root))["classes-are-components"]
        assert finding.tone == "warning" and f"masks: {{semantic: ../{labels}}}" in finding.text

    def test_the_advice_leads_to_a_dataset(self, plant):
        root = plant("images/1.png", "images/2.png")
        for number in (1, 2):
            (root / "masks").mkdir(exist_ok=True)
            Image.new("L", (8, 8), number).save(root / f"masks/{number}.png")
        assert "classes-are-components" in found(folder(root))
        dataset = folder(root / "images", masks={"semantic": "../masks"})
        assert found(dataset) == {} and dataset.fields()["semantic"].shape == (8, 8)

    @pytest.mark.parametrize("below", ["", "cat/"])
    def test_labels_in_a_folder_below_their_images_are_questioned(self, plant, below):
        root = plant(f"{below}1.png", f"{below}2.png", f"{below}3.png")
        for number in (1, 2):
            (root / f"masks/{below}").mkdir(exist_ok=True, parents=True)
            Image.new("L", (8, 8), number).save(root / f"masks/{below}{number}.png")
        finding = found(folder(root))["labels-among-images"]
        assert "2 images in the folder 'masks' are called like others" in finding.text
        assert "`masks: {semantic: masks}`" in finding.text
        dataset = folder(root, masks={"semantic": "masks"})
        assert dataset.length() == 3 and set(found(dataset)) == {"images-without-label"}

    @pytest.mark.parametrize("name", ["masks/9.png", "cat/1.png"])
    def test_a_class_of_other_images_is_a_class(self, plant, name):
        assert found(folder(plant("1.png", "2.png", name))) == {}

    def test_a_class_called_images_beside_others_is_a_class(self, plant):
        assert found(folder(plant("images/1.png", "drawings/2.png"))) == {}


class TestSame:
    def test_equal_images_are_counted(self, plant):
        root = plant("a/1.png", "a/2.png", "b/3.png", "b/4.png")
        shutil.copy(root / "a/1.png", root / "a/copy.png")
        shutil.copy(root / "b/3.png", root / "b/copy.png")
        finding = found(folder(root))["equal-images"]
        assert finding.tone == "warning"
        assert "4 images are equal, byte for byte, to another: a/1.png = a/copy.png" in finding.text
        assert "equal-images-differ-in-class" not in found(folder(root))

    @pytest.mark.parametrize("content", [b"", b"no image"])
    def test_broken_files_are_no_equal_images(self, plant, content):
        root = plant("a/1.png", "a/2.png", "b/3.png")
        for name in ("a/1.png", "b/3.png"):
            (root / name).write_bytes(content)
        assert found(folder(root)) == {}

    def test_equal_images_in_two_classes_contradict_each_other(self, plant):
        root = plant("a/1.png", "b/2.png")
        shutil.copy(root / "a/1.png", root / "b/copy.png")
        finding = found(folder(root))["equal-images-differ-in-class"]
        assert "a/1.png = b/copy.png" in finding.text and finding.tone == "warning"

    def test_they_stay_together_where_the_job_says_so(self, plant):
        root = plant("1.png", "2.png", "3.png")
        for number in (4, 5):
            shutil.copy(root / "1.png", root / f"{number}.png")
        dataset = folder(root, group_by="content")
        assert dataset.groups() == ("1.png", "2.png", "3.png", "1.png", "1.png")
        assert found(dataset)["equal-images"].tone == "note"

    def test_a_column_of_that_name_comes_first(self, plant):
        root = plant("1.png", "2.png")
        shutil.copy(root / "1.png", root / "3.png")
        (root / "labels.csv").write_text("file,content\n1.png,x\n2.png,y\n3.png,y\n")
        dataset = folder(root, group_by="content")
        assert dataset.groups() == ("x", "y", "y")
        assert found(dataset)["equal-images"].tone == "warning"

    def test_images_of_equal_size_are_not_equal(self, plant):
        root = plant("1.png")
        for number in (2, 3):
            Image.new("RGB", (8, 8), (number, 0, 0)).save(root / f"{number}.bmp")
        assert found(folder(root)) == {}

    def test_names_that_differ_in_case_are_told(self, plant, tmp_path):
        root = plant("Cat/a.png", "cat/A.png", "dog/1.png", "dog/1.PNG")
        if len(list(root.iterdir())) < 3:
            pytest.skip("This file system does not tell case.")
        told = found(folder(root))
        assert "'Cat' and 'cat'" in told["classes-differ-in-case"].text
        assert "4 images have names" in told["names-differ-in-case"].text

    def test_names_that_differ_in_endings_are_noted(self, plant):
        told = found(folder(plant("a.png", "a.jpg", "b/a.png")))
        assert "a.jpg and a.png" in told["names-differ-in-ending"].text


class TestBroken:
    @pytest.fixture
    def broken(self, plant, write_image):
        root = plant("cat/1.png", "dog/2.png", "dog/3.png")
        (root / "cat/empty.png").touch()
        (root / "dog/text.jpg").write_text("no image")
        whole = write_image("root/dog/cut.jpg", 200, 200)
        whole.write_bytes(whole.read_bytes()[:3000])
        return root

    def test_it_is_refused_with_a_way_out(self, broken):
        with pytest.raises(DataError, match="`unreadable: skip`"):
            folder(broken).fingerprint()

    def test_the_way_out_leaves_it_out_and_says_so(self, broken):
        (broken / "labels.csv").write_text("file,age\ndog/2.png,7\ndog/cut.jpg,9\n")
        dataset = folder(broken, unreadable="skip")
        assert dataset.length() == 3
        sample = dataset.read([0, 1, 2])
        assert sample["class"].tolist() == [0, 1, 1]
        assert sample["age"].nan_to_num(-1).tolist() == [-1, 7, -1]
        finding = found(dataset)["files-not-read"]
        assert "3 files, cat/empty.png, dog/cut.jpg, dog/text.jpg" in finding.text
        assert "dog/text.jpg: not an image" in finding.details

    def test_the_rest_has_the_fingerprint_that_it_has_alone(self, broken):
        left_out = folder(broken, unreadable="skip").identity()
        for name in ("cat/empty.png", "dog/text.jpg", "dog/cut.jpg"):
            (broken / name).unlink()
        assert folder(broken).identity() == left_out

    @pytest.mark.parametrize("cell", ["9", "0.5", "zebra", '"1,234"'])
    def test_its_row_of_labels_counts_for_nothing(self, broken, cell):
        labels = "file,age\ncat/1.png,6\ndog/2.png,7\n"
        (broken / "labels.csv").write_text(f"{labels}dog/cut.jpg,{cell}\n")
        dataset = folder(broken, unreadable="skip")
        fields, identity = dataset.fields(), dataset.identity()
        assert fields["age (classes)"].classes == ("6", "7")
        (broken / "labels.csv").write_text(labels)
        assert folder(broken, unreadable="skip").identity() == identity

    def test_nothing_but_broken_images_is_refused(self, tmp_path):
        (tmp_path / "1.png").touch()
        with pytest.raises(DataError, match=r"1\.png \(the file is empty\)"):
            folder(tmp_path, unreadable="skip").length()


def test_new_parameters_keep_the_keys_that_folders_had(plant):
    root = plant("cat/1.png")
    new = {"words", "part_folders", "class_level", "unreadable"}
    assert not new & set(folder(root).identity())
    assert folder(root, class_level=-1).identity()["class_level"] == -1
    assert folder(root, part_folders=True).identity()["part_folders"] is True

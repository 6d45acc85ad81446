"""A user's folder of images becomes samples, or an error that says what to do."""

import os
import unicodedata

import numpy as np
import pytest
import torch
from PIL import Image

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders._pixels import decode
from taskspace_plugins.datasets.folders.image_folder import ImageFolder


def folder(root, **parameters) -> ImageFolder:
    return ImageFolder(root=root, **{"size": 8, **parameters})


def test_photographs_without_labels_have_an_image_and_nothing_else(tmp_path, write_image) -> None:
    for name in ("b.png", "a.jpg", "c.BMP"):
        write_image(name)
    dataset = folder(tmp_path)
    assert set(dataset.fields()) == {"image"}
    sample = dataset.read([0, 1, 2])
    assert sample["image"].shape == (3, 3, 8, 8)
    assert sample["image"].dtype == torch.float32
    assert sample["image"].min() >= 0 and sample["image"].max() <= 1


def test_subfolders_are_classes(tmp_path, write_image) -> None:
    for name in ("cat/1.png", "dog/1.png", "cat/deep/2.png", "loose.png"):
        write_image(name)
    (tmp_path / "empty").mkdir()
    dataset = folder(tmp_path)
    assert dataset.fields()["class"].classes == ("cat", "dog")
    # In the order of names: cat/1, cat/deep/2, dog/1, loose.
    assert dataset.read(range(4))["class"].tolist() == [0, 0, 1, -1]


def test_one_class_is_read(tmp_path, write_image) -> None:
    write_image("cat/1.png")
    assert folder(tmp_path).fields()["class"].classes == ("cat",)


def test_columns_of_labels_are_numbers_or_classes_and_may_be_missing(tmp_path, write_image) -> None:
    for name in ("a.png", "b.png", "c.png", "d.png"):
        write_image(name)
    (tmp_path / "labels.csv").write_text(
        "\ufefffile,age,colour\nc.png,1e1,red\n\na.png, 2.5 ,\nb.png,,blue\n", encoding="utf-8"
    )
    dataset = folder(tmp_path)
    sample = dataset.read(range(4))
    assert dataset.fields()["age"].classes is None
    assert sample["age"].dtype == torch.float32
    np.testing.assert_array_equal(sample["age"], [2.5, np.nan, 10, np.nan])
    assert dataset.fields()["colour"].classes == ("blue", "red")
    assert sample["colour"].tolist() == [-1, 0, 1, -1]


def test_subfolders_and_labels_go_together(tmp_path, write_image) -> None:
    write_image("x/1.png")
    write_image("y/1.png")
    (tmp_path / "labels.csv").write_text("file,weight\nx\\1.png,3\n./y/1.png,4\n")
    sample = folder(tmp_path).read([0, 1])
    assert sample["class"].tolist() == [0, 1]
    assert sample["weight"].tolist() == [3, 4]


def test_unicode_names_match_however_they_are_composed(tmp_path, write_image) -> None:
    write_image(unicodedata.normalize("NFD", "été/é.png"))
    write_image("猫/ü.png")
    (tmp_path / "labels.csv").write_text(
        f"file,größe\n{unicodedata.normalize('NFC', 'été/é.png')},1\n猫/ü.png,2\n", encoding="utf-8"
    )
    dataset = folder(tmp_path)
    assert dataset.fields()["class"].classes == ("été", "猫")
    assert dataset.read([0, 1])["größe"].tolist() == [1, 2]
    assert len(dataset.fingerprint()) == 64


def test_the_order_is_that_of_names_and_not_of_the_disk(tmp_path, write_image) -> None:
    for seed, name in enumerate(("z.png", "a/b.png", "a.png", "B.png")):
        write_image(name, seed=seed)
    names = [image.name for image in folder(tmp_path)._images]
    assert names == ["B.png", "a.png", "a/b.png", "z.png"]


def test_hidden_files_and_linked_folders_are_left_out(tmp_path, write_image) -> None:
    write_image("a/1.png")
    write_image(".trash/2.png")
    write_image("a/._1.png")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "link.png").symlink_to(tmp_path / "a" / "1.png")
    assert [image.name for image in folder(tmp_path)._images] == ["a/1.png", "a/link.png"]


def test_the_orientation_of_the_camera_is_applied(tmp_path) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, :4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 270 degrees to see it upright
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    image = folder(tmp_path).read([0])["image"][0]
    upright = torch.rot90(torch.tensor(pixels).permute(2, 0, 1) / 255, -1, (1, 2))
    assert torch.equal(image, upright)


def test_the_largest_centred_square_is_taken(tmp_path) -> None:
    pixels = np.zeros((6, 18, 3), np.uint8)
    pixels[:, 6:12] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    assert folder(tmp_path, size=6).read([0])["image"].min() == 1


def test_transparent_pixels_are_white_and_sixteen_bits_keep_their_range(tmp_path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "a.png")
    Image.fromarray(np.full((8, 8), 32768, np.uint16)).save(tmp_path / "b.png")
    images = folder(tmp_path).read([0, 1])["image"]
    assert (images[0] == 1).all()
    assert torch.allclose(images[1], torch.tensor(0.5), atol=1 / 255)


def test_grey_has_one_channel(tmp_path, write_image) -> None:
    write_image("a.png")
    dataset = folder(tmp_path, channels=1)
    assert dataset.fields()["image"].shape == (1, 8, 8)
    assert dataset.read([0])["image"].shape == (1, 1, 8, 8)


def test_equal_content_in_another_place_has_an_equal_fingerprint(tmp_path, write_image) -> None:
    write_image("here/x/1.png", seed=1)
    write_image("there/x/1.png", seed=1)
    here, there = folder(tmp_path / "here"), folder(tmp_path / "there")
    assert here.fingerprint() == there.fingerprint()
    assert here.identity() == there.identity()
    assert "root" not in here.identity()


def test_the_fingerprint_follows_bytes_names_labels_and_parameters(tmp_path, write_image) -> None:
    path = write_image("x/1.png", seed=1)
    seen = {folder(tmp_path).fingerprint()}
    seen.add(folder(tmp_path, size=9).fingerprint())
    seen.add(folder(tmp_path, channels=1).fingerprint())
    (tmp_path / "labels.csv").write_text("file,a\nx/1.png,1\n")
    seen.add(folder(tmp_path).fingerprint())
    (tmp_path / "labels.csv").write_text("file,a\nx/1.png,2\n")
    seen.add(folder(tmp_path).fingerprint())
    write_image("x/1.png", seed=2)
    seen.add(folder(tmp_path).fingerprint())
    path.rename(path.with_name("2.png"))
    (tmp_path / "labels.csv").unlink()
    seen.add(folder(tmp_path).fingerprint())
    assert len(seen) == 7


def test_a_missing_root_a_file_and_an_empty_folder_are_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        folder(tmp_path / "absent").fingerprint()
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match="not a folder"):
        folder(tmp_path / "notes.txt").length()
    with pytest.raises(DataError, match=r"no image(.|\n)*\.png"):
        folder(tmp_path).fields()


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, write_image, monkeypatch) -> None:
    write_image("a/1.png")
    scandir = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("a"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match="a: This folder cannot be listed: Permission denied"):
        folder(tmp_path).length()


def test_every_unreadable_file_is_named_up_to_ten(tmp_path, write_image) -> None:
    write_image("good.png")
    for number in range(12):
        (tmp_path / f"bad{number:02}.png").write_bytes(b"" if number % 2 else b"text")
    dataset = folder(tmp_path)
    for attempt in (dataset.fingerprint, lambda: dataset.read(range(13))):
        with pytest.raises(DataError) as caught:
            attempt()
        message = str(caught.value)
        assert "12 files" in message and "2 more" in message
        assert "bad00.png (not an image)" in message and "bad09.png" in message
        assert "bad10.png" not in message and "good.png" not in message


def test_a_link_to_nothing_is_an_unreadable_image(tmp_path, write_image) -> None:
    write_image("good.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(DataError, match=r"gone\.png"):
        folder(tmp_path).fingerprint()


def test_a_truncated_photograph_is_found_when_it_is_read(tmp_path, write_image) -> None:
    path = write_image("cut.jpg", 200, 200)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DataError, match=r"cut\.jpg \(image file is truncated\) cannot be"):
        folder(tmp_path).read([0])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_of_image_is_decoded(tmp_path, mode: str, channels: int) -> None:
    path = tmp_path / "x.tiff"
    Image.new(mode, (5, 7), 1).save(path)
    assert decode(path.read_bytes(), 4, channels).shape == (channels, 4, 4)


def test_a_class_column_beside_subfolders_is_refused(tmp_path, write_image) -> None:
    write_image("x/1.png")
    (tmp_path / "labels.csv").write_text("file,class\nx/1.png,y\n")
    with pytest.raises(DataError, match="Rename the column"):
        folder(tmp_path).fields()


class TestWords:
    """Columns whose words together say what an image shows."""

    @pytest.fixture
    def fruit(self, tmp_path, write_image):
        for name in ("a.png", "b.png", "c.png"):
            write_image(name)
        text = "file,colour,fruit,size\na.png,red,apple,10\nb.png,green,pear,12\nc.png,,apple,10\n"
        (tmp_path / "labels.csv").write_text(text)
        return tmp_path

    def test_they_are_what_the_job_says_in_its_order(self, fruit):
        dataset = folder(fruit, words=["fruit", "colour"])
        assert dataset.word_fields() == ("fruit", "colour")
        assert dataset.fields()["fruit"].classes == ("apple", "pear")
        assert dataset.read([0, 1, 2])["colour"].tolist() == [1, 0, -1]

    def test_without_them_there_are_none(self, fruit):
        assert folder(fruit).word_fields() == ()

    def test_numbers_among_them_are_words(self, fruit):
        dataset = folder(fruit, words=["fruit", "size"])
        assert dataset.fields()["size"].classes == ("10", "12")

    def test_the_subfolder_can_be_one(self, tmp_path, write_image):
        write_image("cup/1.png")
        write_image("vase/2.png")
        (tmp_path / "labels.csv").write_text("file,state\ncup/1.png,broken\nvase/2.png,whole\n")
        assert folder(tmp_path, words=["state", "class"]).word_fields() == ("state", "class")

    def test_a_field_that_is_not_there_is_named(self, fruit):
        dataset = folder(fruit, words=["color", "fruit"])
        with pytest.raises(DataError, match="no field of words 'color'; there are 'colour', 'fr"):
            dataset.word_fields()
        with pytest.raises(DataError, match="'color'"):
            dataset.fingerprint()

    @pytest.mark.parametrize("words", [["fruit", "fruit"], ["fruit", "colour"]])
    def test_they_are_distinct_and_not_what_images_are_grouped_by(self, fruit, words):
        with pytest.raises(ValueError, match=r"twice among the words|grouped by 'colour'"):
            folder(fruit, words=words, group_by="colour")

    def test_a_folder_without_them_keeps_the_keys_that_it_had(self, fruit):
        assert "words" not in folder(fruit).identity()
        assert folder(fruit, words=["colour"]).identity()["words"] == ["colour"]

"""What is wrong with a folder of published pairs is said with the file and the pairs."""

from collections import OrderedDict
from fractions import Fraction

import pytest
import torch

from composed_files import COMPOSITIONAL, FOLDERS, NATURAL, entries_of, write_pairs
from taskspace.errors import DataError
from taskspace_plugins.datasets.compositional.mit_states import MitStates


def entry(pair: str, part: str, image: str = "x/1.png") -> dict[str, str]:
    attribute, name = pair.split()
    return {"image": image, "attr": attribute, "obj": name, "set": part}


def refused(root, split: str = "natural", **parameters) -> DataError:
    with pytest.raises(DataError) as error:
        MitStates(root=root, split=split, size=8, **parameters).fingerprint()
    return error.value


def with_entries(root, *entries: object, pairs=NATURAL) -> str:
    write_pairs(root, pairs, entries, pictures=False)
    split = "natural" if "val" in pairs else "compositional"
    error = refused(root, split)
    assert error.where == str(root / f"metadata_{FOLDERS[split]}.t7")
    return error.what


def test_a_pair_that_metadata_lacks_is_named(tmp_path):
    lacking = [e for e in entries_of(NATURAL) if (e["attr"], e["obj"]) != ("wet", "bear")]
    assert "no entry shows these pairs of the lists: wet bear" in with_entries(tmp_path, *lacking)


def test_an_image_of_an_unseen_pair_in_training_is_refused(tmp_path):
    what = with_entries(
        tmp_path, *entries_of(COMPOSITIONAL), entry("wet bear", "train"), pairs=COMPOSITIONAL
    )
    assert "images of the part 'train' show pairs" in what
    assert what.endswith("wet bear.")


def test_an_image_in_a_part_where_its_pair_cannot_be_predicted_is_refused(tmp_path):
    what = with_entries(tmp_path, *entries_of(NATURAL), entry("wet bear", "val"))
    assert "images of the part 'val' show pairs" in what


def test_a_part_without_images_is_refused(tmp_path):
    entries = [e | {"set": "NA"} if e["set"] == "train" else e for e in entries_of(NATURAL)]
    assert "no image is in the part 'train'" in with_entries(tmp_path, *entries)


def test_an_unknown_part_is_refused(tmp_path):
    what = with_entries(tmp_path, *entries_of(NATURAL), entry("old bear", "holdout"))
    assert "entry 16 is in the part 'holdout', and parts are train, val, test" in what


def test_a_missing_set_is_refused_where_pairs_do_not_say_it(tmp_path):
    first, *rest = entries_of(NATURAL)
    del first["set"]
    assert "entry 0 has no `set`" in with_entries(tmp_path, first, *rest)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("a", "entry 0 is str, not a dictionary"),
        ({"image": "x.png", "attr": "old"}, "entry 0 has no 'obj'"),
        ({"image": 3, "attr": "old", "obj": "bear"}, "entry 0 has no 'image', or one that is no"),
        (entry("old bear", "train", "../x.png"), "leads out of the folder of images: ../x.png"),
        (entry("old bear", "train", "/etc/x.png"), "leads out of the folder of images"),
    ],
)
def test_an_entry_of_another_form_is_named(tmp_path, wrong, reason):
    assert reason in with_entries(tmp_path, wrong, *entries_of(NATURAL))


def test_metadata_that_is_no_list_is_refused(tmp_path):
    root = write_pairs(tmp_path, NATURAL)
    torch.save(OrderedDict(a=torch.zeros(2)), root / f"metadata_{FOLDERS['natural']}.t7")
    assert "it is no list of entries" in refused(root).what


def test_a_pickled_object_is_never_loaded(tmp_path):
    root = write_pairs(tmp_path, NATURAL)
    torch.save([Fraction(1, 2)], root / f"metadata_{FOLDERS['natural']}.t7")
    error = refused(root)
    assert "cannot be read as plain data: it holds objects" in error.what
    assert "never loaded" in str(error.advice)


@pytest.mark.parametrize("old", [False, True], ids=["zip", "before-1.6"])
def test_damaged_metadata_is_said_to_be_damaged_wherever_it_is_cut(tmp_path, old):
    root = write_pairs(tmp_path, NATURAL)
    path = root / f"metadata_{FOLDERS['natural']}.t7"
    torch.save(entries_of(NATURAL), path, _use_new_zipfile_serialization=not old)
    whole = path.read_bytes()
    for share in range(20):
        path.write_bytes(whole[: len(whole) * share // 20])
        error = refused(root)
        assert "cannot be read as plain data: it is damaged, or no file of PyTorch" in error.what
        assert error.where == str(path)
    path.write_bytes(bytes(range(256)) * 4)
    assert "it is damaged" in refused(root).what


def test_missing_metadata_is_named(tmp_path):
    root = write_pairs(tmp_path, NATURAL, metadata="other.t7")
    error = refused(root)
    assert "no metadata of the split 'natural'" in error.what
    assert "metadata_compositional-split-natural.t7" in str(error.advice)


def test_a_missing_list_says_which(tmp_path):
    root = write_pairs(tmp_path, COMPOSITIONAL)
    error = refused(root, "natural")
    assert "cannot be read: No such file" in error.what
    assert str(error.where).endswith("compositional-split-natural/train_pairs.txt")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There is no pair in this list"),
        ("old bear\n\nold polar bear\n", "This line has 3 words, not two: 'old polar bear'"),
        (b"\xff\xfe\x00", "it is no text"),
    ],
)
def test_a_broken_list_is_refused(tmp_path, text, reason):
    root = write_pairs(tmp_path, NATURAL)
    path = root / FOLDERS["natural"] / "train_pairs.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert reason in refused(root).what


def test_a_pair_that_is_seen_and_unseen_is_refused_in_the_older_split(tmp_path):
    pairs = COMPOSITIONAL | {"test": (*COMPOSITIONAL["test"], "old bear")}
    error = refused(write_pairs(tmp_path, pairs), "compositional")
    assert "seen in training and listed as unseen: old bear" in error.what


def test_names_that_are_the_same_words_are_refused(tmp_path):
    pairs = COMPOSITIONAL | {"train": (*COMPOSITIONAL["train"], "Old bear")}
    error = refused(write_pairs(tmp_path, pairs), "compositional")
    assert "'Old' and 'old'" in error.what


def test_images_that_cannot_be_read_are_named(tmp_path):
    root = write_pairs(tmp_path, NATURAL)
    (root / "images/old_bear/train_0.png").unlink()
    (root / "images/wet_moss/test_1.png").write_text("no image")
    error = refused(root)
    assert error.what.startswith("2 files cannot be read as an image")
    assert "old_bear/train_0.png (No such file or directory)" in error.what
    assert "wet_moss/test_1.png" in error.what
    dataset = MitStates(root=root, split="natural", size=8)
    with pytest.raises(DataError, match=r"old_bear/train_0\.png"):
        dataset.read(range(dataset.length()))


class TestFeatures:
    """Features that the public loaders have stored."""

    @pytest.fixture
    def root(self, tmp_path):
        return write_pairs(tmp_path, NATURAL, pictures=False)

    @pytest.fixture
    def files(self):
        return [e["image"] for e in entries_of(NATURAL)]

    def stored(self, root, **content):
        torch.save(content, root / "features.t7")
        return root / "features.t7"

    def test_they_stand_in_place_of_the_images(self, root, files):
        features = torch.randn(len(files) + 1, 5, generator=torch.Generator().manual_seed(0))
        path = self.stored(root, features=features, files=[*files, "unused.png"])
        dataset = MitStates(root=root, split="natural", features=path)
        assert dataset.fields()["image"].shape == (5, 1, 1)
        rows = [files.index(e) for e in sorted(files)]
        read = {tuple(v.tolist()) for v in dataset.read(range(16))["image"][:, :, 0, 0]}
        assert read == {tuple(v.tolist()) for v in features[rows]}
        train = [row for row, part in enumerate(dataset.parts()) if part == "train"]
        first = files.index("old_bear/train_0.png")
        assert features[first].tolist() in dataset.read(train)["image"][:, :, 0, 0].tolist()
        again = self.stored(root, features=features + 1, files=[*files, "unused.png"])
        other = MitStates(root=root, split="natural", features=again)
        assert other.fingerprint() != dataset.fingerprint()

    def test_images_without_features_are_named(self, root, files):
        path = self.stored(root, features=torch.zeros(15, 5), files=files[1:])
        assert f"these images are not in it: {files[0]}" in refused(root, features=path).what

    def test_numbers_that_are_not_finite_are_refused(self, root, files):
        features = torch.zeros(16, 5)
        features[2, 3] = torch.nan
        path = self.stored(root, features=features, files=files)
        assert f"not finite: {files[2]}." in refused(root, features=path).what

    def test_another_content_is_refused(self, root, files):
        path = self.stored(root, features=torch.zeros(4, 5), files=files)
        assert "(4, 5) for 16 files" in refused(root, features=path).what
        path = self.stored(root, other=1)
        assert "it does not hold {features, files}" in refused(root, features=path).what

"""Features that another program has computed are a dataset like any other."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from taskspace.errors import DataError
from taskspace_plugins.datasets.features.features_file import FeaturesFile
from taskspace_plugins.encoders.identity import IdentityEncoder
from taskspace_plugins.tasks.labels.classification import Classification
from taskspace_plugins.tasks.labels.regression import Regression

FEATURES = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
COLOURS = np.array(["red", "green", "red", "", "green", "red"])
FRUIT = np.array([0, 1, -7, 0, 2, 2])
NAMES = np.array(["apple", "pear", "plum"])
PARTS = np.array(["train", "train", "train", "train", "test", "test"])
STORED = {
    "features": FEATURES,
    "colour": COLOURS,
    "fruit": FRUIT,
    "fruit_classes": NAMES,
    "split": PARTS,
}
SAID = {"labels": ["colour", "fruit"], "part": "split", "words": ["colour", "fruit"]}


def npz(tmp_path, **changes) -> FeaturesFile:
    path = tmp_path / "features.npz"
    np.savez(path, **{k: v for k, v in (STORED | changes).items() if v is not None})
    return FeaturesFile(file=path, **SAID)


def torch_file(tmp_path) -> FeaturesFile:
    path = tmp_path / "features.t7"
    content = {k: v.tolist() if v.dtype.kind == "U" else torch.tensor(v) for k, v in STORED.items()}
    torch.save(content, path)
    return FeaturesFile(file=path, **SAID)


def safetensors(tmp_path) -> FeaturesFile:
    """Words are impossible there: numbers, with their names in the metadata."""
    path = tmp_path / "features.safetensors"
    arrays = {
        "features": torch.tensor(FEATURES),
        "colour": torch.tensor([1, 0, 1, -1, 0, 1]),
        "fruit": torch.tensor(FRUIT),
        "split": torch.tensor([1, 1, 1, 1, 0, 0], dtype=torch.uint8),
    }
    names = {"colour": ["green", "red"], "fruit": NAMES.tolist(), "split": ["test", "train"]}
    save_file(arrays, path, {f"{name}_classes": json.dumps(own) for name, own in names.items()})
    return FeaturesFile(file=path, **SAID)


def refused(dataset) -> DataError:
    with pytest.raises(DataError) as error:
        dataset.fingerprint()
    return error.value


@pytest.mark.parametrize("write", [npz, safetensors, torch_file])
def test_each_kind_of_file_gives_the_same_dataset(tmp_path, write):
    dataset = write(tmp_path)
    fields = dataset.fields()
    assert fields["image"].shape == (4, 1, 1)
    assert fields["colour"].classes == ("green", "red")
    assert fields["fruit"].classes == ("apple", "pear", "plum")
    sample = dataset.read([4, 0, 3, 2])
    np.testing.assert_array_equal(sample["image"][:, :, 0, 0], FEATURES[[4, 0, 3, 2]])
    assert sample["colour"].tolist() == [0, 1, -1, 1]
    assert sample["fruit"].tolist() == [2, 0, 0, -1]
    assert list(dataset.parts()) == PARTS.tolist()
    assert dataset.fingerprint() == npz(tmp_path).fingerprint()


def test_compositions_of_a_part_are_those_that_its_samples_show(tmp_path):
    published = npz(tmp_path).compositions()
    assert published.fields == ("colour", "fruit")
    assert published.parts == {
        "train": (("green", "pear"), ("red", "apple")),
        "test": (("green", "plum"), ("red", "plum")),
    }


def test_without_parts_or_words_no_compositions_are_published(tmp_path):
    file = npz(tmp_path).file
    assert FeaturesFile(file=file, labels=["colour"], words=["colour"]).compositions() is None
    assert FeaturesFile(file=file, labels=["colour"], part="split").compositions() is None
    plain = FeaturesFile(file=file)
    assert list(plain.fields()) == ["image"] and plain.parts() is None and not plain.word_fields()


def test_the_job_can_name_the_classes(tmp_path):
    dataset = npz(tmp_path, fruit_classes=None)
    assert dataset.fields()["fruit"].classes == ("0", "1", "2")
    names = ["fig", "nut", "date"]
    named = FeaturesFile(file=dataset.file, class_names={"fruit": names}, **SAID)
    assert named.fields()["fruit"].classes == tuple(names)


def test_half_precision_and_maps_of_one_place_are_read(tmp_path):
    dataset = npz(tmp_path, features=FEATURES.astype(np.float16)[:, :, None, None])
    assert dataset.fields()["image"].shape == (4, 1, 1)
    assert dataset.read([0])["image"].dtype == torch.float32


def test_the_fingerprint_follows_features_labels_and_parts(tmp_path):
    seen = {npz(tmp_path).fingerprint()}
    for name in ("features", "colour", "fruit", "split"):
        seen.add(npz(tmp_path, **{name: STORED[name][::-1]}).fingerprint())
    assert len(seen) == 5


def test_the_identity_encoder_passes_features_on(tmp_path):
    dataset = npz(tmp_path)
    shape = dataset.fields()["image"].shape
    images = dataset.read(range(6))["image"]
    assert IdentityEncoder().code_shape(shape) == shape
    assert torch.equal(IdentityEncoder().build(shape)(images), images)


NAN = FEATURES.copy()
NAN[3, 1] = np.nan


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"features": NAN}, "1 samples have features that are not finite, the first is sample 3"),
        ({"features": FEATURES.astype(np.float64) * 1e300}, "6 samples have features that are not"),
        ({"features": FEATURES[:, 0]}, "'features' has the shape (6,), not [N, F]"),
        ({"features": FEATURES.astype(str)}, "which are no numbers"),
        ({"colour": COLOURS[:5]}, "'colour' has not one row for each of 6 samples"),
        ({"colour": FEATURES}, "their shape is (6, 4), not one label a sample"),
        ({"colour": FEATURES[:, 0]}, "sample 0 has 0.1"),
        ({"colour": FEATURES[:, 0] + 1j}, "they are complex64, neither words nor numbers"),
        ({"fruit_classes": NAMES[:2]}, "the id 2, and there are 2 names of classes"),
        ({"fruit_classes": np.array([1, 2, 3])}, "`fruit_classes` is no list of words"),
        ({"fruit_classes": np.array(["a", "b", "a"])}, "two classes have one name"),
        ({"split": np.array(["train", "", *PARTS[2:]])}, "sample 1 is in no part"),
        ({"fruit": None}, "There is no array 'fruit'; there are colour, features, fruit_classes"),
        ({"colour": np.array([{}] * 6)}, "cannot be read: Object arrays are not read"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_file(tmp_path, changes, reason):
    error = refused(npz(tmp_path, **changes))
    assert reason in error.what
    assert error.where == str(tmp_path / "features.npz")


@pytest.mark.parametrize("write", [npz, safetensors, torch_file])
def test_a_damaged_file_is_named_wherever_it_is_cut(tmp_path, write):
    dataset = write(tmp_path)
    whole = dataset.file.read_bytes()
    for share in range(20):
        dataset.file.write_bytes(whole[: len(whole) * share // 20])
        error = refused(type(dataset).model_validate(dataset.model_dump()))
        assert "cannot be read" in error.what
        assert error.where == str(dataset.file)


def test_a_missing_file_and_an_unknown_ending_are_said(tmp_path):
    for ending in ("npz", "safetensors", "pt"):
        error = refused(FeaturesFile(file=tmp_path / f"none.{ending}"))
        assert "No such file" in error.what
    assert "'.csv' are not read" in refused(FeaturesFile(file=tmp_path / "f.csv")).what


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"words": ["fruit"]}, "'fruit' is not among the labels"),
        ({"labels": ["fruit", "fruit"]}, "names of their own"),
        ({"labels": ["image"]}, "other than 'image'"),
        ({"class_names": {"fruit": ["a"]}}, "'fruit' is not among the labels"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(tmp_path, said, reason):
    with pytest.raises(ValueError, match=reason):
        FeaturesFile(file=tmp_path / "f.npz", **said)


class TestNumbers:
    """Whole numbers are numbers or classes as the task asks, fractions are numbers."""

    def column(self, tmp_path, values, **said):
        dataset = FeaturesFile(
            file=npz(tmp_path, it=np.asarray(values)).file, labels=["it"], **said
        )
        return dataset, dataset.fields(), dataset.read(range(6))

    @pytest.mark.parametrize(
        ("values", "numbers", "classes", "ids"),
        [
            ([0, 2, -1, 0, 2, 2], [0, 2, None, 0, 2, 2], ("0", "1", "2"), [0, 2, -1, 0, 2, 2]),
            ([5.0, 7, np.nan, 5, 5, 7], [5, 7, None, 5, 5, 7], ("5", "7"), [0, 1, -1, 0, 0, 1]),
            ([True, False] * 3, [1, 0] * 3, ("0", "1"), [1, 0] * 3),
            ([-1.0, 1] * 3, [-1, 1] * 3, ("-1", "1"), [0, 1] * 3),
        ],
    )
    def test_whole_ones_are_both(self, tmp_path, values, numbers, classes, ids):
        dataset, fields, sample = self.column(tmp_path, values)
        regression, classification = Regression(field="it"), Classification(field="it")
        target = regression.target(sample)[:, 0]
        assert [None if n.isnan() else n.item() for n in target] == numbers
        assert classification.class_names(fields) == classes
        assert classification.target(sample).tolist() == ids
        assert dataset.fingerprint() != npz(tmp_path).fingerprint()

    def test_fractions_are_numbers_and_the_sample_is_said(self, tmp_path):
        _, fields, sample = self.column(tmp_path, [1, 2, 0.5, np.nan, 1, 1])
        assert Regression(field="it").target(sample)[2] == 0.5
        with pytest.raises(DataError, match=r"sample 2 of 'it' has 0.5, which is no whole number"):
            Classification(field="it").head(fields)

    def test_with_names_they_are_classes_alone(self, tmp_path):
        _, fields, sample = self.column(
            tmp_path, [0.0, 1, np.nan, 0, 1, 1], class_names={"it": ["no", "yes"]}
        )
        assert fields["it"].classes == ("no", "yes")
        assert sample["it"].tolist() == [0, 1, -1, 0, 1, 1]

    def test_large_ones_are_the_classes_that_are_there(self, tmp_path):
        seconds = [1_700_000_000 + n for n in (0, 1, 1, 0, 2, 2)]
        _, fields, _ = self.column(tmp_path, seconds)
        assert len(Classification(field="it").class_names(fields)) == 3
        with pytest.raises(DataError, match="Set `offset: 1700000001`"):
            Regression(field="it").head(fields)

    @pytest.mark.parametrize("wrong", [[np.inf] * 6, [1e39] * 6, [np.nan] * 6, [-1] * 6])
    def test_what_is_no_label_is_refused(self, tmp_path, wrong):
        with pytest.raises(DataError, match="'it' cannot be used"):
            self.column(tmp_path, wrong)


def test_classes_that_are_called_like_a_missing_label_are_told(tmp_path):
    words = np.array(["NA", "cat", "", "None", "NA"])
    np.savez(tmp_path / "a.npz", features=np.zeros((5, 2)), it=words, fine=words[[1, 1, 2, 1, 1]])
    (finding,) = FeaturesFile(file=tmp_path / "a.npz", labels=["it", "fine"]).findings()
    assert finding.tone == "warning" and "'it'" in finding.text
    assert "stand for a missing label: NA (2), None (1). Save an empty word" in finding.text

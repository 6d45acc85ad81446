"""CIFAR in its binary layout: what was written comes back."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from cifar_files import BOTH, EACH, made_up, records, write_archive, write_folder
from PIL import Image
from pydantic import ValidationError

from taskspace.errors import DataError
from taskspace_plugins.datasets.cifar10 import Cifar10
from taskspace_plugins.datasets.cifar100 import SUPERCLASSES, Cifar100
from taskspace_plugins.tasks.labels.classification import Classification

DATA = Path(__file__).parents[3] / "shared" / "data"
TEN = DATA / "cifar10" / "cifar10_jpeg.npz"
HUNDRED = DATA / "cifar100_partial" / "cifar100_partial.npz"


def raw(dataset, cls) -> bytes:
    """Return what was read as the records that it was read from."""
    sample = dataset.read(range(dataset.length()))
    pixels = (sample["image"] * 255).round().byte().numpy()
    assert torch.equal(torch.from_numpy(pixels).float() / 255, sample["image"])
    return records(cls, sample["label"].tolist(), pixels)


@BOTH
def test_what_was_written_comes_back_bit_for_bit(cls, cifar_folders) -> None:
    dataset = cls(path=cifar_folders[cls], partial=True)
    files = made_up(cls, EACH)
    assert raw(dataset, cls) == b"".join(files.values())
    assert dataset.length() == EACH * len(files)
    trained = EACH * (len(files) - 1)
    assert dataset.parts() == ["train"] * trained + ["test"] * EACH


@pytest.mark.skipif(not HUNDRED.exists(), reason=f"the real images are not in {HUNDRED.parent}")
def test_real_images_of_cifar_100_come_back_with_both_labels(tmp_path) -> None:
    with np.load(HUNDRED) as real:
        held = {name: real[name] for name in real.files}
    assert Cifar100.classes == tuple(held["fine_names"])
    assert tuple(Cifar100.tasks) == tuple(held["coarse_names"])
    for part in ("train", "test"):
        labels = [held[f"{part}_{kind}"][:, None] for kind in ("coarse", "fine")]
        pixels = held[f"{part}_x"].reshape(len(labels[0]), -1)
        np.concatenate([*labels, pixels], axis=1).tofile(tmp_path / f"{part}.bin")
    dataset = Cifar100(path=tmp_path, partial=True)
    sample = dataset.read(range(dataset.length()))
    assert dataset.parts() == ["train"] * 486 + ["test"] * 916
    for field, kind in (("label", "fine"), ("coarse_label", "coarse"), ("task", "coarse")):
        expected = np.concatenate([held[f"train_{kind}"], held[f"test_{kind}"]])
        assert np.array_equal(sample[field].numpy(), expected), field
    pixels = np.concatenate([held["train_x"], held["test_x"]])
    assert np.array_equal((sample["image"] * 255).round().byte().numpy(), pixels)


@pytest.mark.skipif(not TEN.exists(), reason=f"the real images are not in {TEN.parent}")
def test_real_images_of_cifar_10_come_back(tmp_path) -> None:
    each, files, labels, pixels = 40, {}, [], []
    with np.load(TEN) as real:
        assert Cifar10.classes == tuple(real["classes"])
        for part in ("train", "test"):
            jpeg, offset = real[f"{part}_jpeg"], real[f"{part}_offset"]
            for file in (f for f in Cifar10.release.files if f.part == part):
                first = 0 if part == "test" else each * len(files)
                rows = range(first, first + each)
                images = [Image.open(io.BytesIO(jpeg[offset[n] : offset[n + 1]])) for n in rows]
                decoded = np.stack([np.asarray(image).transpose(2, 0, 1) for image in images])
                told = real[f"{part}_label"][first : first + each].tolist()
                files[file.name] = records(Cifar10, told, decoded)
                labels += told
                pixels.append(decoded)
    dataset = Cifar10(path=write_folder(tmp_path / "own", files), partial=True)
    sample = dataset.read(range(dataset.length()))
    assert sample["label"].tolist() == labels
    assert np.array_equal((sample["image"] * 255).round().byte().numpy(), np.concatenate(pixels))


@BOTH
@pytest.mark.parametrize("packed", [True, False])
def test_the_archive_and_its_folder_are_the_same_dataset(
    cls, packed, cifar_folders, tmp_path
) -> None:
    release, files = cls.release, made_up(cls, EACH)
    path = tmp_path / release.archive
    mixed = dict(reversed((files | {"readme.html": b"x"}).items()))  # as those who publish pack it
    write_archive(path, mixed, inside=release.folder, packed=packed)
    archive, folder = cls(path=path, partial=True), cls(path=cifar_folders[cls], partial=True)
    assert raw(archive, cls) == raw(folder, cls)
    assert archive.fingerprint() == folder.fingerprint()
    assert archive.identity() == folder.identity()
    assert cls(path=cifar_folders[cls].parent, partial=True).fingerprint() == folder.fingerprint()


@BOTH
def test_paths_may_have_any_letters(cls, cifar_folders, tmp_path) -> None:
    here = tmp_path / "Bilder für 画像 ü"
    shutil.copytree(cifar_folders[cls], here)
    assert cls(path=here, partial=True).length() == EACH * len(cls.release.files)
    path = tmp_path / "päckchen.tar.gz"
    write_archive(path, made_up(cls, 2), inside="ordner ü")
    assert cls(path=path, partial=True).length() == 2 * len(cls.release.files)


@BOTH
def test_every_class_is_in_exactly_one_task(cls, cifar_folders) -> None:
    assert sorted(sum(cls.tasks.values(), ())) == sorted(cls.classes)
    dataset = cls(path=cifar_folders[cls], partial=True)
    fields, sample = dataset.fields(), dataset.read(range(dataset.length()))
    assert dataset.task_fields() == tuple(cls.tasks)
    labels = torch.stack([sample[name] for name in dataset.task_fields()])
    assert (labels >= 0).sum(dim=0).eq(1).all()
    assert torch.equal((labels >= 0).int().argmax(dim=0), sample["task"])
    assert torch.equal(labels.max(dim=0).values, sample["task_label"])
    for row, label in enumerate(sample["label"].tolist()):
        task = fields["task"].classes[sample["task"][row]]
        assert fields[task].classes[sample["task_label"][row]] == cls.classes[label]


def test_the_tasks_are_those_of_the_literature() -> None:
    assert [*Cifar10.tasks] == ["cat_dog", "deer_horse", "car_truck", "plane_ship", "bird_frog"]
    assert {len(classes) for classes in Cifar10.tasks.values()} == {2}
    assert (len(SUPERCLASSES), {len(c) for c in SUPERCLASSES.values()}) == (20, {5})
    assert Cifar100.classes[0] == "apple" and Cifar100.classes[-1] == "worm"
    # Within a task, labels keep the order of the labels among all.
    assert all(list(c) == sorted(c) for c in SUPERCLASSES.values())


def test_the_task_classification_reads_one_task_and_masks_the_others(cifar_folders) -> None:
    dataset = Cifar10(path=cifar_folders[Cifar10], partial=True)
    task = Classification(field="cat_dog")
    sample = dataset.read(range(dataset.length()), task.needs(dataset.fields()))
    target = task.target(sample)
    valid = task.loss(torch.zeros(len(target), 2), target).valid
    label = dataset.read(range(dataset.length()), {"label"})["label"]
    assert torch.equal(valid, (label == 3) | (label == 5))
    assert {*task.words(target, dataset.fields())} == {"cat", "dog", "missing"}


@BOTH
def test_a_part_is_read_without_the_files_of_the_other(cls, own_cifar) -> None:
    folder = own_cifar(cls)
    whole = cls(path=folder, partial=True).read(range(EACH * len(cls.release.files)))
    for file in cls.release.files:
        if file.part == "train":
            (folder / file.name).unlink()
    tested = cls(path=folder, partial=True, part="test")
    assert tested.parts() == ["test"] * EACH
    assert torch.equal(tested.read(range(EACH))["image"], whole["image"][-EACH:])


@BOTH
def test_a_choice_has_classes_and_parts_in_proportion_and_begins_with_a_smaller_one(
    cls, cifar_folders
) -> None:
    some = [cls(path=cifar_folders[cls], partial=True, images=n) for n in (EACH, 2 * EACH)]
    few, many = (dataset.read(range(dataset.length())) for dataset in some)
    assert torch.equal(few["image"], many["image"][:EACH])
    files = len(cls.release.files)
    assert abs(some[0].parts().count("test") - EACH / files) <= 10
    if cls is Cifar10:
        assert (few["label"].bincount(minlength=10) - EACH / 10).abs().max() <= 3
    other = cls(path=cifar_folders[cls], partial=True, images=EACH, seed=1)
    assert other.fingerprint() != some[0].fingerprint()
    # All of them are the same images as without a choice, in another order.
    everything = cls(path=cifar_folders[cls], partial=True, images=EACH * files)
    pixels = everything.read(range(EACH * files))["image"].flatten(1)
    natural = (
        cls(path=cifar_folders[cls], partial=True).read(range(EACH * files))["image"].flatten(1)
    )
    assert torch.equal(pixels.sum(dim=1).sort().values, natural.sum(dim=1).sort().values)


@BOTH
def test_more_images_than_there_are_cannot_be_chosen(cls, cifar_folders) -> None:
    with pytest.raises(DataError, match="and 9,999 are asked for"):
        cls(path=cifar_folders[cls], partial=True, images=9999).length()
    with pytest.raises(ValidationError):
        cls(path=cifar_folders[cls], images=0)


@BOTH
@pytest.mark.parametrize("place", ["label", 0, 1000, 3071])
def test_the_fingerprint_follows_every_byte(cls, place, own_cifar) -> None:
    folder, labels = own_cifar(cls), cls.release.labels
    before = cls(path=folder, partial=True).fingerprint()
    file = folder / cls.release.files[-1].name
    content = bytearray(file.read_bytes())
    if place == "label":
        content[:labels] = content[cls.release.record :][:labels]  # that of the second record
    else:
        content[labels + place] ^= 1
    file.write_bytes(content)
    assert cls(path=folder, partial=True).fingerprint() != before


def test_reading_needs_no_more_than_what_is_asked(cifar_folders) -> None:
    dataset = Cifar100(path=cifar_folders[Cifar100], partial=True)
    assert set(dataset.read([0, 1], {"fish", "task"})) == {"fish", "task"}
    assert dataset.read([])["image"].shape == (0, 3, 32, 32)
    dataset.read([0])["image"].zero_()
    assert dataset.read([0])["image"].sum() > 0

"""Altered photographs of CIFAR-10: attributes are exact, and no photograph comes twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from cifar_files import EACH, made_up, write_archive
from pydantic import ValidationError
from scipy import ndimage

from taskspace.errors import DataError
from taskspace_plugins.datasets.altered.cifar10_compositions import Cifar10Compositions
from taskspace_plugins.datasets.cifar10 import Cifar10

WORDS = Path(__file__).parents[3] / "shared" / "data" / "words" / "glove_100d_15k.txt"
RECORD = Cifar10Compositions.release.record
TRAIN, TOTAL = 5 * EACH, 6 * EACH
BT601 = np.array([0.299, 0.587, 0.114])


@pytest.fixture
def folder(cifar_folders) -> Path:
    return cifar_folders[Cifar10]


def opened(path: Path, **parameters) -> Cifar10Compositions:
    return Cifar10Compositions(path=path, partial=True, **parameters)


def pixels(dataset) -> np.ndarray:
    """Return all images as bytes [N, 3, 32, 32]."""
    image = dataset.read(range(dataset.length()), {"image"})["image"]
    as_bytes = (image * 255).round().byte()
    assert torch.equal(as_bytes.float() / 255, image)
    return as_bytes.numpy()


def words(dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the attribute and the object of every image."""
    sample = dataset.read(range(dataset.length()), dataset.word_fields())
    attribute, thing = (
        np.array(dataset.fields()[name].classes)[sample[name].numpy()]
        for name in dataset.word_fields()
    )
    return attribute, thing


def per_composition(dataset, rows=slice(None)) -> np.ndarray:
    """Return how many of the images each of the hundred compositions has."""
    attribute, thing = (one[rows] for one in words(dataset))
    return np.array(
        [
            np.sum((attribute == a) & (thing == o))
            for a in dataset.fields()["attribute"].classes
            for o in dataset.fields()["object"].classes
        ]
    )


def luminance(original: np.ndarray) -> np.ndarray:
    return np.floor(np.einsum("bchw,c->bhw", original.astype(float), BT601) + 0.5 + 1e-9)


def tinted(original: np.ndarray, channel: int) -> np.ndarray:
    expected = np.stack([luminance(original) // 4] * 3, axis=1)
    expected[:, channel] = luminance(original)
    return expected


def blurred(original: np.ndarray) -> np.ndarray:
    mean = ndimage.uniform_filter(original.astype(float), (0, 0, 5, 5), mode="nearest")
    return np.floor(mean + 0.5)


def striped(original: np.ndarray) -> np.ndarray:
    return np.where(np.isin(np.arange(32) % 8, (0, 1, 2)), 0, original)


def framed(original: np.ndarray) -> np.ndarray:
    expected = np.zeros_like(original)
    expected[:, :, 4:28, 4:28] = original[:, :, 4:28, 4:28]
    return expected


EXPECTED = {
    "blue": lambda original: tinted(original, 2),
    "dark": lambda original: original // 4,
    "framed": framed,
    "gray": lambda original: np.stack([luminance(original)] * 3, axis=1),
    "negative": lambda original: 255.0 - original,
    "pale": lambda original: np.ceil(255 - (255.0 - original) / 4),
    "red": lambda original: tinted(original, 0),
    "soft": blurred,
    "striped": striped,
}


@pytest.mark.parametrize("word", EXPECTED)
def test_an_attribute_is_applied_as_defined(word, folder) -> None:
    dataset, original = opened(folder), pixels(Cifar10(path=folder, partial=True))
    rows = words(dataset)[0] == word
    assert rows.sum() >= TOTAL / 10 - 10
    assert np.array_equal(pixels(dataset)[rows], EXPECTED[word](original[rows]))


def test_noise_is_uniform_and_each_photographs_own(folder) -> None:
    dataset, original = opened(folder), pixels(Cifar10(path=folder, partial=True))
    rows = words(dataset)[0] == "noisy"
    before, after = original[rows].astype(int), pixels(dataset)[rows].astype(int)
    free = (before >= 64) & (before <= 192)
    noise = np.where(free, after - before, 0)
    counts = np.bincount(noise[free] + 64, minlength=128)
    assert len(counts) == 128
    # Of a uniform draw the statistic is within 127 +- 5 standard deviations of sqrt(2 * 127).
    expected = free.sum() / 128
    assert abs(((counts - expected) ** 2 / expected).sum() - 127) < 80
    assert len({one.tobytes() for one in noise}) == rows.sum()
    assert (after >= np.clip(before - 64, 0, 255)).all()
    assert (after <= np.clip(before + 63, 0, 255)).all()
    assert {*EXPECTED, "noisy"} == {*dataset.fields()["attribute"].classes}


def test_objects_and_parts_are_as_published(folder) -> None:
    dataset, original = opened(folder), Cifar10(path=folder, partial=True)
    label = original.read(range(TOTAL), {"label"})["label"]
    assert words(dataset)[1].tolist() == [Cifar10.classes[one] for one in label]
    assert dataset.parts() == original.parts()
    assert dataset.word_fields() == dataset.task_fields() == ("attribute", "object")
    assert (dataset.sentences(), dataset.compositions()) == ((), None)


def test_compositions_have_equally_many_images_of_each_part(folder) -> None:
    dataset = opened(folder)
    assert set(per_composition(dataset, slice(TRAIN))) == {6}
    assert set(per_composition(dataset, slice(TRAIN, None))) == {1, 2}
    # What is left over of a class goes to another attribute than that of the next class.
    over = per_composition(dataset, slice(TRAIN, None)).reshape(10, 10).sum(axis=1)
    assert set(over) == {12}


def test_a_choice_uses_each_photograph_once_and_begins_with_a_smaller_one(folder) -> None:
    few, many = (opened(folder, images=number) for number in (100, 300))
    everything = {one.tobytes() for one in pixels(opened(folder))}
    chosen = [one.tobytes() for one in pixels(many)]
    assert len(everything) == TOTAL and len({*chosen}) == 300 and {*chosen} <= everything
    assert np.array_equal(pixels(few), pixels(many)[:100])
    assert few.parts() == many.parts()[:100]
    assert per_composition(many).max() - per_composition(many).min() <= 2


def test_a_part_alone_has_the_same_images(folder) -> None:
    whole = opened(folder)
    for part, rows in (("train", slice(TRAIN)), ("test", slice(TRAIN, None))):
        alone = opened(folder, part=part)
        assert np.array_equal(pixels(alone), pixels(whole)[rows])
        assert np.array_equal(words(alone), [one[rows] for one in words(whole)])
        assert set(alone.parts()) == {part}


def test_another_seed_deals_other_attributes(folder) -> None:
    first, second = (opened(folder, seed=seed) for seed in (0, 1))
    alike = np.mean(words(first)[0] == words(second)[0])
    assert 0.05 < alike < 0.15
    assert np.array_equal(words(first)[1], words(second)[1])
    assert first.fingerprint() != second.fingerprint()


def test_images_do_not_depend_on_what_is_read_beside_them(folder) -> None:
    dataset = opened(folder)
    everything = dataset.read(range(TOTAL))
    rows = [700, 3, 3, 41]
    some = opened(folder).read(rows)
    assert all(torch.equal(some[name], everything[name][rows]) for name in everything)
    assert set(dataset.read([0], {"object"})) == {"object"}
    assert dataset.read([])["image"].shape == (0, 3, 32, 32)


def test_the_archive_and_its_folder_are_the_same_images(folder, tmp_path) -> None:
    release = Cifar10Compositions.release
    path = write_archive(tmp_path / release.archive, made_up(Cifar10, EACH), inside=release.folder)
    assert opened(path).fingerprint() == opened(folder).fingerprint()


@pytest.mark.parametrize(("place", "bit"), [(0, 1), (1, 128), (2000, 128)])
def test_the_fingerprint_follows_labels_and_pixels(place, bit, own_cifar) -> None:
    folder = own_cifar(Cifar10)
    before = opened(folder).fingerprint()
    file = folder / "test_batch.bin"
    content = bytearray(file.read_bytes())
    # A frame or a stripe may cover a pixel of one record, but not of ten.
    for record in range(10):
        content[record * RECORD + place] ^= bit
    file.write_bytes(content)
    assert opened(folder).fingerprint() != before


def test_what_cannot_be_used_is_refused(folder, own_cifar, tmp_path) -> None:
    with pytest.raises(DataError, match="There are 720 images, and 721 are asked for"):
        opened(folder, images=721).length()
    with pytest.raises(DataError, match=r"Record 1 of test_batch\.bin has the label 10"):
        own = own_cifar(Cifar10)
        content = bytearray((own / "test_batch.bin").read_bytes())
        content[RECORD] = 10
        (own / "test_batch.bin").write_bytes(content)
        opened(own).fingerprint()
    with pytest.raises(DataError, match="There is no file or folder with CIFAR-10 here"):
        opened(tmp_path / "nowhere").fingerprint()
    with pytest.raises(DataError, match="records, where 10,000 were published"):
        Cifar10Compositions(path=folder).fingerprint()
    with pytest.raises(ValidationError):
        opened(folder, images=0)


@pytest.mark.skipif(not WORDS.exists(), reason=f"the real vectors are not in {WORDS.parent}")
def test_every_word_has_a_published_vector(folder) -> None:
    with WORDS.open(encoding="utf-8") as file:
        published = {line.split(" ", 1)[0] for line in file}
    fields = opened(folder).fields()
    assert {*fields["attribute"].classes, *fields["object"].classes} <= published

"""Compositions are a dataset: all pairs equally often, declared without rendering, kept once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pydantic
import pytest
import torch

from taskspace.errors import DataError
from taskspace_plugins.datasets.compositions import RenderedCompositions
from taskspace_rooms.compositions.chunk import render_chunk
from taskspace_rooms.compositions.scenes import scenes_of
from taskspace_rooms.compositions.stage import staged
from taskspace_rooms.compositions.words import ATTRIBUTES, OBJECTS, PAIRS, shown
from taskspace_rooms.renderer.render import render

SMALL = RenderedCompositions(images=70, size=16)
GLOVE = Path(__file__).parents[3] / "shared" / "data" / "words" / "glove_100d_15k.txt"


@pytest.mark.parametrize("images", [1, len(PAIRS) - 1, len(PAIRS), 2 * len(PAIRS) + 30])
def test_every_pair_is_in_equally_many_images_up_to_one(images):
    dataset = RenderedCompositions(images=images, size=16)
    sample = dataset.read(range(images), {"attribute", "object"})
    words = zip(sample["attribute"].tolist(), sample["object"].tolist(), strict=True)
    counts = Counter(words)
    assert len(counts) == min(images, len(ATTRIBUTES) * len(OBJECTS))
    assert max(counts.values()) - min(counts.values()) <= 1


def test_pairs_come_in_another_order_in_each_round_and_for_each_seed():
    first, second = range(len(PAIRS)), range(len(PAIRS), 2 * len(PAIRS))
    orders = [shown(first, 0), shown(second, 0), shown(first, 1)]
    assert len({order.tobytes() for order in orders}) == 3


def test_labels_do_not_depend_on_what_is_read_with_them():
    whole = SMALL.read(range(70), {"attribute", "object", "image"})
    some = SMALL.read([69, 3, 3])
    for name, values in some.items():
        assert torch.equal(values, whole[name][[69, 3, 3]]), name


def test_labels_name_what_was_rendered():
    sample, fields = SMALL.read([5, 68]), SMALL.fields()
    for row, image in enumerate((5, 68)):
        surface = fields["attribute"].classes[sample["attribute"][row]]
        thing = fields["object"].classes[sample["object"][row]]
        stage = staged(image, ATTRIBUTES.index(surface), OBJECTS.index(thing), 0)
        pixels = render(scenes_of([stage]), 16).image[0]
        assert (pixels - sample["image"][row]).abs().max() < 0.51 / 255


def test_samples_have_the_declared_shapes_and_types():
    sample = SMALL.read([0, 66])
    assert set(sample) == set(SMALL.fields()) == {"image", "attribute", "object"}
    assert sample["image"].shape == (2, 3, 16, 16)
    assert sample["image"].dtype == torch.float32
    assert torch.equal((sample["image"] * 255).round() / 255, sample["image"])
    assert sample["attribute"].dtype == sample["object"].dtype == torch.int64
    assert SMALL.word_fields() == ("attribute", "object")


def test_a_larger_dataset_begins_with_the_smaller_one_and_renders_nothing_again():
    first = SMALL.read([3])
    folder = SMALL._chunks._folder / "0"
    made = folder.stat().st_ino
    larger = RenderedCompositions(images=130, size=16).read([3])
    assert all(torch.equal(larger[name], values) for name, values in first.items())
    assert folder.stat().st_ino == made


def test_another_process_renders_the_same_images():
    code = (
        "import hashlib\n"
        "from taskspace_rooms.compositions.chunk import render_chunk\n"
        "print(hashlib.sha256(render_chunk(1, 16, 5)['image'].tobytes()).hexdigest())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = hashlib.sha256(render_chunk(1, 16, 5)["image"].tobytes()).hexdigest()
    assert done.stdout.strip() == here


def test_another_seed_shows_other_images():
    assert (render_chunk(0, 16, 0)["image"] != render_chunk(0, 16, 1)["image"]).mean() > 0.5


def test_what_is_declared_needs_neither_torch_nor_rendering(tmp_path):
    code = (
        "import sys\n"
        "from taskspace_plugins.datasets.compositions import RenderedCompositions\n"
        "dataset = RenderedCompositions(images=5, size=16)\n"
        "dataset.fields(), dataset.length(), dataset.identity(), dataset.word_fields()\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"TASKS_DATA": str(tmp_path / "data"), "PYTHONPATH": ":".join(sys.path)},
        check=True,
    )
    assert done.stdout.strip() == "False"
    assert not (tmp_path / "data").exists()


def test_every_parameter_is_in_the_fingerprint():
    others = [{"images": 71}, {"size": 17}, {"seed": 1}, {}]
    prints = {RenderedCompositions(**{"images": 70, "size": 16} | o).fingerprint() for o in others}
    assert len(prints) == 4
    assert SMALL.fingerprint() in prints


def test_a_folder_that_cannot_be_written_is_an_error_with_advice(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TASKS_DATA", str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"cannot be kept: .* set TASKS_DATA to a folder"):
        RenderedCompositions(images=1, size=16).read([0])


@pytest.mark.parametrize("wrong", [{"images": 0}, {"size": 8}, {"seed": -1}, {"pairs": 3}])
def test_bad_parameters_are_refused(wrong):
    with pytest.raises(pydantic.ValidationError, match=next(iter(wrong))):
        RenderedCompositions(**wrong)


def test_an_index_beyond_the_dataset_is_refused():
    with pytest.raises(IndexError):
        SMALL.read([70])


def test_names_are_single_words():
    words = (*ATTRIBUTES, *OBJECTS)
    assert len(set(words)) == len(words)
    assert all(word.isascii() and word.isalpha() and word.islower() for word in words)


@pytest.mark.skipif(not GLOVE.is_file(), reason="the GloVe vectors of 15,071 words are not here")
def test_every_name_has_a_published_vector():
    with GLOVE.open(encoding="utf-8") as lines:
        known = {line.partition(" ")[0] for line in lines}
    assert set(ATTRIBUTES) | set(OBJECTS) <= known


def test_sentences_are_plain_words_that_never_pair_an_attribute_with_an_object():
    texts = [sentence.split(" ") for sentence in SMALL.sentences()]
    assert all(word.isalpha() and word.islower() for words in texts for word in words)
    assert set(ATTRIBUTES) | set(OBJECTS) <= {word for words in texts for word in words}
    assert not any(set(words) & set(ATTRIBUTES) and set(words) & set(OBJECTS) for words in texts)


def test_sentences_do_not_depend_on_the_parameters():
    assert SMALL.sentences() == RenderedCompositions(images=5, seed=9).sentences()


@pytest.fixture(scope="module")
def likeness() -> dict[tuple[str, str], float]:
    """The cosine of two words' positive mutual information with the words of their sentences."""
    texts = [set(sentence.split()) for sentence in SMALL.sentences()]
    words = sorted(set.union(*texts))
    within = np.array([[word in text for word in words] for text in texts], dtype=float)
    counts = within.T @ within * (1 - np.eye(len(words)))
    expected = np.outer(counts.sum(0), counts.sum(0)) / counts.sum()
    information = np.log(np.maximum(counts / expected, 1))
    information /= np.linalg.norm(information, axis=1, keepdims=True)
    cosines = information @ information.T
    return {(a, b): cosines[i, j] for i, a in enumerate(words) for j, b in enumerate(words)}


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("striped", "checkered", "red"),
        ("wooden", "leather", "blue"),
        ("golden", "metal", "blue"),
        ("brick", "tiled", "green"),
        ("marble", "granite", "yellow"),
        ("red", "yellow", "blue"),
        ("stool", "chair", "bathtub"),
        ("table", "desk", "ball"),
        ("vase", "bowl", "bed"),
        ("bathtub", "toilet", "lamp"),
    ],
)
def test_alike_words_share_their_company(likeness, word, near, far):
    assert likeness[word, near] > likeness[word, far] + 0.05


def test_no_two_words_have_the_same_company(likeness):
    for names in (ATTRIBUTES, OBJECTS):
        assert max(likeness[a, b] for a in names for b in names if a != b) < 0.97

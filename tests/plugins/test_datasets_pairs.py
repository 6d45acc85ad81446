"""MIT-States and UT-Zap50K are read in both published splits."""

import random
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from composed_files import COMPOSITIONAL, FOLDERS, NATURAL, entries_of, write_pairs
from taskspace_plugins.datasets.compositional._pair_metadata import choose
from taskspace_plugins.datasets.compositional._shoe_words import MATERIALS, SHOES
from taskspace_plugins.datasets.compositional._word_table import plain_words
from taskspace_plugins.datasets.compositional.mit_states import MitStates
from taskspace_plugins.datasets.compositional.ut_zap50k import UtZap50k


@pytest.fixture
def natural(tmp_path):
    return MitStates(root=write_pairs(tmp_path, NATURAL), split="natural", size=8)


def said(dataset, row: int) -> tuple[str, ...]:
    """What a sample shows, in words."""
    sample, fields = dataset.read([row]), dataset.fields()
    return tuple(fields[name].classes[int(sample[name][0])] for name in dataset.word_fields())


def test_a_sample_is_an_image_with_an_attribute_and_an_object(natural):
    assert list(natural.fields()) == ["image", "attribute", "object"]
    assert natural.word_fields() == ("attribute", "object")
    assert natural.fields()["attribute"].classes == ("old", "wet", "young")
    assert natural.fields()["object"].classes == ("bear", "moss")
    sample = natural.read([3, 0])
    assert sample["image"].shape == (2, 3, 8, 8)
    assert sample["image"].dtype == torch.float32
    assert 0 <= sample["image"].min() < 0.3
    assert 0.7 < sample["image"].max() <= 1


def test_parts_and_pairs_are_those_that_were_published(natural):
    assert Counter(natural.parts()) == {"train": 8, "val": 4, "test": 4}
    published = natural.compositions()
    assert published.fields == ("attribute", "object")
    assert {part: {" ".join(pair) for pair in own} for part, own in published.parts.items()} == {
        part: set(own) for part, own in NATURAL.items()
    }


def test_the_part_is_what_the_metadata_says_and_not_what_the_pair_does(natural):
    tested = {said(natural, row) for row, part in enumerate(natural.parts()) if part == "test"}
    assert ("wet", "moss") in tested  # a pair that is seen in training


def test_the_older_split_has_no_validation_and_tests_unseen_pairs_alone(tmp_path):
    dataset = MitStates(root=write_pairs(tmp_path, COMPOSITIONAL), split="compositional", size=8)
    assert set(dataset.parts()) == {"train", "test"}
    seen = set(dataset.compositions().parts["train"])
    for row, part in enumerate(dataset.parts()):
        assert (said(dataset, row) in seen) == (part == "train")


def test_metadata_of_the_older_split_needs_no_set(tmp_path):
    root = write_pairs(tmp_path, COMPOSITIONAL)
    before = MitStates(root=root, split="compositional", size=8)
    entries = [{k: v for k, v in e.items() if k != "set"} for e in entries_of(COMPOSITIONAL)]
    (root / "metadata_compositional-split.t7").unlink()
    torch.save(entries, root / "metadata.t7")
    after = MitStates(root=root, split="compositional", size=8)
    assert after.parts() == before.parts()
    assert after.fingerprint() == before.fingerprint()


def test_metadata_may_be_called_pt(tmp_path):
    root = write_pairs(tmp_path, NATURAL, metadata="metadata_compositional-split-natural.pt")
    assert MitStates(root=root, split="natural").length() == 16


def test_metadata_as_old_versions_of_pytorch_saved_it_is_read(tmp_path):
    root = write_pairs(tmp_path, NATURAL)
    path = root / f"metadata_{FOLDERS['natural']}.t7"
    torch.save(torch.load(path, weights_only=True), path, _use_new_zipfile_serialization=False)
    assert MitStates(root=root, split="natural").length() == 16


@pytest.mark.parametrize("key", ["attr", "obj", "set"])
def test_entries_without_a_word_or_a_part_are_passed_over(tmp_path, key):
    more = {"image": "x/1.png", "attr": "old", "obj": "bear", "set": "train", key: "NA"}
    dataset = MitStates(
        root=write_pairs(tmp_path, NATURAL, [*entries_of(NATURAL), more]), split="natural"
    )
    assert dataset.length() == 16


def test_entries_with_a_pair_of_no_list_are_passed_over(tmp_path):
    more = {"image": "x/1.png", "attr": "huge", "obj": "bear", "set": "train"}
    root = write_pairs(tmp_path, NATURAL, [*entries_of(NATURAL), more])
    assert MitStates(root=root, split="natural").length() == 16


def test_shuffled_metadata_gives_the_same_dataset(tmp_path, natural):
    entries = entries_of(NATURAL)
    random.Random(4).shuffle(entries)
    torch.save(entries, tmp_path / f"metadata_{FOLDERS['natural']}.t7")
    shuffled = MitStates(root=tmp_path, split="natural", size=8)
    assert shuffled.compositions() == natural.compositions()
    assert shuffled.fingerprint() == natural.fingerprint()


ATTRIBUTES, OBJECTS = st.sampled_from("abcd"), st.sampled_from("xyz")
PAIRS = st.sets(st.tuples(ATTRIBUTES, OBJECTS), min_size=2).map(sorted)


@given(pairs=PAIRS, data=st.data())
def test_no_image_of_an_unseen_pair_is_in_training(pairs, data, tmp_path_factory):
    cut = data.draw(st.integers(1, len(pairs) - 1))
    lists = {"train": tuple(pairs[:cut]), "test": tuple(pairs[cut:])}
    entries = entries_of({part: [" ".join(p) for p in own] for part, own in lists.items()})
    for entry in data.draw(st.lists(st.sampled_from(entries), unique_by=lambda e: e["image"])):
        del entry["set"]
    entries = data.draw(st.permutations(entries))
    chosen = choose(entries, lists, tmp_path_factory.getbasetemp())
    assert chosen == sorted(chosen)
    assert {one.names for one in chosen if one.part == "train"} == set(lists["train"])
    assert {one.names for one in chosen if one.part == "test"} == set(lists["test"])


def test_sentences_say_nothing_of_what_is_to_be_tested(natural):
    assert set(natural.sentences()) == set(NATURAL["train"])
    assert len(natural.sentences()) == 8


def test_shoes_and_materials_are_plain_words_that_stay_different(tmp_path):
    names = {"train": [f"{a} {o}" for a in MATERIALS for o in SHOES]}
    names["test"] = [names["train"].pop()]
    dataset = UtZap50k(root=write_pairs(tmp_path, names, pictures=False), split="compositional")
    words = [dataset.fields()[name].classes for name in dataset.word_fields()]
    assert [len(one) for one in words] == [16, 12]
    assert set(words[0]) == set(MATERIALS.values())
    assert {"fake leather", "thick leather", "shiny leather", "grainy leather"} < set(words[0])
    assert set(words[1]) == set(SHOES.values())
    for word in (*words[0], *words[1]):
        assert word == plain_words(word)


def test_joined_names_become_words():
    assert plain_words("Eiffel_Tower.of-Paris") == "eiffel tower of paris"

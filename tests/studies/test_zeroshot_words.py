"""Words as vectors: what a lexicon hears, what is alike, and whose vectors a control has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zeroshot_labels import THINGS, Labelled, Spelled, all_rows, described, grids, stored

from taskspace.components import Lexicon
from taskspace.errors import InputError
from taskspace.studies.zeroshot.cells.compositions import CompositionTable
from taskspace.studies.zeroshot.maths.compositions import exchanged_vectors, shuffled_vectors


def test_names_of_several_words_are_described_as_they_are_spoken():
    heard: list[str] = []

    class Listening(Spelled):
        def vectors(self, names: Sequence[str], sentences: Sequence[str]) -> np.ndarray:
            heard.extend(names)
            return super().vectors(names, sentences)

    dataset = Labelled(rows=all_rows(2))
    kept = described(dataset, Listening())
    # Hyphens and dots are left to the lexicon, which may know the word as it is written.
    assert heard == ["apple", "dog", "fire truck", "full grain.hat", "green", "old", "red"]
    table = CompositionTable.of(stored(dataset))
    place = table.names.index(("old", "fire truck"))
    expected = Spelled().vectors(["old", "fire truck"], ())
    assert np.array_equal(kept.array("vectors")[place], expected)


def test_classes_of_one_vector_are_listed():
    classes = (("Red", "red", "old"), THINGS)
    rows = all_rows(2, classes)
    assert described(Labelled(classes=classes, rows=rows)).record["alike"] == [["Red", "red"]]
    # A word may stand in two fields: these are different places in a composition.
    both = (("orange", "old"), ("orange", "dog"))
    assert described(Labelled(classes=both, rows=all_rows(2, both))).record["alike"] == []


def test_a_missing_word_vector_stops_with_the_words():
    class Short(Lexicon):
        name = "short"

        def vectors(self, names: Sequence[str], sentences: Sequence[str]) -> np.ndarray:
            raise InputError(f"Without vectors: {names}.", where="short", advice="Add them.")

    with pytest.raises(InputError, match="fire truck"):
        described(Labelled(rows=all_rows(2)), Short())


@settings(deadline=None)
@given(grids(), st.integers(0, 1000))
def test_shuffled_vectors_are_a_permutation_of_words_field_by_field(pairs, seed):
    vectors = np.stack([pairs * 10 + np.arange(pairs.shape[1])] * 2, axis=2).astype(np.float32)
    found = shuffled_vectors(vectors, pairs, seed)
    for field in range(pairs.shape[1]):
        own = {
            int(word): found[pairs[:, field] == word, field] for word in np.unique(pairs[:, field])
        }
        # Wherever a word stands it has one vector, and no two words share theirs.
        assert all((rows == rows[0]).all() for rows in own.values())
        assert {tuple(rows[0]) for rows in own.values()} == {
            tuple(row) for row in vectors[:, field]
        }
    assert np.array_equal(shuffled_vectors(vectors, pairs, seed), found)


@settings(deadline=None)
@given(st.integers(2, 30), st.integers(0, 1000))
def test_exchanged_vectors_are_a_permutation_of_unseen_pairs(size, seed):
    vectors = np.random.default_rng(seed).normal(size=(size, 2, 3)).astype(np.float32)
    unseen = np.random.default_rng(seed).random(size) < 0.5
    found = exchanged_vectors(vectors, unseen, seed)
    assert np.array_equal(found[~unseen], vectors[~unseen])
    assert {row.tobytes() for row in found[unseen]} == {row.tobytes() for row in vectors[unseen]}
    assert np.array_equal(exchanged_vectors(vectors, unseen, seed), found)

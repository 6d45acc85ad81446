"""Vectors of words are learnt from the sentences in which they stand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.errors import InputError
from taskspace_plugins.lexicons.cooccurrence import (
    Cooccurrence,
    cooccurrences,
    factors,
    positive_information,
)

SENTENCES = ("red apple", "red apple", "red brick", "grey brick", "grey stone")
WORDS = st.sampled_from("abcdefg")


def test_pairs_of_a_sentence_are_counted():
    words, counts = cooccurrences(["b a", "a c a"])
    assert words == ["a", "b", "c"]
    assert counts.tolist() == [[2, 1, 2], [1, 0, 0], [2, 0, 0]]


def test_information_is_that_of_levy_and_goldberg():
    words, counts = cooccurrences(SENTENCES)
    information = positive_information(counts)
    red, apple, grey = (words.index(word) for word in ("red", "apple", "grey"))
    # p(red, apple) = 2/10, p(red) = 3/10, p(apple) = 2/10
    assert information[red, apple] == pytest.approx(np.log(0.2 / (0.3 * 0.2)))
    assert information[red, grey] == 0


def test_pairs_that_are_rarer_than_by_chance_say_nothing():
    words, counts = cooccurrences(["a b"] * 5 + ["b c", "c d"] + ["c d"] * 4)
    information = positive_information(counts)
    assert counts[words.index("b"), words.index("c")] == 1
    assert information.min() == 0 == information[words.index("b"), words.index("c")]


def test_signs_and_order_are_fixed_though_eigenvalues_come_in_pairs():
    # Two kinds of words: the eigenvalues of each of the four pairs are +v and -v.
    _, counts = cooccurrences(["a x"] * 3 + ["b y"] * 2 + ["a y", "c z", "d z"])
    information = positive_information(counts)
    found = factors(information, len(information))
    sizes = (found**2).sum(axis=0)
    assert (np.diff(sizes) < 1e-9).all()
    for column in found.T:
        assert column[np.abs(column).round(9).argmax()] >= 0
    for positive, negative in zip(found.T[:6:2], found.T[1:6:2], strict=True):
        assert positive @ information @ positive > 0 > negative @ information @ negative


@given(st.lists(st.lists(WORDS, max_size=5).map(" ".join), max_size=12))
def test_factors_of_all_sizes_are_a_singular_value_decomposition(sentences):
    _, counts = cooccurrences(sentences)
    information = positive_information(counts)
    found = factors(information, len(information))
    values = np.linalg.svd(information, compute_uv=False)
    np.testing.assert_allclose(found.T @ found, np.diag(values), atol=1e-8)
    np.testing.assert_allclose(found @ found.T, _absolute(information), atol=1e-7)


def _absolute(matrix):
    """The matrix with the same singular vectors whose eigenvalues are the singular values."""
    left, values, _ = np.linalg.svd(matrix)
    return (left * values) @ left.T


@given(st.permutations(SENTENCES))
def test_the_order_of_sentences_does_not_matter(sentences):
    names = ["red", "grey brick", "apple"]
    found = Cooccurrence(size=3).vectors(names, sentences)
    np.testing.assert_allclose(found, Cooccurrence(size=3).vectors(names, SENTENCES), atol=1e-6)


def test_a_smaller_size_keeps_the_first_numbers():
    names = ["red", "apple", "stone"]
    whole = Cooccurrence(size=5).vectors(names, SENTENCES)
    np.testing.assert_array_equal(Cooccurrence(size=2).vectors(names, SENTENCES), whole[:, :2])


def test_there_are_at_most_as_many_numbers_as_words():
    assert Cooccurrence(size=50).vectors(["red"], SENTENCES).shape == (1, 5)


def test_words_of_the_same_company_are_near():
    sentences = [f"{c} {o}" for c in ("red", "green") for o in ("apple", "pear")]
    sentences += [f"{c} {o}" for c in ("wet", "dry") for o in ("road", "path")]
    red, green, wet = Cooccurrence().vectors(["red", "green", "wet"], sentences)
    assert np.linalg.norm(red - green) < 1e-6
    assert np.linalg.norm(red - wet) > 0.5


def test_all_words_that_cannot_be_learnt_are_listed():
    with pytest.raises(InputError) as error:
        Cooccurrence().vectors(["red apple", "blue", "lone", "green brick"], [*SENTENCES, "lone"])
    assert error.value.what.startswith("3 words of these names cannot be learnt")
    assert error.value.what.endswith("'blue', 'green' (of 'green brick'), 'lone'.")


def test_no_sentences_are_an_error_that_lists_all_words():
    with pytest.raises(InputError, match="'red'"):
        Cooccurrence().vectors(["red"], [])

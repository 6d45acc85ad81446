"""Distances of embeddings: closed forms, and what each leaves the same."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from taskspace_plugins.fisher import distances

A = np.array([[1.0, 2.0, 0.0], [3.0, 1.0, 2.0]])
B = np.array([[2.0, 2.0, 4.0], [1.0, 2.0, 0.0], [0.5, 3.0, 1.0]])
POSITIVE = A + 0.5


def test_the_symmetric_cosine_is_that_of_shares():
    share, rest = np.array([1 / 3, 1 / 2, 0]), np.array([2 / 3, 1 / 2, 1])
    wanted = 1 - share @ rest / np.linalg.norm(share) / np.linalg.norm(rest)
    found = distances.symmetric_cosine(A, B)
    assert found.shape == (2, 3)
    assert found[0, 0] == pytest.approx(wanted)
    assert found[0, 1] == pytest.approx(0, abs=1e-15)


def test_the_symmetric_cosine_is_the_same_in_another_unit_and_the_other_way_round():
    found = distances.symmetric_cosine(A, B)
    assert np.allclose(distances.symmetric_cosine(1e-9 * A, 1e-9 * B), found)
    assert np.allclose(distances.symmetric_cosine(B, A), found.T)
    assert (found >= 0).all() and (found <= 1).all()


@pytest.mark.parametrize("distance", [distances.cosine, distances.symmetric_cosine])
def test_no_information_is_far_from_all_but_itself(distance):
    nothing = np.zeros((1, 3))
    assert distance(nothing, nothing) == [[0]]
    assert (distance(nothing, A) == 1).all() and (distance(A, nothing) == 1).all()


def test_filters_that_neither_task_uses_do_not_count():
    wide = [np.concatenate([each, np.zeros((len(each), 5))], axis=1) for each in (A, B)]
    for distance in (distances.cosine, distances.symmetric_cosine):
        assert np.allclose(distance(*wide), distance(A, B))


def test_the_normalised_cosine_is_in_units_of_the_trivial_task():
    units = np.array([0.5, 2.0, 10.0])
    found = distances.normalised_cosine(A * units, B * units, np.tile(units, (2, 1)), units + 0 * B)
    assert np.allclose(found, distances.cosine(A, B))


def test_the_divergence_is_that_of_gaussians():
    found = distances.kl(np.array([[2.0]]), np.array([[3.0], [2.0]]))
    # N(w, 1/2) to N(w, 1/3): log of the ratio of deviations, and of variances.
    assert found[0, 0] == pytest.approx(0.5 * log(2 / 3) + (1 / 2) / (2 / 3) - 0.5)
    assert found[0, 1] == 0
    two = distances.kl(np.array([[2.0, 2.0]]), np.array([[3.0, 3.0]]))
    assert two[0, 0] == pytest.approx(2 * found[0, 0])


def test_the_symmetric_divergence_is_the_mean_of_both_directions():
    found = distances.symmetric_kl(POSITIVE, B + 0.5)
    assert np.allclose(found, distances.symmetric_kl(B + 0.5, POSITIVE).T)
    by_hand = [[(distances.kl(a, b) + distances.kl(b, a))[0, 0] / 2 for b in _rows(B)] for a in
               _rows(POSITIVE - 0.5)]  # fmt: skip
    assert np.allclose(found, by_hand)


def _rows(values):
    return [row[None] + 0.5 for row in values]


def test_models_of_complex_tasks_are_nearer():
    trivial = np.ones((2, 3))
    symmetric = distances.symmetric_cosine(A, B)
    found = distances.asymmetric(A, B, trivial, alpha=0.15)
    complexity = distances.symmetric_cosine(A, trivial[:1])[:, 0]
    assert np.allclose(found, symmetric - 0.15 * complexity[:, None])
    assert np.allclose(distances.asymmetric(A, B, trivial, alpha=0.0), symmetric)
    assert not np.allclose(distances.asymmetric(A, A, trivial), distances.asymmetric(A, A, A))


def test_no_tasks_have_no_distances():
    assert distances.symmetric_cosine(A[:0], B).shape == (0, 3)
    assert distances.kl(POSITIVE, B[:0]).shape == (2, 0)

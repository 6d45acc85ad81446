"""Win rates and affinities: the properties of specs and paper, and a case done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from taskspace.errors import TaskspaceError
from taskspace.studies.taxonomy.maths import tournament
from taskspace.studies.taxonomy.maths.tournament import CLIP, affinities, win_rates

NORMALISERS = ["ahp", "bradley_terry", "win_rate"]
losses = hnp.arrays(
    np.float32,
    st.tuples(st.integers(2, 6), st.integers(1, 70)),
    elements=st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, 3.5]),
)


def by_definition(table: np.ndarray) -> np.ndarray:
    """W[i, j], counted pair by pair and image by image."""
    count, images = table.shape
    rates = np.zeros((count, count))
    for i in range(count):
        for j in range(count):
            for a, b in zip(table[i], table[j], strict=True):
                rates[i, j] += 1.0 if a < b else 0.5 if a == b else 0.0
    return rates / images


@given(losses)
def test_win_rates_are_what_they_are_defined_to_be(table):
    np.testing.assert_allclose(win_rates(table), by_definition(table), atol=1e-12)


def test_images_are_streamed_without_a_seam(monkeypatch):
    table = np.random.default_rng(0).random((5, 1000), dtype=np.float32)
    whole = win_rates(table)
    for block in (1, 7, 64, 999):
        monkeypatch.setattr(tournament, "BLOCK", block)
        np.testing.assert_array_equal(win_rates(table), whole)


@given(losses)
def test_a_win_is_the_other_ones_defeat(table):
    rates = win_rates(table)
    np.testing.assert_allclose(rates + rates.T, 1.0)
    np.testing.assert_allclose(np.diag(rates), 0.5)


@given(losses, st.integers(0, 2**31))
def test_scaling_the_losses_of_an_image_changes_nothing(table, seed):
    # Powers of two: exact, so that what ties keeps tying.
    factors = 2.0 ** np.random.default_rng(seed).integers(-8, 8, size=table.shape[1])
    np.testing.assert_array_equal(win_rates(table), win_rates((table * factors).astype(np.float32)))


@pytest.mark.parametrize("normaliser", NORMALISERS)
@given(table=losses, seed=st.integers(0, 2**31))
def test_permuting_competitors_permutes_affinities(normaliser, table, seed):
    order = np.random.default_rng(seed).permutation(len(table))
    strength = affinities(win_rates(table), normaliser)
    np.testing.assert_allclose(
        affinities(win_rates(table[order]), normaliser), strength[order], rtol=1e-7
    )
    assert strength.sum() == pytest.approx(1.0)
    assert (strength > 0).all()


@pytest.mark.parametrize("normaliser", NORMALISERS)
@given(table=losses)
def test_who_beats_all_others_on_every_image_is_first(normaliser, table):
    table = table + 1.0
    table[2 % len(table)] = 0.5
    strength = affinities(win_rates(table), normaliser)
    assert strength.argmax() == 2 % len(table)


@pytest.mark.parametrize("normaliser", NORMALISERS)
def test_equals_are_equal(normaliser):
    table = np.ones((4, 9), dtype=np.float32)
    np.testing.assert_allclose(affinities(win_rates(table), normaliser), 0.25)


def test_losses_within_the_tolerance_tie():
    rates = win_rates(np.array([[1.0], [1.0 + 5e-7], [1.00001]], dtype=np.float32))
    assert rates[0, 1] == 0.5
    assert rates[0, 2] == 1.0


def test_negative_losses_are_compared_as_numbers():
    rates = win_rates(np.array([[-3.0], [-2.0], [-3.0]], dtype=np.float32))
    assert rates[0, 1] == 1.0
    assert rates[0, 2] == 0.5


def test_three_competitors_by_hand():
    # a beats b on 3 of 4 images, b beats c on 3 of 4, a beats c on 2 of 4. So
    # W' = [[1, 3, 1], [1/3, 1, 3], [1, 1/3, 1]]; a general eigensolver is the reference.

    rates = np.array([[0.5, 0.75, 0.5], [0.25, 0.5, 0.75], [0.5, 0.25, 0.5]])
    ratio = np.array([[1, 3, 1], [1 / 3, 1, 3], [1, 1 / 3, 1]])
    values, vectors = np.linalg.eig(ratio)
    reference = np.abs(vectors[:, values.real.argmax()].real)
    np.testing.assert_allclose(affinities(rates), reference / reference.sum(), rtol=1e-10)
    # For n = 3 the principal vector is the row's geometric mean (Crawford & Williams 1985).
    geometric = ratio.prod(axis=1) ** (1 / 3)
    np.testing.assert_allclose(affinities(rates), geometric / geometric.sum(), rtol=1e-10)


def test_bradley_terry_finds_the_strengths_that_made_the_rates():
    strength = np.array([0.5, 0.3, 0.15, 0.05])
    rates = strength[:, None] / (strength[:, None] + strength[None, :])
    np.testing.assert_allclose(affinities(rates, "bradley_terry"), strength, rtol=1e-8)


def test_adding_a_competitor_can_reverse_others():
    # Why affinities compare inside one tournament only: found by search, kept as a reminder.
    random = np.random.default_rng(3)
    for _ in range(2000):
        table = random.random((4, 12), dtype=np.float32)
        before = affinities(win_rates(table[:3]))
        after = affinities(win_rates(table))[:3]
        if (np.argsort(before) != np.argsort(after)).any():
            return
    pytest.fail("no reversal in 2,000 draws")


def test_rates_are_clipped_before_they_are_divided():
    certain = np.array([[0.5, 1.0], [0.0, 0.5]])
    best, worst = affinities(certain)
    assert best / worst == pytest.approx(CLIP[1] / CLIP[0])


def test_without_images_there_is_no_tournament():
    with pytest.raises(TaskspaceError, match="every label is missing"):
        win_rates(np.empty((3, 0), dtype=np.float32))

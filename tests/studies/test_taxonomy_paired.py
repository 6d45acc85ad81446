"""Paired differences of win rates: by hand, and what they may not depend on."""

from __future__ import annotations

import numpy as np
import pytest

from taskspace.learning.statistics import mean_interval
from taskspace.studies.taxonomy.maths.paired import difference_interval, paired_beats

NAN = np.nan


def test_each_seed_is_compared_with_itself():
    losses = np.array([[1, 2, NAN], [3, 3, 3]], dtype=np.float32)
    opponent = np.array([[2, 2, 2], [1, 4, 3]], dtype=np.float32)
    expected = [[1, 0.5, NAN], [0, 1, 0.5]]
    assert np.array_equal(paired_beats(losses, opponent), expected, equal_nan=True)


def test_a_difference_is_that_of_the_means():
    first = np.array([[[1, 1, 0, NAN], [1, 0, 0, 0]]], dtype=np.float32)
    second = np.array([[[0, 1, 0, NAN], [0, 0, 0, 1]]], dtype=np.float32)
    found = difference_interval(first, second, seed=0)
    assert found is not None
    means = [mean_interval(rates, 0)[0] for rates in (first, second)]
    assert found[0] == pytest.approx(means[0] - means[1]) == pytest.approx(1 / 6)


@pytest.mark.parametrize("seeds", [1, 3])
def test_two_equal_competitors_differ_by_nothing(seeds):
    rates = np.random.default_rng(0).integers(0, 2, (seeds, 4, 50)).astype(np.float32)
    assert difference_interval(rates, rates, seed=0) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_swap_turns_the_sign(seeds):
    random = np.random.default_rng(1)
    first, second = random.integers(0, 2, (2, seeds, 4, 50)).astype(np.float32)
    mean, low, high = difference_interval(first, second, seed=0)
    assert difference_interval(second, first, seed=0) == pytest.approx([-mean, -high, -low])


def test_pairs_tell_more_than_two_means_do():
    """Images that are hard for both widen the intervals of the means, and not the difference."""
    random = np.random.default_rng(2)
    second = random.integers(0, 2, (1, 1, 400)).astype(np.float32)
    better = np.where(random.random(second.shape) < 0.1, 1.0, second).astype(np.float32)
    _, low, high = difference_interval(better, second, seed=0)
    _, alone_low, alone_high = mean_interval(better, 0)
    assert high - low < alone_high - alone_low
    assert low > 0


def test_without_labels_there_is_no_difference():
    nothing = np.full((1, 2, 3), NAN, dtype=np.float32)
    assert difference_interval(nothing, nothing, seed=0) is None

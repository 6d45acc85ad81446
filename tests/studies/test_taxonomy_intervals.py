"""Beats and bootstrap intervals."""

from __future__ import annotations

import numpy as np
import pytest

from taskspace.learning import statistics
from taskspace.learning.statistics import DRAWS, mean_interval
from taskspace.studies.taxonomy.maths.tournament import beats


def test_beats_are_wins_ties_and_losses():
    mine = np.array([1.0, 2.0, 3.0, np.nan, 1.0], dtype=np.float32)
    theirs = np.array([2.0, 2.0, 2.0, 2.0, np.nan], dtype=np.float32)
    np.testing.assert_array_equal(beats(mine, theirs), [1.0, 0.5, 0.0, np.nan, np.nan])


def test_the_interval_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(0)
    hits = 0
    for seed in range(200):
        values = (random.random(150) < 0.3).astype(np.float32)
        _, low, high = mean_interval(values, seed)
        hits += low <= 0.3 <= high
    # Binomial(200, 0.95) is within 181..199 with probability above 0.99.
    assert 181 <= hits <= 199


@pytest.mark.parametrize("at_once", [1, 50 * DRAWS])
def test_it_is_the_bootstrap_draw_by_draw(at_once, monkeypatch):
    monkeypatch.setattr(statistics, "COUNTS_AT_ONCE", at_once)
    levels = np.array([0.0, 0.5, 1.0, np.nan], dtype=np.float32)
    table = np.random.default_rng(2).choice(levels, size=(3, 40))
    random = np.random.default_rng(7)
    means = [
        np.mean(np.nanmean(table[:, random.integers(40, size=40)].astype(float), axis=1))
        for _ in range(DRAWS)
    ]
    mean, low, high = mean_interval(table, 7)
    assert mean == pytest.approx(np.mean(np.nanmean(table.astype(float), axis=1)), rel=1e-12)
    assert [low, high] == pytest.approx(np.quantile(means, [0.025, 0.975]), rel=1e-12)


def test_targets_count_alike_however_many_labels_they_have():
    table = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, np.nan, np.nan, np.nan]], dtype=np.float32)
    assert mean_interval(table, 0)[0] == pytest.approx(0.5)


def test_without_labels_there_is_no_mean():
    assert mean_interval(np.array([np.nan, np.nan], dtype=np.float32), 0) is None


def test_the_interval_is_the_same_for_the_same_seed():
    values = np.random.default_rng(1).random(50).astype(np.float32)
    assert mean_interval(values, 3) == mean_interval(values, 3) != mean_interval(values, 4)

"""Paired comparisons, corrections, prediction intervals: against SciPy, by hand, by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from taskspace.learning.statistics import compare, holm, mean_interval
from taskspace.studies.taxonomy.maths.evidence import (
    better_of,
    corrected,
    share_below,
)


def differences(*shape: int, seed: int = 0, shift: float = 0.0) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=shape) + shift).astype(np.float32)


def test_one_seed_is_the_paired_t_test():
    found = differences(1, 40, shift=0.3)
    test = stats.ttest_1samp(found[0].astype(float), 0.0, alternative="greater")
    interval = stats.ttest_1samp(found[0].astype(float), 0.0).confidence_interval(0.95)
    made = compare(found)
    assert made is not None
    assert made.p == pytest.approx(test.pvalue, rel=1e-6)
    assert (made.low, made.high) == pytest.approx((interval.low, interval.high), rel=1e-6)
    assert made.images == 40


def test_several_seeds_are_compared_by_their_mean_and_have_to_agree():
    found = differences(3, 60, shift=0.5)
    made = compare(found)
    alone = compare(found.mean(axis=0, keepdims=True))
    assert made is not None and alone is not None
    assert made.p == pytest.approx(alone.p, rel=1e-4) and made.agree
    found[1] -= 1.0
    turned = compare(found)
    assert turned is not None and turned.mean > 0 and not turned.agree


def test_the_clearer_of_loss_and_metric_counts_and_pays_for_the_choice():
    loss, metric = compare(differences(1, 60, shift=0.1)), compare(differences(1, 60, shift=0.8))
    assert loss is not None and metric is not None
    chosen = better_of(loss, metric)
    assert chosen is not None and (chosen.of, chosen.mean) == ("metric", metric.mean)
    assert chosen.p == pytest.approx(2 * metric.p)
    kept = better_of(metric, loss)
    assert kept is not None and kept.of == "loss" and kept.p == pytest.approx(2 * metric.p)
    assert better_of(None, None) is None


def test_an_overconfident_network_is_shown_by_its_metric():
    """Right on 80 % of the images, with a loss of 6 where it is wrong; the constant on 55 %."""
    random = np.random.default_rng(4)
    right, guessed = random.random((1, 150)) < 0.8, random.random((1, 150)) < 0.55
    loss = compare((np.log(2) - np.where(right, 0.01, 6.0)).astype(np.float32))
    metric = compare((right.astype(np.float32) - guessed).astype(np.float32))
    assert loss is not None and loss.mean < 0
    chosen = better_of(loss, metric)
    assert chosen is not None and chosen.of == "metric" and chosen.p < 0.001


def test_images_without_a_label_do_not_count():
    found = differences(2, 30)
    sparse = np.concatenate([found, np.full((2, 5), np.nan, dtype=np.float32)], axis=1)
    assert compare(sparse) == compare(found)
    assert compare(np.full((1, 9), np.nan, dtype=np.float32)) is None


def test_the_images_that_are_needed_would_decide():
    found = differences(1, 50, seed=3, shift=0.1)
    made = compare(found)
    assert made is not None and made.low < 0 < made.mean and made.needed is not None
    deviation = found.std(ddof=1)
    assert 2 * deviation / np.sqrt(made.needed) <= made.mean
    assert 2 * deviation / np.sqrt(made.needed - 2) > made.mean


def test_without_a_difference_few_comparisons_are_significant():
    p = [compare(differences(2, 25, seed=seed)).p for seed in range(400)]  # type: ignore[union-attr]
    # Binomial(400, 0.05) is within 8..34 with probability above 0.998.
    assert 8 <= sum(value < 0.05 for value in p) <= 34


def test_holm_by_hand():
    # Sorted .005, .01, .03, .04, times 4, 3, 2, 1: .02, .03, .06, and .04 no less than before it.
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )
    assert holm({"a": 0.7, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_lies_between_the_value_and_bonferroni(values):
    corrected = holm(dict(enumerate(values)))
    for i, value in enumerate(values):
        assert value <= corrected[i] <= min(1.0, len(values) * value) + 1e-12
        for j, other in enumerate(values):
            assert value > other or corrected[i] <= corrected[j]


def test_a_fixed_sequence_within_targets_and_bonferroni_between_them():
    assert corrected({"a": [0.01, 0.002], "b": [0.03, 0.4, 0.001]}) == {
        "a": pytest.approx([0.02, 0.02]),
        "b": pytest.approx([0.06, 0.8, 0.8]),
    }


def test_the_chance_of_any_false_claim_is_as_stated():
    random = np.random.default_rng(0)
    claims = sum(
        any(
            p < 0.05
            for found in corrected({t: random.random(3) for t in range(5)}).values()
            for p in found
        )
        for _ in range(2000)
    )
    # Binomial(2000, 0.05) is within 72..130 with probability above 0.995.
    assert claims <= 130


def test_the_share_of_losers_counts_means_over_seeds():
    worse, better = np.ones((2, 20), np.float32), -np.ones((2, 20), np.float32)
    mixed = np.stack([np.full(20, -3.0), np.full(20, 1.0)]).astype(np.float32)
    assert share_below([worse, better, mixed, better], 0) == [0.25, 0.25, 0.25]
    assert share_below([], 0) is None


def run_of(random: np.random.Generator, seeds: int, images: int) -> np.ndarray:
    """Beats [S, 1, N] of a policy whose chance to beat differs by seed and by image."""
    chance = 0.6 + 0.05 * random.normal(size=(seeds, 1)) + 0.15 * random.normal(size=images)
    return (random.random((seeds, images)) < chance).astype(np.float32)[:, None]


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_intervals_over_seeds_cover_a_fresh_run_as_often_as_they_say(seeds):
    random = np.random.default_rng(seeds)
    hits = 0
    for trial in range(300):
        interval = mean_interval(run_of(random, seeds, 120), trial)
        assert interval is not None
        hits += interval[1] <= run_of(random, 1, 120).mean() <= interval[2]
    # Binomial(300, 0.95) is within 273..296 with probability above 0.995; conservative is allowed.
    assert hits >= 273


def test_intervals_over_images_alone_cover_a_fresh_run_too_rarely():
    random = np.random.default_rng(9)
    hits = sum(
        low <= run_of(random, 1, 120).mean() <= high
        for _, low, high in (mean_interval(run_of(random, 1, 120), t) for t in range(300))
    )
    assert hits < 240


def test_equal_seeds_leave_what_images_make_uncertain():
    one = run_of(np.random.default_rng(1), 1, 200)
    alone, thrice = mean_interval(one, 0), mean_interval(np.repeat(one, 3, axis=0), 0)
    assert alone is not None and thrice is not None
    assert thrice[0] == pytest.approx(alone[0])
    # Two test sets are drawn, ours and the fresh one: wider by the root of two.
    assert (thrice[2] - thrice[1]) / (alone[2] - alone[1]) == pytest.approx(2**0.5, rel=0.08)

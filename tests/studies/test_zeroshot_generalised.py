"""The generalised evaluation against the public evaluator and a slow one written from its text."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.studies.zeroshot.maths.generalised import GeneralisedCurve, generalised_curve

CASES = Path(__file__).parents[3] / "shared" / "data" / "gzscl" / "evaluator_cases.json"


@pytest.mark.skipif(not CASES.is_file(), reason="cases of the public evaluator are not there")
@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_curve_is_that_of_the_public_evaluator(k):
    for case in json.loads(CASES.read_text())["cases"].values():
        pairs = case["pairs"]
        phase = [*case["train_pairs"], *case[f"{case['phase']}_pairs"]]
        curve = generalised_curve(
            np.array(case["scores"], np.float32),
            np.array(case["labels"]),
            np.array([pair in case["train_pairs"] for pair in pairs]),
            np.array([pair in phase for pair in pairs]),
            k,
        )
        wanted = case["expected"][str(k)]
        for ours, theirs in {
            "biases": "biases",
            "seen": "seen",
            "unseen": "unseen",
            "auc": "auc",
            "harmonic_mean": "best_hm",
            "geometric_mean": "best_gm",
        }.items():
            computed = getattr(curve, ours)
            np.testing.assert_allclose(computed, wanted[theirs], rtol=0, atol=1e-6, err_msg=ours)
        assert curve.best_seen == pytest.approx(max(wanted["seen"]), abs=1e-6)
        assert curve.best_unseen == pytest.approx(max(wanted["unseen"]), abs=1e-6)


def in_top_k(scores, pair, seen, candidates, bias, k) -> bool:
    """Whether fewer than k candidates stand before a pair, one pair at a time."""

    def biased(other):
        return scores[other] if seen[other] else np.float32(scores[other] + np.float32(bias))

    before = [c for c in range(len(scores)) if candidates[c] and biased(c) > biased(pair)]
    return len(before) < k


def slow_curve(scores, truth, seen, candidates, k):
    """Return biases, seen and unseen accuracy as the evaluator's text says them."""
    turns = []
    for row, pair in zip(scores, truth, strict=True):
        if not seen[pair] and in_top_k(row, pair, seen, candidates, 1e3, k):
            of_seen = sorted(row[c] for c in range(len(row)) if seen[c] and candidates[c])
            turns.append(np.float32(of_seen[-k] - row[pair]) - np.float32(1e-4))
    turns.sort()
    biases = [*turns[:: max(len(turns) // 20, 1)], 1e3]
    accuracies = []
    for side in (True, False):
        samples = [(r, p) for r, p in zip(scores, truth, strict=True) if seen[p] == side]
        right = [[in_top_k(r, p, seen, candidates, b, k) for r, p in samples] for b in biases]
        accuracies.append(np.mean(right, axis=1))
    return np.array(biases, float), *accuracies


def random_case(draws, samples, pairs, k):
    """Return scores on a coarse grid, so that many are equal, and who is seen and a candidate."""
    scores = (draws.integers(-6, 7, (samples, pairs)) / 8).astype(np.float32)
    seen, candidates = np.zeros((2, pairs), bool)
    order = draws.permutation(pairs)
    cut = draws.integers(k, pairs - k + 1)
    seen[order[:cut]] = True
    candidates[order[:k]] = candidates[order[-k:]] = True
    candidates |= draws.random(pairs) < 0.6
    possible = np.flatnonzero(candidates)
    truth = draws.choice(possible, samples)
    truth[:2] = order[0], order[-1]
    return scores, truth, seen, candidates


@given(
    seed=st.integers(0, 2**32 - 1),
    samples=st.integers(2, 30),
    more=st.integers(0, 8),
    k=st.integers(1, 3),
)
def test_the_curve_is_that_of_a_slow_evaluator_where_scores_are_equal(seed, samples, more, k):
    case = random_case(np.random.default_rng(seed), samples, 2 * k + more, k)
    curve = generalised_curve(*case, k)
    biases, seen, unseen = slow_curve(*case, k)
    np.testing.assert_allclose(curve.biases, biases, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(curve.seen, seen)
    np.testing.assert_array_equal(curve.unseen, unseen)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_of_many_biases_about_twenty_are_kept(k):
    case = random_case(np.random.default_rng(k), 700, 9, k)
    curve = generalised_curve(*case, k)
    biases, seen, unseen = slow_curve(*case, k)
    assert 20 < len(biases) < 42
    np.testing.assert_allclose(curve.biases, biases, rtol=0, atol=1e-6)
    np.testing.assert_array_equal([curve.seen, curve.unseen], [seen, unseen])


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 3))
def test_a_larger_bias_helps_unseen_pairs_and_harms_seen_ones(seed, k):
    curve = generalised_curve(*random_case(np.random.default_rng(seed), 40, 12, k), k)
    assert (np.diff(curve.biases) >= 0).all()
    assert (np.diff(curve.seen) <= 0).all()
    assert (np.diff(curve.unseen) >= 0).all()
    assert 0 <= curve.auc <= curve.best_seen * curve.best_unseen + 1e-12


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 3))
def test_neither_the_order_of_samples_nor_scores_of_other_pairs_matter(seed, k):
    draws = np.random.default_rng(seed)
    scores, truth, seen, candidates = random_case(draws, 30, 12, k)
    first = generalised_curve(scores, truth, seen, candidates, k)
    order = draws.permutation(30)
    other = np.where(candidates, scores, np.float32(1e6))
    second = generalised_curve(other[order], truth[order], seen, candidates, k)
    for part in ("biases", "seen", "unseen"):
        np.testing.assert_allclose(getattr(first, part), getattr(second, part), atol=1e-12)


def curve_of(seen, unseen) -> GeneralisedCurve:
    return GeneralisedCurve(np.arange(len(seen), dtype=float), np.array(seen), np.array(unseen))


def test_the_harmonic_mean_is_harmonic_and_the_geometric_one_is_named_so():
    curve = curve_of([0.8, 0.5, 0.0], [0.0, 0.3, 0.9])
    assert curve.harmonic_mean == pytest.approx(2 / (1 / 0.5 + 1 / 0.3))
    assert curve.geometric_mean == pytest.approx((0.5 * 0.3) ** 0.5)
    assert curve.best_seen == 0.8
    assert curve.best_unseen == 0.9
    assert curve.auc == pytest.approx(0.3 * (0.8 + 0.5) / 2 + 0.6 * (0.5 + 0.0) / 2)


def test_means_of_nothing_right_are_0():
    nothing = curve_of([0.0, 0.0], [0.0, 0.0])
    assert nothing.harmonic_mean == nothing.geometric_mean == nothing.auc == 0.0


def test_unseen_pairs_that_no_bias_helps_leave_the_largest_one():
    scores = np.array([[1, 0, 5, 0], [0, 0, 5, 0]], np.float32)
    seen = np.array([True, False, False, False])
    curve = generalised_curve(scores, np.array([0, 1]), seen, np.ones(4, bool))
    assert curve.biases.tolist() == [1e3]
    assert (curve.seen.tolist(), curve.unseen.tolist(), curve.auc) == ([0.0], [0.0], 0.0)


SCORES = np.zeros((2, 4), np.float32)
SEEN = np.array([True, True, False, False])
EVERY = np.ones(4, bool)


@pytest.mark.parametrize("truth", [[0, 1], [2, 3]], ids=["only seen", "only unseen"])
def test_samples_of_one_side_alone_are_refused(truth):
    with pytest.raises(ValueError, match="seen and of unseen pairs"):
        generalised_curve(SCORES, np.array(truth), SEEN, EVERY)


@pytest.mark.parametrize(
    ("scores", "truth", "candidates", "message"),
    [
        (SCORES[:1], [0, 2], EVERY, r"shape \(1, 4\) for 2 samples"),
        (SCORES, [0, 2], EVERY[:3], "3 in `candidates`"),
        (SCORES, [0, 4], EVERY, "from 0 to 3"),
        (SCORES, [0, -1], EVERY, "from 0 to 3"),
        (SCORES, [0, 2], EVERY & ~np.array([False, False, True, False]), "among the candidates"),
        (SCORES * np.float32(np.nan), [0, 2], EVERY, "finite"),
    ],
)
def test_what_does_not_fit_together_is_refused(scores, truth, candidates, message):
    with pytest.raises(ValueError, match=message):
        generalised_curve(scores, np.array(truth), SEEN, candidates)


def test_fewer_than_k_candidates_on_a_side_are_refused():
    with pytest.raises(ValueError, match="fewer than 3 candidates"):
        generalised_curve(SCORES, np.array([0, 2]), SEEN, EVERY, k=3)
    one_unseen = np.array([True, True, True, False])
    with pytest.raises(ValueError, match="fewer than 2 candidates"):
        generalised_curve(SCORES, np.array([0, 2]), SEEN, one_unseen, k=2)


def test_a_published_size_is_evaluated_within_a_gigabyte():
    samples, pairs = 13_000, 2_000
    tracemalloc.start()
    try:
        draws = np.random.default_rng(0)
        scores = draws.standard_normal((samples, pairs), dtype=np.float32)
        truth = draws.integers(pairs, size=samples)
        scores[np.arange(samples), truth] += 2
        seen = np.arange(pairs) % 3 > 0
        curves = [generalised_curve(scores, truth, seen, np.ones(pairs, bool), k) for k in (1, 3)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0 < curves[0].auc < curves[1].auc < 1
    assert scores.nbytes < peak < 2**30
    # Beside the scores themselves there are blocks of them, never a second array of their size.
    assert peak < 1.5 * scores.nbytes

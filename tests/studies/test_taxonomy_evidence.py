"""Paired comparisons, corrections, prediction intervals: against SciPy, by hand, by simulation."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from taskspace.learning.statistics import compare, holm, mean_interval
from taskspace.studies.taxonomy.cells.evidence import beats_floor
from taskspace.studies.taxonomy.maths.evidence import against_all, share_below
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED


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


def test_a_claim_names_the_harder_rival_and_holds_against_both():
    easy, hard = compare(differences(2, 60, shift=0.9)), compare(differences(2, 60, shift=0.1))
    assert easy is not None and hard is not None and easy.p < 1e-6 < hard.p
    for order in ({"scratch": hard, "constant": easy}, {"constant": easy, "scratch": hard}):
        claim = against_all(order)
        assert claim is not None
        assert (claim.against, claim.compared) == ("scratch", hard)
        assert claim.agree == (easy.agree and hard.agree)
    assert against_all({"scratch": hard, "constant": None}) is None
    assert against_all({}) is None


@given(shift=st.floats(-1.0, 2.0), seed=st.integers(0, 50))
def test_a_claim_against_both_is_never_clearer_than_one_against_either(shift, seed):
    made = {
        "scratch": compare(differences(1, 20, seed=seed)),
        "constant": compare(differences(1, 20, seed=seed + 1, shift=shift)),
    }
    claim = against_all(made)
    assert claim is not None
    assert claim.compared.p == max(one.p for one in made.values() if one is not None)


def judged(
    metrics: dict[str, dict[str, np.ndarray]],
    baselines: dict[str, dict[str, np.ndarray]],
    *,
    rising: bool = True,
) -> dict[tuple[str, str], dict]:
    """Return what the cell says of metrics [S, N], by target and competitor."""
    inputs = {}
    for target, found in metrics.items():
        beside = baselines[target]
        arrays = {"metric": np.stack([*found.values()], axis=1)}
        arrays |= {f"{kind}_metric": values for kind, values in beside.items()}
        inputs[target] = SimpleNamespace(
            record={"competitors": list(found), "metrics": dict.fromkeys(beside)},
            array=arrays.__getitem__,
        )
    call = SimpleNamespace(
        parameters={
            "competitors": {target: list(found) for target, found in metrics.items()},
            "rising": dict.fromkeys(metrics, rising),
        },
        inputs=inputs,
    )
    rows = beats_floor(call).record["comparisons"]
    return {(row["target"], row["competitor"]): row for row in rows}


def correct(random: np.random.Generator, share: float, images: int = 112) -> np.ndarray:
    return (random.random((3, images)) < share).astype(np.float32)


def test_a_transfer_that_is_as_good_as_scratch_is_not_shown_by_a_poor_constant():
    random = np.random.default_rng(17)
    baselines = {"scratch": correct(random, 0.81), "constant": correct(random, 0.5)}
    (row,) = judged({"kind": {"a+b": correct(random, 0.82)}}, {"kind": baselines}).values()
    assert (row["against"], row["of"]) == ("scratch", "metric")
    assert not row["shown"] and abs(row["mean"]) < 0.1


def test_a_transfer_that_beats_both_is_shown_against_the_harder_one():
    random = np.random.default_rng(18)
    baselines = {"scratch": correct(random, 0.4), "constant": correct(random, 0.2)}
    (row,) = judged({"kind": {"a": correct(random, 0.8)}}, {"kind": baselines}).values()
    assert (
        row["shown"] and row["against"] == "scratch" and row["mean"] == pytest.approx(0.4, abs=0.1)
    )


def test_errors_are_better_where_they_are_smaller():
    random = np.random.default_rng(19)
    error, scratch, constant = (random.random((1, 80), np.float32) + k for k in (0.0, 1.0, 2.0))
    (row,) = judged(
        {"price": {"a": error}},
        {"price": {"scratch": scratch, "constant": constant}},
        rising=False,
    ).values()
    assert row["shown"] and row["against"] == "scratch" and row["mean"] == pytest.approx(1, abs=0.1)


def test_a_poor_network_of_its_own_does_not_hide_a_transfer_that_wins():
    """As with a pretrained source: 0.76 against 0.42 from scratch; the own network gets 0.41."""
    random = np.random.default_rng(20)
    metrics = {"class": {SUPERVISED: correct(random, 0.41), "imagenet": correct(random, 0.76)}}
    baselines = {"class": {"scratch": correct(random, 0.42), "constant": correct(random, 0.22)}}
    rows = judged(metrics, baselines)
    assert not rows["class", SUPERVISED]["shown"]
    assert rows["class", "imagenet"]["shown"] and rows["class", "imagenet"]["p_corrected"] < 1e-6


@pytest.mark.parametrize("true", [0, 4], ids=["nothing is true", "some targets are true wins"])
def test_the_chance_of_any_false_claim_of_a_job_is_as_stated(true):
    """Five targets, three competitors each, whose errors on an image depend on each other.

    Scratch is exactly as good as what does not win, the hardest case; the constant is worse. Of
    four targets one competitor truly wins, which must not make claims beside it cheaper.
    """
    random = np.random.default_rng(6)
    trials, false, missed = 400, 0, 0
    for _ in range(trials):
        metrics: dict[str, dict[str, np.ndarray]] = {}
        baselines = {}
        for target in "abcde":
            image = random.normal(size=(1, 60))

            def errors(shift: float, image: np.ndarray = image) -> np.ndarray:
                return (image + shift + random.normal(size=image.shape)).astype(np.float32)

            metrics[target] = {name: errors(0.0) for name in (SUPERVISED, "x", "y")}
            if "abcde".index(target) < true:
                metrics[target]["y"] = errors(-1.2)
            baselines[target] = {"scratch": errors(0.0), "constant": errors(0.5)}
        rows = judged(metrics, baselines, rising=False)
        wins = {(target, "y") for target in "abcde"[:true]}
        false += any(row["shown"] for key, row in rows.items() if key not in wins)
        missed += sum(not rows[key]["shown"] for key in wins)
    # Binomial(400, 0.05) is at most 34 with probability above 0.998.
    assert false <= 34
    assert missed <= 0.05 * trials * true


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

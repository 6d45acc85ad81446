"""What holds for every score: invariances, growth with separation, chunks, and extremes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from score_cases import ALL, OF_FEATURES, OF_PROBABILITIES, clusters, evidence_of

from taskspace_plugins.scores import _spectrum
from taskspace_plugins.scores import knn as knn_module
from taskspace_plugins.scores.gbc import gbc
from taskspace_plugins.scores.h_score import h_score
from taskspace_plugins.scores.knn import knn
from taskspace_plugins.scores.logme import logme
from taskspace_plugins.scores.parc import parc
from taskspace_plugins.scores.transrate import transrate

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.sampled_from([(24, 3, 2), (20, 40, 4), (45, 6, 5)])
SHIFTABLE = tuple(score for score in OF_FEATURES if score not in (logme, knn, parc))


def scaled_transrate(features, labels):
    return transrate(features, labels, scaled=True, distortion=0.1)


SCALABLE = (*(s for s in OF_FEATURES if s not in (parc, transrate)), scaled_transrate)


def drawn(seed, sizes):
    images, size, classes = sizes
    apart = np.random.default_rng(seed).uniform(0, 3)
    return clusters(images=images, size=size, classes=classes, apart=apart, seed=seed)


def by_name(scores):
    return pytest.mark.parametrize("score", scores, ids=lambda score: score.__name__)


@by_name(ALL)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, sizes=SIZES)
def test_neither_the_order_of_images_nor_the_numbers_of_classes_count(score, seed, sizes):
    rows, labels = drawn(seed, sizes)
    rows = evidence_of(score, rows)
    draw = np.random.default_rng(seed + 1)
    order = draw.permutation(len(rows))
    renamed = draw.permutation(1000)[:10][labels] - 500
    wanted = score(rows, labels)
    assert score(rows[order], labels[order]) == pytest.approx(wanted, rel=1e-6, abs=1e-8)
    assert score(rows, renamed) == pytest.approx(wanted, rel=1e-6, abs=1e-8)


@by_name(SCALABLE)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, sizes=SIZES, scale=st.sampled_from([1e-6, 0.1, 37.0, 1e6]))
def test_a_rotation_and_a_scale_of_the_features_do_not_count(score, seed, sizes, scale):
    rows, labels = drawn(seed, sizes)
    rotation = stats.ortho_group.rvs(rows.shape[1], random_state=seed)
    wanted = score(rows, labels)
    assert score(scale * rows @ rotation, labels) == pytest.approx(wanted, rel=1e-5, abs=1e-7)


@by_name(SHIFTABLE)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, sizes=SIZES)
def test_a_shift_and_a_rotation_of_the_features_do_not_count(score, seed, sizes):
    rows, labels = drawn(seed, sizes)
    shift = 10 * np.random.default_rng(seed + 1).normal(size=rows.shape[1])
    rotation = stats.ortho_group.rvs(rows.shape[1], random_state=seed)
    assert score((rows + shift) @ rotation, labels) == pytest.approx(
        score(rows, labels), rel=1e-5, abs=1e-7
    )


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, sizes=SIZES)
def test_parc_reads_what_correlations_of_images_read(seed, sizes):
    rows, labels = drawn(seed, sizes)
    draw = np.random.default_rng(seed + 1)
    images, size = rows.shape
    order = draw.permutation(size)
    for standardised, shape in ((False, (images, 1)), (True, (1, size))):
        changed = draw.uniform(0.1, 10, shape) * rows + draw.normal(size=shape)
        wanted = parc(rows, labels, standardised=standardised)
        found = parc(changed[:, order], labels, standardised=standardised)
        assert found == pytest.approx(wanted, abs=1e-4)


def test_to_parc_one_constant_feature_is_as_good_as_another():
    rows, labels = clusters(images=77, size=5)
    zero, tenth = (np.hstack([rows, np.full((77, 4), value)]) for value in (0.0, 0.1))
    assert parc(tenth, labels) == pytest.approx(parc(zero, labels), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_the_unshrunk_h_score_allows_every_invertible_map(seed):
    rows, labels = drawn(seed, (45, 6, 5))
    linear = np.random.default_rng(seed + 1).normal(size=(6, 6)) + 3 * np.eye(6)
    wanted = h_score(rows, labels, shrunk=False)
    assert h_score(rows @ linear, labels, shrunk=False) == pytest.approx(wanted, rel=1e-4)


@by_name(OF_PROBABILITIES)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_source_classes_does_not_count(score, seed):
    rows, labels = drawn(seed, (45, 6, 5))
    probabilities = evidence_of(score, rows)
    order = np.random.default_rng(seed + 1).permutation(6)
    wanted = score(probabilities, labels)
    assert score(probabilities[:, order], labels) == pytest.approx(wanted, abs=1e-12)


@by_name(ALL)
@pytest.mark.parametrize(("images", "size", "classes"), [(400, 16, 4), (100, 128, 10)])
def test_scores_grow_as_classes_move_apart(score, images, size, classes):
    values = []
    for apart in (0.0, 0.3, 0.6, 1.2):
        scores = []
        for seed in range(5):
            rows, labels = clusters(
                images=images, size=size, classes=classes, apart=apart, seed=seed
            )
            scores.append(score(evidence_of(score, rows), labels))
        values.append(np.mean(scores))
    assert np.diff(values[:3]).min() > 0
    # Those in shares and of normal distributions without overlap have arrived.
    assert values[3] >= values[2]


@by_name(ALL)
def test_numbers_of_32_bits_and_columns_that_are_constant_change_little(score):
    rows, labels = clusters(images=80, size=12, classes=4)
    if score not in OF_PROBABILITIES:
        rows = np.concatenate([rows, np.zeros((80, 3))], axis=1)
    wanted = score(evidence_of(score, rows), labels)
    narrow = evidence_of(score, rows).astype(np.float32)
    assert score(narrow, labels) == pytest.approx(wanted, rel=1e-4)
    if score not in OF_PROBABILITIES:
        moved = rows + np.where(np.arange(15) < 12, 0, 0.5)
        assert np.isfinite(score(moved, labels))


@by_name(OF_FEATURES)
@pytest.mark.parametrize("factor", [1e-12, 1e12])
@pytest.mark.parametrize("size", [1, 5, 90])
def test_classes_that_collapse_to_points_have_finite_scores(score, factor, size):
    if score is parc and size == 1:
        return  # one number has no correlation with another: refused
    rows = np.random.default_rng(0).normal(size=(3, size))[np.arange(30) % 3] * factor
    assert np.isfinite(score(rows, np.arange(30) % 3))


@by_name((logme, h_score, gbc, transrate))
def test_many_images_are_read_in_chunks_with_the_same_score(score, monkeypatch):
    rows, labels = clusters(images=61, size=7)
    wanted = score(rows, labels)
    monkeypatch.setattr(_spectrum, "_ROWS", 13)
    assert score(rows, labels) == pytest.approx(wanted, rel=1e-10)


def test_neighbours_are_found_in_chunks_with_the_same_score(monkeypatch):
    rows, labels = clusters(images=61, size=7, apart=0.5)
    wanted = knn(rows, labels)
    monkeypatch.setattr(knn_module, "_SIMILARITIES", 300)
    assert knn(rows, labels) == wanted


@by_name((knn, parc))
def test_above_a_number_of_images_some_are_drawn_by_the_seed(score):
    rows, labels = clusters(images=300, size=7, apart=0.5)
    whole = score(rows, labels)
    scores = [score(rows, labels, images=80, seed=seed) for seed in range(20)]
    assert scores[0] == score(rows, labels, images=80, seed=0)
    assert len(set(scores)) > 10
    assert np.mean(scores) == pytest.approx(whole, abs=4 * np.std(scores) / np.sqrt(20))
    assert score(rows, labels, images=300, seed=1) == whole


def test_gbc_without_dimensions_depends_on_their_number():
    # Why it compares 64 principal components: features that say nothing move classes apart.
    rows, labels = clusters(images=60, size=6)
    noise = np.random.default_rng(1).normal(size=(60, 2000))
    assert gbc(np.hstack([rows, noise]), labels, dimensions=None) > gbc(rows, labels)


def test_scaled_transrate_needs_a_larger_distortion():
    near, labels = clusters(images=100, size=128, classes=10, apart=0.0)
    far, _ = clusters(images=100, size=128, classes=10, apart=1.2)
    assert transrate(far, labels, scaled=True) < transrate(near, labels, scaled=True)
    assert scaled_transrate(far, labels) > scaled_transrate(near, labels)

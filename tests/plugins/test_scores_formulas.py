"""Scores equal what their papers' definitions give when they are computed the long way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, stats
from score_cases import clusters
from sklearn.covariance import ledoit_wolf

from taskspace_plugins.scores.gbc import gbc
from taskspace_plugins.scores.h_score import h_score
from taskspace_plugins.scores.knn import knn
from taskspace_plugins.scores.leep import leep
from taskspace_plugins.scores.linear_probe import _PENALTIES, linear_probe
from taskspace_plugins.scores.logme import logme
from taskspace_plugins.scores.nce import nce
from taskspace_plugins.scores.parc import parc
from taskspace_plugins.scores.transrate import transrate

SHAPES = [(14, 4, 3), (12, 20, 3), (30, 8, 2)]
"""Images, features and classes: more images than features, and fewer."""


def one_hot(labels):
    return np.eye(labels.max() + 1)[labels]


@pytest.mark.parametrize("shape", SHAPES)
def test_logme_is_the_most_evidence_that_a_direct_search_finds(shape):
    features, labels = clusters(images=shape[0], size=shape[1], classes=shape[2])
    images = len(features)

    def surprise(logs, target):
        alpha, beta = np.exp(logs)
        covariance = np.eye(images) / beta + features @ features.T / alpha
        return -stats.multivariate_normal(cov=covariance).logpdf(target)

    best = []
    for target in one_hot(labels).T:
        starts = [(a, b) for a in (-3, 0, 3, 6) for b in (0, 3)]
        ends = [
            optimize.minimize(
                surprise,
                start,
                (target,),
                method="L-BFGS-B",
                bounds=[(-20, 30), (-6, 20)],
                options={"ftol": 1e-14, "gtol": 1e-9},
            ).fun
            for start in starts
        ]
        best.append(-min(ends) / images)
    assert logme(features, labels) == pytest.approx(np.mean(best), abs=1e-6)


# With more features than images the fixed point divides 0 by 0 once it has fitted all labels.
@pytest.mark.parametrize("shape", [SHAPES[0], SHAPES[2]])
def test_logme_is_where_the_fixed_point_of_the_paper_ends(shape):
    features, labels = clusters(images=shape[0], size=shape[1], classes=shape[2], apart=2.0)
    images, size = features.shape
    evidence = []
    for target in one_hot(labels).T:
        alpha = beta = 1.0
        for _ in range(5000):
            precision = alpha * np.eye(size) + beta * features.T @ features
            mean = beta * np.linalg.solve(precision, features.T @ target)
            squares = np.linalg.eigvalsh(features.T @ features).clip(0)
            gamma = (beta * squares / (alpha + beta * squares)).sum()
            misfit = ((features @ mean - target) ** 2).sum()
            alpha, beta = gamma / (mean**2).sum(), (images - gamma) / misfit
        precision = alpha * np.eye(size) + beta * features.T @ features
        mean = beta * np.linalg.solve(precision, features.T @ target)
        misfit = ((features @ mean - target) ** 2).sum()
        log_evidence = (
            images * np.log(beta)
            + size * np.log(alpha)
            - images * np.log(2 * np.pi)
            - beta * misfit
            - alpha * (mean**2).sum()
            - np.linalg.slogdet(precision)[1]
        ) / 2
        evidence.append(log_evidence / images)
    assert logme(features, labels) == pytest.approx(np.mean(evidence), abs=1e-6)


def test_leep_is_what_a_hand_computes():
    theta = np.array([[0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.1, 0.9]])
    # Sums of theta: class 0 (1.4, 0.6), class 1 (0.4, 1.6); of both (1.8, 2.2).
    first, second = np.array([1.4 / 1.8, 0.6 / 2.2]), np.array([0.4 / 1.8, 1.6 / 2.2])
    wanted = np.log([theta[0] @ first, theta[1] @ first, theta[2] @ second, theta[3] @ second])
    assert leep(theta, [0, 0, 1, 1]) == pytest.approx(wanted.mean(), abs=1e-12)


def test_nce_is_what_a_hand_computes():
    source = np.array([0, 0, 0, 1, 1, 2])
    labels = np.array([0, 0, 1, 1, 1, 0])
    # P(0 | 0) = 2/3, P(1 | 0) = 1/3; source classes 1 and 2 settle the label.
    wanted = (2 * np.log(2 / 3) + np.log(1 / 3)) / 6
    assert nce(np.eye(3)[source], labels) == pytest.approx(wanted, abs=1e-12)


def test_leep_of_a_model_that_is_certain_is_its_nce():
    draw = np.random.default_rng(0)
    certain, labels = np.eye(5)[draw.integers(5, size=80)], draw.integers(3, size=80)
    assert leep(certain, labels) == pytest.approx(nce(certain, labels), abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_h_score_is_the_trace_of_covariances(shape):
    features, labels = clusters(images=shape[0], size=shape[1], classes=shape[2])
    means = np.stack([features[labels == c].mean(axis=0) for c in range(shape[2])])[labels]
    between = np.cov(means, rowvar=False, bias=True)
    pinv = np.linalg.pinv(np.cov(features, rowvar=False, bias=True), rcond=1e-10)
    wanted = np.trace(pinv @ between)
    assert h_score(features, labels, shrunk=False) == pytest.approx(wanted, rel=1e-9)
    covariance, intensity = ledoit_wolf(features)
    wanted = (1 - intensity) * np.trace(np.linalg.inv(covariance) @ between)
    assert h_score(features, labels) == pytest.approx(wanted, rel=1e-9)


def bhattacharyya(first, second, first_covariance, second_covariance):
    middle = (first_covariance + second_covariance) / 2
    apart = (first - second) @ np.linalg.solve(middle, first - second) / 8
    volume = np.linalg.slogdet(middle)[1]
    volumes = np.linalg.slogdet(first_covariance)[1] + np.linalg.slogdet(second_covariance)[1]
    return apart + (volume - volumes / 2) / 2


@pytest.mark.parametrize("covariance", ["spherical", "diagonal"])
def test_gbc_is_the_overlap_of_normal_distributions(covariance):
    features, labels = clusters()
    moments = []
    for number in range(3):
        own = features[labels == number]
        variances = own.var(axis=0)
        if covariance == "spherical":
            variances = np.full_like(variances, variances.mean())
        moments.append((own.mean(axis=0), np.diag(variances)))
    pairs = [(moments[i], moments[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    wanted = -sum(np.exp(-bhattacharyya(a[0], b[0], a[1], b[1])) for a, b in pairs)
    found = gbc(features, labels, covariance=covariance, dimensions=None)
    assert found == pytest.approx(wanted, rel=1e-9)


def test_gbc_of_one_feature_is_the_integral_of_the_root_of_densities():
    features, labels = clusters(size=1, classes=2)
    first, second = (stats.norm(f.mean(), f.std()) for f in (features[labels == c] for c in (0, 1)))
    overlap, _ = integrate.quad(lambda x: np.sqrt(first.pdf(x) * second.pdf(x)), -12, 12)
    assert gbc(features, labels) == pytest.approx(-overlap, abs=1e-8)


def test_gbc_reads_the_first_principal_components():
    features, labels = clusters(size=9, apart=0.3)
    centred = features - features.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:4]
    for covariance in ("spherical", "diagonal"):
        found = gbc(features, labels, covariance=covariance, dimensions=4)
        wanted = gbc(centred @ axes.T, labels, covariance=covariance, dimensions=None)
        assert found == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("distortion", [1e-4, 0.5])
def test_transrate_is_the_difference_of_coding_rates(shape, distortion):
    features, labels = clusters(images=shape[0], size=shape[1], classes=shape[2])
    centred = features - features.mean(axis=0)

    def rate(rows):
        covariance = rows.T @ rows / len(rows)
        return np.linalg.slogdet(np.eye(shape[1]) + covariance / distortion)[1] / 2

    def difference(rows):
        within = [(labels == c).mean() * rate(rows[labels == c]) for c in range(shape[2])]
        return rate(rows) - sum(within)

    found = transrate(features, labels, distortion=distortion)
    assert found == pytest.approx(difference(centred), rel=1e-9)
    unit = centred / np.sqrt(centred.var(axis=0).sum())
    found = transrate(features, labels, distortion=distortion, scaled=True)
    assert found == pytest.approx(difference(unit), rel=1e-9)


@pytest.mark.parametrize("standardised", [True, False])
def test_parc_is_the_rank_correlation_of_all_pairs(standardised):
    features, labels = clusters(images=25, size=7, classes=3, apart=0.7)
    features[3], features[5] = features[0], features[1]  # ties, and a feature vector that is flat
    features[4] = 2.0
    rows = stats.zscore(features) if standardised else features
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1)
    correlations = centred @ centred.T / np.outer(lengths, lengths).clip(1e-12)
    pairs = np.triu_indices(25, 1)
    by_features = 1 - correlations[pairs].astype(np.float32)
    by_labels = (1 - np.corrcoef(one_hot(labels)))[pairs].round(9)
    wanted = stats.spearmanr(by_features, by_labels).statistic
    assert parc(features, labels, standardised=standardised) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("k", [1, 4, 5, 100])
def test_knn_is_a_vote_of_each_images_neighbours(k):
    features, labels = clusters(images=31, classes=3, apart=0.5)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    right = 0.0
    for image in range(31):
        others = [other for other in range(31) if other != image]
        others.sort(key=lambda other: -unit[image] @ unit[other])
        votes = np.bincount(labels[others[:k]], minlength=3)
        right += (votes[labels[image]] == votes.max()) / (votes == votes.max()).sum()
    assert knn(features, labels, k=k) == pytest.approx(right / 31, abs=1e-12)


def test_neighbours_that_are_equally_near_all_vote():
    features = np.array([[1.0, 0.0]] * 3 + [[0.0, 1.0]] * 3)
    labels = [0, 0, 1, 1, 1, 0]
    # Of two equal images, one has the class of the third: half of 2, of each class.
    assert knn(features, labels, k=1) == pytest.approx((4 * 0.5) / 6)


@pytest.mark.parametrize("shape", SHAPES)
def test_linear_probe_fits_nothing_twice_and_counts_as_if_it_had(shape):
    features, labels = clusters(images=shape[0], size=shape[1], classes=shape[2])
    targets = one_hot(labels)
    centred = features - features.mean(axis=0)
    largest = np.linalg.norm(centred, 2) ** 2
    errors, accuracies = [], []
    for penalty in _PENALTIES * largest:
        predictions = []
        for image in range(len(features)):
            rows, wanted = np.delete(features, image, 0), np.delete(targets, image, 0)
            mean, bias = rows.mean(axis=0), wanted.mean(axis=0)
            products = (rows - mean).T @ (rows - mean) + penalty * np.eye(shape[1])
            weights = np.linalg.solve(products, (rows - mean).T @ (wanted - bias))
            predictions.append((features[image] - mean) @ weights + bias)
        errors.append(((np.array(predictions) - targets) ** 2).sum())
        accuracies.append((np.argmax(predictions, axis=1) == labels).mean())
    assert linear_probe(features, labels) == pytest.approx(accuracies[np.argmin(errors)])

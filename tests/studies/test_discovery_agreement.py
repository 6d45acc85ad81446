"""Agreement scores, similarity of labellings, tasks on a sphere, balanced splits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from taskspace.errors import InputError
from taskspace.studies.discovery.maths.agreement import agreement_score, cohens_kappa
from taskspace.studies.discovery.maths.similarity import similarity, similarity_matrix
from taskspace.studies.discovery.maths.sphere import (
    TaskSphere,
    orthogonal_directions,
    simplex,
    uniformity,
)
from taskspace.studies.discovery.maths.splits import (
    split_at_random,
    split_by_loss,
    split_by_scores,
)


def test_agreement_by_hand() -> None:
    predictions = np.array([[0, 1, 1, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    score = agreement_score(predictions, np.array([0, 1, 1, 0]), classes=2)
    assert score.mean == pytest.approx((3 + 3 + 2) / 12)
    assert score.accuracy == pytest.approx(10 / 12)
    assert score.balance == 0.5
    assert score.low is not None and score.low < score.mean < score.high


def test_kappa_by_hand() -> None:
    one, other = [0] * 20 + [1] * 30, [0] * 15 + [1] * 35
    agreed = 45 / 50
    chance = 0.4 * 0.3 + 0.6 * 0.7
    assert cohens_kappa(np.array([one, other]), 2) == pytest.approx(
        (agreed - chance) / (1 - chance)
    )
    assert cohens_kappa(np.zeros((2, 5), dtype=np.int64), 2) is None


def test_networks_that_guess_agree_as_chance_has_it() -> None:
    draw = np.random.default_rng(0)
    predictions = (draw.random((6, 20_000)) < 0.7).astype(np.int64)
    score = agreement_score(predictions, predictions[0], classes=2)
    assert score.low < 0.7**2 + 0.3**2 < score.high
    assert abs(score.kappa) < 0.01


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_agreement_is_at_least_what_accuracy_leaves(seed: int) -> None:
    """Of two networks that are right on a share a, at least 2 a - 1 agree (the paper's bound)."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(2, size=40)
    predictions = np.where(draw.random((2, 40)) < draw.random(), labels, draw.integers(2, size=40))
    score = agreement_score(predictions, labels, classes=2)
    assert score.mean >= 2 * score.accuracy - 1 - 1e-12


def test_two_networks_have_no_interval_and_one_no_score() -> None:
    two = agreement_score(np.zeros((2, 4), dtype=np.int64), np.zeros(4, dtype=np.int64), 2)
    assert two.low is None and two.mean == 1
    with pytest.raises(InputError, match="two networks"):
        agreement_score(np.zeros((1, 4), dtype=np.int64), np.zeros(4, dtype=np.int64), 2)


def test_the_interval_covers_networks_that_were_not_drawn() -> None:
    """Each network flips a share of its own: agreement varies over networks, not over images."""
    draw = np.random.default_rng(0)
    truth = 0.5 + 0.5 * (1 - 2 * 0.15) ** 2  # flips are uniform on [0, .3], so .15 in the mean
    covered = 0
    for _ in range(200):
        flips = draw.uniform(0, 0.3, 6)
        predictions = (draw.random((6, 400)) < flips[:, None]).astype(np.int64)
        score = agreement_score(predictions, predictions[0], classes=2)
        covered += score.low <= truth <= score.high
    assert covered >= 180


def test_names_of_classes_do_not_matter_to_similarity() -> None:
    one = np.array([0, 0, 1, 1, 2, -1])
    assert similarity(one, np.array([2, 2, 0, 0, 1, 1])) == 1
    assert similarity(np.array([0, 1, 0, 1]), np.array([1, 0, 0, 1])) == 0.5
    assert similarity_matrix([one, 2 - one])[0, 1] == pytest.approx(1.0)
    with pytest.raises(InputError, match="both"):
        similarity(np.array([0, -1]), np.array([-1, 0]))


def test_directions_are_orthonormal_and_not_too_many() -> None:
    directions = orthogonal_directions(2, 3, 5, torch.Generator().manual_seed(0))
    assert directions.shape == (2, 2, 5)
    flat = directions.flatten(0, 1)
    torch.testing.assert_close(flat @ flat.T, torch.eye(4))
    with pytest.raises(InputError, match="no 3 orthogonal directions in 2"):
        orthogonal_directions(3, 2, 2, torch.Generator())
    with pytest.raises(InputError, match="no 3 tasks of 1 classes"):
        orthogonal_directions(3, 1, 2, torch.Generator())


def test_uniformity_is_lowest_where_points_are_spread() -> None:
    draw = torch.Generator().manual_seed(0)
    spread = nn.functional.normalize(torch.randn(256, 8, generator=draw), dim=1)
    together = nn.functional.normalize(spread + 4, dim=1)
    assert uniformity(spread) < uniformity(together) < 0
    assert uniformity(torch.ones(4, 1)) == pytest.approx(0)
    distances = torch.pdist(spread).square()
    assert uniformity(spread).item() == pytest.approx((-2 * distances).exp().mean().log().item())


def test_a_task_is_a_side_of_the_sphere() -> None:
    sphere = TaskSphere(nn.Flatten(), torch.eye(4)[:2, None])
    points = sphere(torch.tensor([[[[3.0, 0], [4, 0]]]]), torch.tensor([0]))
    torch.testing.assert_close(points, torch.tensor([[0.6, 0, 0.8, 0]]))
    torch.testing.assert_close(sphere.logits(points), torch.tensor([[[-1.5, 1.5], [0, 0]]]))


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_no_class_of_a_task_is_nearer_to_another(classes: int) -> None:
    vertices = simplex(classes)
    torch.testing.assert_close(vertices.sum(0), torch.zeros(classes - 1), atol=1e-6, rtol=0)
    distances = (vertices[:, None] - vertices).norm(dim=2)
    torch.testing.assert_close(distances, 1 - torch.eye(classes))
    directions = orthogonal_directions(2, classes, 20, torch.Generator().manual_seed(0))
    sphere = TaskSphere(nn.Flatten(), directions)
    at_vertices = vertices @ directions[1] / vertices.norm(dim=1, keepdim=True)
    logits = sphere.logits(at_vertices)
    assert logits[:, 1].argmax(1).tolist() == list(range(classes))
    torch.testing.assert_close(logits[:, 0], torch.zeros(classes, classes), atol=1e-5, rtol=0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.3, 0.5]))
def test_splits_are_balanced_alike(seed: int, share: float) -> None:
    draw = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2, -1], 10)
    scores = draw.normal(size=40)
    splits = [
        split_by_scores(labels, scores, share),
        split_by_loss(labels, scores, share),
        split_at_random(labels, share, draw),
    ]
    for split in splits:
        assert np.bincount(labels[split.train]).tolist() == [round(10 * share)] * 3
        assert sorted([*split.train, *split.test]) == list(range(30))


def test_a_score_is_a_shortcut_in_training_and_the_opposite_in_the_test() -> None:
    labels = np.tile([0, 1], 50)
    scores = np.random.default_rng(0).normal(size=100)
    split = split_by_scores(labels, scores)
    for rows, sign in ((split.train, 1), (split.test, -1)):
        means = [scores[rows][labels[rows] == label].mean() for label in (0, 1)]
        assert sign * (means[0] - means[1]) > 1


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(InputError, match="Class 1 has 1 image, too few"):
        split_by_loss(np.array([0, 0, 1]), np.zeros(3))
    with pytest.raises(InputError, match="not finite"):
        split_by_scores(np.array([0, 0]), np.array([np.nan, 1]))
    with pytest.raises(InputError, match="nothing to split"):
        split_at_random(np.array([-1, -1]), 0.5, np.random.default_rng(0))

"""Labels that linear probes on frozen codes learn best: recovery, collapse, gradients, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from taskspace.errors import InputError
from taskspace.learning.fitting.fit import Adam
from taskspace.studies.discovery.frozen.kmeans import kmeans_labelling
from taskspace.studies.discovery.frozen.labelling import (
    FrozenOptions,
    frozen_labelling,
    label_objective,
)
from taskspace.studies.discovery.frozen.probes import (
    DescentProbe,
    RidgeProbe,
    linear_start,
)
from taskspace.studies.discovery.frozen.scaling import column_scales
from taskspace.studies.discovery.maths.similarity import similarity

RIDGE = FrozenOptions(rounds=150, starts=1, dimensions=6)
DESCENT = FrozenOptions(
    probe="descent",
    rounds=150,
    rate=2e-2,
    starts=1,
    dimensions=None,
    batch=100,
    steps=10,
    probe_rate=2e-2,
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def clusters(classes: int = 4, each: int = 60, size: int = 12) -> tuple[Tensor, np.ndarray]:
    """Return codes [N, D] around far centres, and which centre [N]."""
    generator = seeded(7)
    centres = 4 * torch.randn(classes, size, generator=generator)
    truth = torch.arange(classes * each) % classes
    return centres[truth] + torch.randn(len(truth), size, generator=generator), truth.numpy()


def ids(logits: Tensor) -> np.ndarray:
    return logits.argmax(1).numpy()


@pytest.mark.parametrize("options", [RIDGE, DESCENT], ids=["ridge", "descent"])
def test_planted_clusters_are_recovered(options) -> None:
    codes, truth = clusters()
    labelling = frozen_labelling([codes], 4, options, seeded())
    assert similarity(ids(labelling.logits), truth) == 1
    assert labelling.entropy > 0.99 * math.log(4)


@pytest.mark.parametrize(("gamma", "classes"), [(0.0, 3), (0.1, 3), (10.0, 4)])
def test_without_enough_weight_on_the_entropy_a_class_is_lost(gamma, classes) -> None:
    codes, truth = clusters()
    options = FrozenOptions(**{**vars(RIDGE), "gamma": gamma})
    labelling = frozen_labelling([codes], 4, options, seeded())
    assert len(set(ids(labelling.logits).tolist())) <= classes
    assert similarity(ids(labelling.logits), truth) <= classes / 4
    assert (labelling.entropy > 0.99 * math.log(4)) == (classes == 4)


def test_two_spaces_are_labelled_better_together() -> None:
    """The same four clusters, with noise of its own in each space."""
    generator, truth = seeded(3), torch.arange(400) % 4
    centres = 2.2 * torch.eye(4)
    spaces = [centres[truth] + torch.randn(400, 4, generator=generator) for _ in range(2)]
    options = FrozenOptions(rounds=150, starts=3, dimensions=3)
    shares = [
        similarity(ids(frozen_labelling(each, 4, options, seeded()).logits), truth.numpy())
        for each in ([spaces[0]], [spaces[1]], spaces)
    ]
    assert shares[2] > max(shares[:2]) + 0.05


@pytest.mark.parametrize("options", [RIDGE, DESCENT], ids=["ridge", "descent"])
def test_a_seed_gives_its_labels_again(options) -> None:
    codes, _ = clusters()
    one, same, other = (frozen_labelling([codes], 4, options, seeded(s)) for s in (1, 1, 2))
    assert torch.equal(one.logits, same.logits)
    assert one.loss == same.loss
    assert not torch.equal(one.logits, other.logits)


def test_labels_follow_their_images() -> None:
    codes, _ = clusters()
    order = torch.randperm(len(codes), generator=seeded(5))
    one = frozen_labelling([codes.double()], 4, RIDGE, seeded())
    other = frozen_labelling([codes.double()[order]], 4, RIDGE, seeded())
    torch.testing.assert_close(other.logits, one.logits[order], rtol=0, atol=1e-6)


def test_new_codes_get_labels() -> None:
    codes, truth = clusters()
    labelling = frozen_labelling([codes[:200]], 4, RIDGE, seeded())
    torch.testing.assert_close(
        labelling.logits_of([codes[:200]]), labelling.logits.double(), rtol=0, atol=1e-4
    )
    assert similarity(ids(labelling.logits_of([codes[200:]])), truth[200:]) == 1


def test_more_starts_never_end_higher() -> None:
    codes = torch.randn(200, 8, generator=seeded(4))
    value = [
        (run.loss - RIDGE.gamma * run.entropy)
        for starts in (1, 2, 5)
        for run in [
            frozen_labelling(
                [codes], 4, FrozenOptions(**{**vars(RIDGE), "starts": starts}), seeded()
            )
        ]
    ]
    assert value == sorted(value, reverse=True)


def test_gradients_are_those_of_finite_differences() -> None:
    generator = seeded()
    logits = [torch.randn(5, 3, generator=generator, dtype=torch.float64) for _ in range(2)]
    logs = [torch.randn(5, 3, generator=generator, dtype=torch.float64).log_softmax(1)] * 2

    def value(moved: list[Tensor]) -> float:
        loss, entropy, _ = label_objective(moved, logs, 10.0)
        return 2 * (loss - 10.0 * entropy)

    _, _, gradients = label_objective(logits, logs, 10.0)
    width = 1e-6
    for space, gradient in enumerate(gradients):
        for place in np.ndindex(5, 3):
            ends = []
            for sign in (width, -width):
                moved = [each.clone() for each in logits]
                moved[space][place] += sign
                ends.append(value(moved))
            assert float(gradient[place]) == pytest.approx(
                (ends[0] - ends[1]) / (2 * width), abs=1e-7
            )


def test_ridge_probe_is_a_regression_without_the_image() -> None:
    """Fitted anew for each of nine images, the class shares of all as the offset."""
    generator = seeded()
    codes = torch.randn(9, 3, generator=generator, dtype=torch.float64)
    codes = codes - codes.mean(0)
    codes = codes @ torch.linalg.eigh(codes.T @ codes)[1]
    labels = torch.randn(9, 4, generator=generator, dtype=torch.float64).softmax(1)
    logs = RidgeProbe(codes, 0.5)(slice(None), labels)
    shares = labels.mean(0)
    # The intercept is not penalised: a column of ones, its penalty 0.
    design = torch.cat([codes, torch.ones(9, 1, dtype=torch.float64)], dim=1)
    penalty = torch.diag(torch.tensor([4.5, 4.5, 4.5, 0.0], dtype=torch.float64))
    for image in range(9):
        rest = torch.arange(9) != image
        weight = torch.linalg.solve(
            design[rest].T @ design[rest] + penalty, design[rest].T @ (labels - shares)[rest]
        )
        expected = (4 * design[image] @ weight + shares.log()).log_softmax(0)
        torch.testing.assert_close(logs[image], expected)


@pytest.mark.parametrize("warm", [False, True])
def test_descent_probe_is_adam_on_the_cross_entropy(warm) -> None:
    codes = torch.randn(20, 5, generator=seeded(1), dtype=torch.float64)
    labels = torch.randn(20, 3, generator=seeded(2), dtype=torch.float64).softmax(1)
    probe = DescentProbe(codes, 3, steps=4, rate=0.05, warm=warm, generator=seeded(3))
    rows = torch.arange(0, 20, 2)
    logs = [probe(rows, labels[rows]) for _ in range(2)][-1]

    generator = seeded(3)
    starts = [linear_start(codes, 3, generator) for _ in range(3)]
    weight, bias = (value.requires_grad_() for value in starts[0 if warm else 2])
    adam = Adam([weight, bias])
    for _ in range(8 if warm else 4):
        weight.grad = bias.grad = None
        functional.cross_entropy(codes[rows] @ weight + bias, labels[rows]).backward()
        adam.step(0.05)
    torch.testing.assert_close(logs, (codes[rows] @ weight + bias).log_softmax(1).detach())


def test_constant_columns_do_not_count() -> None:
    codes, _ = clusters()
    padded = torch.cat([codes, torch.full((len(codes), 1), 0.1)], dim=1)
    assert torch.isinf(column_scales(padded)[1]).tolist() == [False] * 12 + [True]
    one, other = (frozen_labelling([each], 4, RIDGE, seeded()) for each in (codes, padded))
    np.testing.assert_array_equal(ids(one.logits), ids(other.logits))


def test_kmeans_recovers_clusters_and_repeats() -> None:
    codes, truth = clusters()
    labels = kmeans_labelling(codes.numpy(), 4, starts=5, seed=0)
    assert similarity(labels, truth) == 1
    np.testing.assert_array_equal(labels, kmeans_labelling(codes.numpy(), 4, starts=5, seed=0))
    with pytest.raises(InputError, match="241 clusters"):
        kmeans_labelling(codes.numpy(), 241, starts=1, seed=0)


@pytest.mark.parametrize(
    ("spaces", "classes", "message"),
    [
        ([], 2, "no codes"),
        ([torch.randn(3, 2)], 4, "4 classes of 3 images"),
        ([torch.randn(3, 2)], 1, "1 classes of 3 images"),
        ([torch.ones(5, 2)], 2, "All rows of codes 0 are equal"),
        ([torch.eye(5), torch.full((5, 1), 0.1)], 2, "All rows of codes 1 are equal"),
        ([torch.tensor([[1.0], [2], [math.inf], [3]])], 2, "the first is row 2"),
        ([torch.tensor([[1.0], [math.nan]])], 2, "the first is row 1"),
        ([torch.randn(5, 2, 2)], 2, r"codes 0 has the shape \[5, 2, 2\]"),
        ([torch.randn(5, 2), torch.randn(6, 2)], 2, "5 and 6 images"),
    ],
)
def test_codes_without_labels_are_refused(spaces, classes, message) -> None:
    with pytest.raises(InputError, match=message):
        frozen_labelling(spaces, classes, RIDGE, seeded())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gamma": -1.0}, "gamma is -1.0"),
        ({"gamma": math.nan}, "gamma is nan"),
        ({"rounds": 0}, "rounds is 0"),
        ({"rate": 0.0}, "rate is 0.0"),
        ({"dimensions": None}, "principal directions"),
        ({"dimensions": 0}, "dimensions is 0"),
        ({"probe": "descent", "batch": 0}, "batch 0"),
    ],
)
def test_settings_out_of_range_are_refused(change, message) -> None:
    codes, _ = clusters()
    with pytest.raises(InputError, match=message):
        frozen_labelling([codes], 4, FrozenOptions(**{**vars(RIDGE), **change}), seeded())

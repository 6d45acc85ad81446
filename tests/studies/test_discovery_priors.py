"""Task priors: the closed form against every graph of four images, draws, and a trained probe."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
import torch
from torch import Tensor

from taskspace.errors import InputError
from taskspace.studies.discovery.frozen import priors
from taskspace.studies.discovery.frozen.priors import task_prior

TEMPERATURE, PENALTY = 0.7, 0.3


def drawn(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randn(count, 3, generator=generator, dtype=torch.float64),
        torch.randn(count, 2, generator=generator, dtype=torch.float64),
    )


def explained(codes: Tensor, graph: np.ndarray) -> float:
    """What a ridge probe explains, by the inverse of its normal equations."""
    values = codes.numpy()
    values = (values - values.mean(0)) / values.std(0)
    inner = values.T @ values + len(values) * PENALTY * np.eye(values.shape[1])
    return float(np.trace(values @ np.linalg.inv(inner) @ values.T @ graph) / len(values))


def edges(prior: Tensor) -> np.ndarray:
    unit = prior.numpy() / np.linalg.norm(prior.numpy(), axis=1, keepdims=True)
    return 1 / (1 + np.exp(-unit @ unit.T / TEMPERATURE))


def test_mean_and_deviation_are_those_of_all_graphs_of_four_images() -> None:
    codes, prior = drawn(4)
    chance = edges(prior)
    pairs = list(combinations(range(4), 2))
    values, weights = [], []
    for bits in product((0, 1), repeat=len(pairs)):
        graph, weight = np.eye(4), 1.0
        for (i, j), bit in zip(pairs, bits, strict=True):
            graph[i, j] = graph[j, i] = bit
            weight *= chance[i, j] if bit else 1 - chance[i, j]
        values.append(explained(codes, graph))
        weights.append(weight)
    mean = np.average(values, weights=weights)
    deviation = np.sqrt(np.average((np.array(values) - mean) ** 2, weights=weights))
    score = task_prior(codes, prior, temperature=TEMPERATURE, penalty=PENALTY)
    assert score.mean == pytest.approx(mean, abs=1e-12)
    assert score.deviation == pytest.approx(deviation, abs=1e-12)


def test_mean_and_deviation_are_those_of_drawn_tasks(monkeypatch) -> None:
    """Thirty images in blocks of seven rows, 4,000 tasks."""
    monkeypatch.setattr(priors, "ROWS", 7)
    codes, prior = drawn(30)
    chance, draw = edges(prior), np.random.default_rng(0)
    values = []
    for _ in range(4_000):
        upper = np.triu(draw.random((30, 30)) < chance, 1)
        values.append(explained(codes, upper + upper.T + np.eye(30)))
    score = task_prior(codes, prior, temperature=TEMPERATURE, penalty=PENALTY)
    assert score.mean == pytest.approx(np.mean(values), abs=4 * score.deviation / 4_000**0.5)
    assert score.deviation == pytest.approx(np.std(values), rel=0.05)


def test_a_sure_prior_is_its_one_task() -> None:
    """Classes in opposite directions: edges are 0 or 1, the score is what a probe explains."""
    codes, _ = drawn(20)
    labels = torch.arange(20) % 2
    prior = torch.stack([2.0 * labels - 1, torch.zeros(20)], dim=1)
    score = task_prior(codes, prior, temperature=1e-3, penalty=PENALTY)
    values = (codes - codes.mean(0)) / codes.std(0, unbiased=False)
    one_hot = torch.nn.functional.one_hot(labels).double()
    one_hot = one_hot - one_hot.mean(0)
    padded = torch.cat([values, (20 * PENALTY) ** 0.5 * torch.eye(3, dtype=torch.float64)])
    target = torch.cat([one_hot, torch.zeros(3, 2, dtype=torch.float64)])
    left = (target - padded @ torch.linalg.lstsq(padded, target).solution).square().sum()
    assert score.mean == pytest.approx(float(one_hot.square().sum() - left) / 20, abs=1e-9)
    assert score.deviation == pytest.approx(0, abs=1e-9)


def test_codes_that_know_the_tasks_score_above_codes_that_do_not() -> None:
    generator = torch.Generator().manual_seed(1)
    prior = torch.randn(200, 4, generator=generator)
    unrelated = torch.randn(200, 4, generator=generator)
    assert task_prior(prior, prior).mean > 2 * task_prior(unrelated, prior).mean


def test_scale_and_shift_of_codes_and_length_of_the_prior_do_not_count() -> None:
    codes, prior = drawn(12)
    one = task_prior(codes, prior)
    moved = torch.cat([codes * torch.tensor([2.0, 0.1, 30.0]) + 5, torch.full((12, 1), 0.1)], dim=1)
    other = task_prior(moved, prior * torch.arange(1, 13)[:, None])
    assert (other.mean, other.deviation) == pytest.approx((one.mean, one.deviation))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prior": torch.eye(3, 2)}, "codes of 5 images and a prior of 3"),
        ({"codes": torch.ones(5, 2)}, "All rows of codes are equal"),
        ({"codes": torch.tensor([[0.0], [1], [2], [torch.nan], [3]])}, "the first is row 3"),
        ({"prior": torch.eye(5, 4)}, "no direction"),
        ({"temperature": 0.0}, "must be above 0"),
    ],
)
def test_what_has_no_score_is_refused(change, message) -> None:
    codes, prior = drawn(5)
    with pytest.raises(InputError, match=message):
        task_prior(**{"codes": codes, "prior": prior, **change})

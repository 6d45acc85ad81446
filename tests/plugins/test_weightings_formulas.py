"""Each weighting against its paper's formula, written down once more in a straight line."""

from __future__ import annotations

import math

import pytest
import torch

from taskspace.components import Weighting
from taskspace.components.gated import TaskLosses
from taskspace.components.loss_weights import LossWeights
from taskspace_plugins.weightings.dwa import Dwa
from taskspace_plugins.weightings.equal import Equal
from taskspace_plugins.weightings.gradnorm import GradNorm, balance
from taskspace_plugins.weightings.rlw import Rlw
from taskspace_plugins.weightings.uncertainty import Uncertainty, gradient_by_s

TASKS = 3
PRESENT = [(1, 1, 1), (1, 0, 1), (1, 1, 1), (0, 1, 0), (1, 1, 1), (1, 1, 0), (0, 1, 1)] * 3
"""Which tasks each batch has."""


def losses(step: int) -> TaskLosses:
    present = torch.tensor(PRESENT[step], dtype=torch.bool)
    drawn = torch.rand(TASKS, generator=torch.Generator().manual_seed(step)) * 3 / (1 + step) + 0.1
    return TaskLosses(torch.where(present, drawn, 0.0), present)


def mean(weights, present) -> torch.Tensor:
    """Return weights over the number of tasks that are there."""
    kept = [weight * here for weight, here in zip(weights, present, strict=True)]
    return torch.tensor(kept) / max(sum(present), 1)


def test_equal_is_the_mean_over_the_tasks_of_the_batch():
    weights = Equal().build(TASKS)
    for step, present in enumerate(PRESENT):
        assert torch.equal(weights(losses(step)).own, mean([1.0] * TASKS, present))


def test_uncertainty_descends_the_likelihood_of_the_paper():
    rate = 0.05
    weights = Uncertainty(learning_rate=rate).build(TASKS)
    sigma = [torch.zeros((), requires_grad=True) for _ in range(TASKS)]  # as log sigma^2
    adams = [torch.optim.Adam([s], lr=rate) for s in sigma]
    for step, present in enumerate(PRESENT):
        batch = losses(step)
        found = weights(batch).own
        variance = [float(s.detach().exp()) for s in sigma]
        assert torch.allclose(found, mean([1 / v for v in variance], present), rtol=1e-5)
        for task, adam in enumerate(adams):
            if present[task]:
                adam.zero_grad()
                deviation = sigma[task].exp().sqrt()
                (batch.value[task] / deviation**2 + deviation.log()).backward()
                adam.step()


def test_uncertainty_settles_where_the_likelihood_is_greatest():
    weights = Uncertainty(learning_rate=0.02).build(2)
    batch = TaskLosses(torch.tensor([0.2, 3.0]), torch.tensor([True, True]))
    for _ in range(1500):
        found = weights(batch).own
    # L / v + log(v) / 2 is least at v = 2 L.
    assert torch.allclose(found, 0.5 / (2 * batch.value), rtol=0.01)


def test_the_gradient_of_the_log_variances_is_that_of_finite_differences():
    s = torch.linspace(-2, 2, 9, dtype=torch.float64)
    value = torch.linspace(0, 4, 9, dtype=torch.float64)
    step = 1e-6
    higher, lower = ((-(s + d)).exp() * value + (s + d) / 2 for d in (step, -step))
    numeric = (higher - lower) / (2 * step)
    assert torch.allclose(gradient_by_s((-s).exp(), value), numeric, atol=1e-8)


def test_dwa_follows_the_ratios_of_epochs():
    temperature, size = 1.5, 3
    weights = Dwa(temperature=temperature).build(TASKS)
    history: list[list[float]] = [[] for _ in range(TASKS)]
    for epoch in range(len(PRESENT) // size):
        seen: list[list[float]] = [[] for _ in range(TASKS)]
        ratios = [h[-1] / h[-2] if len(h) >= 2 else 1.0 for h in history]
        shares = [math.exp(ratio / temperature) for ratio in ratios]
        wanted = [TASKS * share / sum(shares) for share in shares]
        for step in range(epoch * size, (epoch + 1) * size):
            # A whole epoch lacks task 2.
            batch = losses(step)
            if epoch == 3:
                batch = TaskLosses(batch.value, batch.present & torch.tensor([True, True, False]))
            present = batch.present.tolist()
            assert torch.allclose(weights(batch).own, mean(wanted, present), rtol=1e-5)
            for task in range(TASKS):
                if present[task]:
                    seen[task].append(float(batch.value[task]))
        weights.end_epoch()
        for task in range(TASKS):
            if seen[task]:
                history[task].append(sum(seen[task]) / len(seen[task]))
    assert len(history[2]) < len(history[0])


def test_gradnorm_is_the_algorithm_of_the_paper():
    alpha, rate = 0.7, 0.03
    weights = GradNorm(alpha=alpha, learning_rate=rate).build(TASKS)
    generator = torch.Generator().manual_seed(0)
    inputs, targets = (torch.randn(8, n, generator=generator) for n in (4, TASKS))
    layer = torch.randn(TASKS, 4, generator=generator, requires_grad=True)
    shared = torch.randn(4, 4, generator=generator, requires_grad=True)
    w = [torch.ones((), requires_grad=True) for _ in range(TASKS)]
    adams = [torch.optim.Adam([one], lr=rate) for one in w]
    start: dict[int, float] = {}
    for present in PRESENT:
        here = [task for task in range(TASKS) if present[task]]
        value = ((inputs @ shared @ layer.T - targets) ** 2).mean(dim=0) * torch.tensor([1, 5, 20])
        rows = [torch.autograd.grad(value[t], shared, retain_graph=True)[0] for t in range(TASKS)]
        gramian = torch.stack([row.flatten() for row in rows])
        gramian = torch.tensor(present)[:, None] * gramian
        there = torch.tensor(present, dtype=torch.bool)
        found = weights(TaskLosses(value.detach(), there), gramian @ gramian.T).own
        assert torch.allclose(found, mean([float(one.detach()) for one in w], present), rtol=1e-4)
        # Algorithm 1, with the norms of the gradients of w_i L_i.
        norms = {
            t: torch.autograd.grad(w[t] * value[t], shared, create_graph=True)[0].norm()
            for t in here
        }
        for t in here:
            start.setdefault(t, float(value[t].detach()))
        progress = {t: float(value[t].detach()) / start[t] for t in here}
        average = sum(progress.values()) / len(here)
        centre = sum(float(norm.detach()) for norm in norms.values()) / len(here)
        distance = sum((norms[t] - centre * (progress[t] / average) ** alpha).abs() for t in here)
        old = sum(float(w[t].detach()) for t in here)
        gradients = torch.autograd.grad(distance, [w[t] for t in here], retain_graph=True)
        for t, gradient in zip(here, gradients, strict=True):
            w[t].grad = gradient.detach()
            adams[t].step()
        with torch.no_grad():
            new = sum(float(w[t]) for t in here)
            for t in here:
                w[t].mul_(old / new)
        # A step of the network, so that losses fall at different rates.
        by_shared, by_layer = torch.autograd.grad(found @ value, (shared, layer))
        with torch.no_grad():
            shared -= 0.01 * by_shared
            layer -= 0.01 * by_layer
    assert weights.state_dict()["weights"].sum() == pytest.approx(TASKS, rel=1e-5)
    assert weights.state_dict()["weights"].std() > 0.05


def test_the_gradient_of_gradnorm_is_that_of_finite_differences():
    generator = torch.Generator().manual_seed(1)
    w, norms, value, start = (
        torch.rand(5, generator=generator, dtype=torch.float64) + 0.1 for _ in range(4)
    )
    present = torch.tensor([True, True, False, True, True])
    found = balance(w, norms, value, start, present, 1.5)

    def distance(weights):
        """Return the distance; the targets are constants, as the paper has them."""
        return (weights * norms - found.targets).abs().sum()

    for task in range(5):
        step = torch.zeros(5, dtype=torch.float64)
        step[task] = 1e-7
        numeric = (distance(w + step) - distance(w - step)) / 2e-7
        if present[task]:
            assert found.gradient[task] == pytest.approx(float(numeric), abs=1e-6)


def test_a_weight_of_gradnorm_stays_above_zero_and_the_sum_stays():
    weights = GradNorm(learning_rate=1.0).build(2)
    batch = TaskLosses(torch.tensor([1.0, 1.0]), torch.tensor([True, True]))
    for _ in range(20):
        found = weights(batch, torch.diag(torch.tensor([100.0, 0.01]))).own
        assert bool((found > 0).all())
        assert found.sum() == pytest.approx(1, rel=1e-5)


def test_rlw_is_a_softmax_of_normal_numbers_over_the_tasks_that_are_there():
    weights = Rlw().build(TASKS)
    draws, again = (torch.Generator().manual_seed(5) for _ in range(2))
    for step, present in enumerate(PRESENT):
        found = weights(losses(step), generator=draws).own
        numbers = torch.randn(TASKS, generator=again).exp() * torch.tensor(present)
        assert torch.allclose(found, numbers / numbers.sum(), rtol=1e-5)


def one_each() -> list[Weighting]:
    return [Equal(), Uncertainty(), Dwa(), GradNorm(), Rlw()]


@pytest.mark.parametrize("weighting", one_each(), ids=lambda w: w.name)
def test_weights_start_around_the_mean_and_one_task_has_all(weighting):
    def said(weights: LossWeights, tasks: int, step: int) -> torch.Tensor:
        batch = TaskLosses(torch.rand(tasks) + 0.1, torch.ones(tasks, dtype=torch.bool))
        draws = torch.Generator().manual_seed(step)
        return weights(batch, torch.eye(tasks), generator=draws).own

    first = said(weighting.build(4), 4, 0)
    assert first.sum() == pytest.approx(1, rel=1e-5)
    alone = weighting.build(1)
    for step in range(5):
        found = said(alone, 1, step)
        assert float(found) == pytest.approx(1, abs=0.01)  # uncertainty has begun to learn
        alone.end_epoch()

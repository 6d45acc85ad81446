"""The score-function gradient is exact in mean: every gate vector is enumerated, none is drawn."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from gating_networks import built, images
from torch import Tensor

from taskspace_plugins.gating.gates._gate import Drawn
from taskspace_plugins.gating.multi_clustering import (
    BernoulliGate,
    MultiClustering,
    leave_one_out,
    log_likelihood,
    surrogate,
)

BASELINES = ("none", "moving_average", "leave_one_out")
EXPERTS = 4
SAMPLES = 2
VECTORS = torch.tensor(list(itertools.product([False, True], repeat=EXPERTS)))
BATCHES = list(itertools.product(range(len(VECTORS)), repeat=SAMPLES))
LOGITS = torch.tensor([[0.4, -1.1, 0.7, -0.2]], dtype=torch.float64)
LOSSES = 2 + torch.rand(
    SAMPLES, len(VECTORS), dtype=torch.float64, generator=torch.Generator().manual_seed(3)
)
"""L of each sample under each gate vector: a large constant and what the gates can change."""
TASK = torch.zeros(SAMPLES, dtype=torch.int64)
WEIGHTS = torch.full((SAMPLES,), 1 / SAMPLES, dtype=torch.float64)


def chances(logits: Tensor) -> Tensor:
    """Return the probability of each gate vector [2^M]."""
    p = logits.sigmoid()
    return torch.where(VECTORS, p, 1 - p).prod(dim=1)


def exact_gradient() -> Tensor:
    logits = LOGITS.clone().requires_grad_()
    (chances(logits)[None] * LOSSES).sum(dim=1).mean().backward()
    return logits.grad


def gate_with(baseline: str) -> BernoulliGate:
    gate = BernoulliGate(1, EXPERTS, density_cost=0.0, baseline=baseline, decay=0.5).double()
    with torch.no_grad():
        gate.logits.copy_(LOGITS)
    if baseline == "moving_average":
        past = LOSSES[:, 5] + 0.3
        gate.extra_loss(VECTORS[[5, 5]], TASK, past, WEIGHTS)
    return gate


def estimates(extra_loss) -> tuple[Tensor, Tensor]:
    """Return the chance and the gradient of every batch of gate vectors: [A], [A, M].

    Args:
        extra_loss: from gates [P, M], losses [P] and fresh logits to the number that is derived.
    """
    chance, gradient = [], []
    for batch in BATCHES:
        here = list(batch)
        values = LOSSES[torch.arange(SAMPLES), here]
        chance.append(chances(LOGITS)[here].prod())
        gradient.append(extra_loss(VECTORS[here], values))
    return torch.stack(chance), torch.cat(gradient)


def of_gate(baseline: str) -> tuple[Tensor, Tensor]:
    def extra_loss(gates: Tensor, values: Tensor) -> Tensor:
        gate = gate_with(baseline)
        gate.extra_loss(gates, TASK, values, WEIGHTS).backward()
        return gate.logits.grad

    return estimates(extra_loss)


def of_batch_mean() -> tuple[Tensor, Tensor]:
    """A baseline that includes the sample itself."""

    def extra_loss(gates: Tensor, values: Tensor) -> Tensor:
        logits = LOGITS.clone().requires_grad_()
        likelihood = log_likelihood(gates, logits[TASK])
        surrogate(values, values.mean().expand(SAMPLES), likelihood, WEIGHTS).backward()
        return logits.grad

    return estimates(extra_loss)


def mean(chance: Tensor, gradient: Tensor) -> Tensor:
    return (chance[:, None] * gradient).sum(dim=0)


def variance(chance: Tensor, gradient: Tensor) -> float:
    away = (gradient - mean(chance, gradient)).square().sum(dim=1)
    return float((chance * away).sum())


@pytest.mark.parametrize("baseline", BASELINES)
def test_the_mean_over_all_draws_is_the_gradient_of_the_expected_loss(baseline):
    chance, gradient = of_gate(baseline)
    assert float(chance.sum()) == pytest.approx(1)
    assert torch.allclose(mean(chance, gradient), exact_gradient()[0], rtol=0, atol=1e-12)


def test_the_mean_of_a_batch_that_includes_the_sample_itself_is_caught():
    chance, gradient = of_batch_mean()
    exact = exact_gradient()[0]
    # It takes away what a sample says of itself: one part in as many as there are samples.
    assert torch.allclose(mean(chance, gradient), (1 - 1 / SAMPLES) * exact, atol=1e-12)
    assert not torch.allclose(mean(chance, gradient), exact, rtol=0.1)


def test_baselines_take_away_most_of_the_variance(record_property):
    found = {baseline: variance(*of_gate(baseline)) for baseline in BASELINES}
    record_property("variance", found)
    assert found["moving_average"] < found["none"] / 10
    assert found["leave_one_out"] < found["none"] / 10


@pytest.mark.parametrize("layers", [1, 2])
def test_the_whole_network_has_the_gradient_of_its_expected_loss(layers, monkeypatch):
    """Of experts, weights and heads too, with gate vectors of all layers enumerated."""
    experts = 3 if layers == 1 else 2
    gating = MultiClustering(experts=experts, layers=layers, density_cost=0.0, baseline="none")
    network = built(gating).double().train()
    asked = torch.tensor([[False, True, False]])
    image = images(1).double()
    with torch.no_grad():
        for gate in network.gates:
            gate.logits.copy_(torch.linspace(-1, 1, 3 * experts).reshape(3, experts))
    drawn: list[Tensor] = []
    monkeypatch.setattr(
        BernoulliGate, "draw", lambda gate, task, _: Drawn(drawn.pop(0), gate.weights[task])
    )
    estimated = [torch.zeros_like(p) for p in network.parameters()]
    expected = torch.zeros((), dtype=torch.float64)
    for bits in itertools.product([False, True], repeat=layers * experts):
        vectors = torch.tensor(bits).reshape(layers, 1, experts)
        drawn[:] = list(vectors)
        output = network(image, asked)
        value = (output.predictions[1] - 1).square().mean(dim=1)
        chance = torch.ones((), dtype=torch.float64)
        for gate, vector in zip(network.gates, vectors, strict=True):
            p = gate.logits[1].sigmoid()
            chance = chance * torch.where(vector[0], p, 1 - p).prod()
        expected = expected + chance * value.sum()
        number = value.sum() + network.extra_loss(output, value, torch.ones_like(value).detach())
        for total, part in zip(estimated, gradients(number, network), strict=True):
            total.add_(chance.detach() * part)
    for (name, _), total, wanted in zip(
        network.named_parameters(), estimated, gradients(expected, network), strict=True
    ):
        assert torch.allclose(total, wanted, atol=1e-12), name
    assert any(float(g.abs().sum()) > 0 for g in estimated)


def gradients(number: Tensor, network) -> list[Tensor]:
    parameters = list(network.parameters())
    found = torch.autograd.grad(number, parameters, retain_graph=True, allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)]


def test_the_gradient_of_the_log_likelihood_is_b_minus_p():
    logits = torch.tensor([[-40.0, -1.0, 0.5, 60.0]], requires_grad=True)
    gates = torch.tensor([[True, False, True, False]])
    log_likelihood(gates, logits).sum().backward()
    assert torch.allclose(logits.grad, gates.float() - logits.detach().sigmoid(), atol=1e-7)


def test_leave_one_out_reads_the_others_of_the_task_that_count():
    values = torch.tensor([1.0, 2.0, 6.0, 10.0, 7.0, math.nan])
    counted = torch.tensor([True, True, True, True, True, False])
    task = torch.tensor([0, 0, 0, 1, 2, 2])
    found = leave_one_out(values, counted, task, 4)
    assert found.tolist()[:5] == [4.0, 3.5, 1.5, 0.0, 0.0]


def test_the_moving_average_never_reads_the_batch_at_hand():
    gate = BernoulliGate(2, 2, density_cost=0.0, baseline="moving_average", decay=0.75)
    task = torch.tensor([0, 0, 1])
    gates = torch.ones(3, 2, dtype=torch.bool)
    seen = []
    for batch in ([4.0, 8.0, math.nan], [0.0, 4.0, 5.0]):
        values = torch.tensor(batch)
        weights = values.isfinite().float()
        before = gate.average(task).tolist()
        gate.extra_loss(gates, task, values.nan_to_num(0), weights)
        seen.append(before)
    assert seen == [[0, 0, 0], [6, 6, 0]]
    # 0.75 * 6 + 0.25 * 2, and the first batch that task 1 was in.
    assert gate.average.mean.tolist() == [5, 5]


def test_an_expected_expert_costs_lambda():
    gate = BernoulliGate(2, 3, density_cost=0.5, baseline="none", decay=0.9)
    with torch.no_grad():
        gate.logits.copy_(torch.tensor([[0.0, 0.0, 0.0], [9.0, -9.0, 0.0]]))
    nothing = torch.zeros(0)
    number = gate.extra_loss(torch.zeros(0, 3, dtype=torch.bool), nothing.long(), nothing, nothing)
    assert float(number.detach()) == pytest.approx(0.5 * 1.5)
    number.backward()
    p = gate.logits.detach().sigmoid()
    assert torch.allclose(gate.logits.grad, 0.5 / 2 * p * (1 - p))


def test_gates_are_drawn_for_each_pair_with_the_probability_of_its_task():
    gate = BernoulliGate(2, 4, density_cost=0.0, baseline="none", decay=0.9)
    with torch.no_grad():
        gate.logits.copy_(torch.tensor([[-2.0, 0.0, 1.0, 30.0], [3.0, -30.0, 0.5, -1.0]]))
    count = 4000
    task = torch.arange(2).repeat(count)
    gates, _ = gate.draw(task, torch.Generator().manual_seed(0))
    p = gate.probabilities().detach()
    for number in range(2):
        shares = gates[task == number].float().mean(dim=0)
        spread = (p[number] * (1 - p[number]) / count).sqrt()
        assert ((shares - p[number]).abs() <= 4 * spread + 1e-4).all()
    middle = gates[:, 1] ^ gates[:, 2]
    assert 0 < int(middle.sum()) < len(middle)

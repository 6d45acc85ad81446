"""Routes: what the agents make of returns, what the straight-through gradient is."""

from __future__ import annotations

import itertools

import pytest
import torch
from gating_networks import built, images, losses
from hypothesis import given, settings
from hypothesis import strategies as st

from taskspace_plugins.gating.routing import (
    GumbelGate,
    PolicyGate,
    Routing,
    policy_step,
    simplex_projection,
)

points = st.lists(st.lists(st.floats(-3, 3), min_size=3, max_size=3), min_size=1, max_size=4)


@given(points)
def test_the_projection_is_the_nearest_point_of_the_simplex(rows):
    given_points = torch.tensor(rows, dtype=torch.float64)
    found = simplex_projection(given_points)
    assert (found >= 0).all()
    assert torch.allclose(found.sum(dim=1), torch.ones(len(rows), dtype=torch.float64))
    # Nearest: no corner of the simplex lies in the direction that was left over (Moreau).
    left = given_points - found
    for corner in torch.eye(3, dtype=torch.float64):
        assert ((left * (corner - found)).sum(dim=1) <= 1e-9).all()


def test_points_of_the_simplex_stay_where_they_are():
    inside = torch.tensor([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]])
    assert torch.allclose(simplex_projection(inside), inside)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 6))
def test_a_step_is_what_the_algorithm_says_agent_by_agent(seed, samples):
    generator = torch.Generator().manual_seed(seed)
    agents, actions, rate = 3, 4, 0.2
    policy = torch.rand(agents, actions, generator=generator, dtype=torch.float64)
    policy /= policy.sum(dim=1, keepdim=True)
    average = torch.randn(agents, generator=generator, dtype=torch.float64)
    seen = torch.tensor([True, False, True])
    agent = torch.randint(agents, (samples,), generator=generator)
    action = torch.randint(actions, (samples,), generator=generator)
    returns = torch.randn(samples, generator=generator, dtype=torch.float64)
    counted = torch.rand(samples, generator=generator) < 0.8
    taken = torch.zeros(samples, actions, dtype=torch.bool)
    taken[torch.arange(samples), action] = True
    found = policy_step(policy, average, seen, taken, agent, returns, counted, rate)

    for t in range(agents):
        own = [i for i in range(samples) if agent[i] == t and counted[i]]
        if not own:
            assert torch.equal(found.policy[t], policy[t])
            assert found.average[t] == average[t]
            assert found.seen[t] == seen[t]
            continue
        latest = sum(float(returns[i]) for i in own) / len(own)
        before = float(average[t]) if seen[t] else latest
        moved = policy[t].clone()
        for a in range(actions):
            got = [float(returns[i]) for i in own if action[i] == a]
            if got:
                delta = sum(got) / len(got) - before
                pi = float(policy[t, a])
                moved[a] += rate * (delta * (1 - pi) if delta > 0 else delta * pi)
        assert torch.allclose(found.policy[t], simplex_projection(moved[None])[0])
        assert float(found.average[t]) == pytest.approx((1 - rate) * before + rate * latest)
        assert found.seen[t]


def test_agents_find_the_expert_that_pays_each():
    gate = PolicyGate(2, 3, rate=0.1)
    generator = torch.Generator().manual_seed(0)
    task = torch.arange(2).repeat(16)
    best = torch.tensor([2, 0])
    for _ in range(200):
        gates, _ = gate.draw(task, generator)
        assert (gates.sum(dim=1) == 1).all()
        loss = 1 - gates[torch.arange(len(task)), best[task]].float()
        extra = gate.extra_loss(gates, task, loss, torch.ones(len(task)))
        assert float(extra) == 0
    assert gate.policy.argmax(dim=1).tolist() == best.tolist()
    assert (gate.policy.max(dim=1).values > 0.9).all()
    assert gate.choose("task").nonzero()[:, 1].tolist() == best.tolist()


def test_routes_of_agents_are_drawn_from_their_policies():
    gate = PolicyGate(1, 3, rate=0.1)
    gate.policy.copy_(torch.tensor([[0.7, 0.0, 0.3]]))
    gates, _ = gate.draw(torch.zeros(4000, dtype=torch.int64), torch.Generator().manual_seed(0))
    shares = gates.float().mean(dim=0)
    assert torch.allclose(shares, gate.policy[0], atol=0.03)
    assert shares[1] == 0


def test_gumbel_draws_from_the_softmax_and_keeps_one():
    gate = GumbelGate(1, 3, temperature=0.5)
    with torch.no_grad():
        gate.logits.copy_(torch.tensor([[0.0, 1.0, -1.0]]))
    task = torch.zeros(6000, dtype=torch.int64)
    gates, coefficients = gate.draw(task, torch.Generator().manual_seed(0))
    assert gates.all()
    hard = coefficients.detach()
    assert torch.allclose(hard.sum(dim=1), torch.ones(6000))
    assert torch.allclose(hard, hard.round(), atol=1e-6)
    # Whatever the temperature, the hard draw is one from the softmax (Gumbel 1954).
    assert torch.allclose(hard.mean(dim=0), gate.probabilities()[0].detach(), atol=0.03)


def test_the_straight_through_gradient_is_that_of_the_soft_draw():
    gate = GumbelGate(1, 3, temperature=0.7).double()
    task = torch.zeros(2, dtype=torch.int64)
    said = torch.tensor([[1.0, -2.0, 0.5], [0.3, 0.1, 2.0]], dtype=torch.float64)
    _, coefficients = gate.draw(task, torch.Generator().manual_seed(1))
    (coefficients * said).sum().backward()
    uniform = torch.rand(2, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    logits = gate.logits.detach().clone().requires_grad_()
    soft = torch.softmax((logits - torch.log(-torch.log(uniform))) / 0.7, dim=1)
    (soft * said).sum().backward()
    assert torch.allclose(gate.logits.grad, logits.grad)
    assert gate.logits.grad.abs().sum() > 0


def test_in_evaluation_one_expert_runs_whatever_the_rule():
    for learner, rule in itertools.product(("wpl", "gumbel"), ("task", "mean", "rounded", "all")):
        network = built(Routing(experts=3, learner=learner, layers=2)).eval()
        for chosen in network.choose(rule):
            assert (chosen.sum(dim=1) == 1).all()
        output = network(images(2), torch.ones(2, 3, dtype=torch.bool), chosen=network.choose(rule))
        assert all((gates.sum(dim=1) == 1).all() for gates in output.gates)


def test_a_loss_that_does_not_count_moves_no_agent():
    network = built(Routing(experts=3)).train()
    output = network(images(2), torch.ones(2, 3, dtype=torch.bool))
    values = torch.full_like(losses(output), torch.nan)
    network.extra_loss(output, values, torch.zeros_like(values))
    assert torch.allclose(network.gates[0].policy, torch.full((3, 3), 1 / 3))
    assert not network.gates[0].seen.any()

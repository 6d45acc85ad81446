"""What tasks share, the products of their gradients, and the update that weights make."""

from __future__ import annotations

import pytest
import torch

from taskspace.components import VectorHead
from taskspace.components.gated import GatedNetwork, TaskLosses
from taskspace.components.loss_weights import TaskWeights
from taskspace.components.task_gradients import gramian, shared_parameters, weighed_backward
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.gating.multi_clustering import MultiClustering
from taskspace_plugins.gating.ple import Ple
from taskspace_plugins.gating.routing import Routing
from taskspace_plugins.gating.separate import Separate
from taskspace_plugins.gating.shared import Shared
from taskspace_plugins.readouts.linear import Linear

IMAGE = (1, 4, 4)
HEADS = (VectorHead(3), VectorHead(2), VectorHead(1))


def built(gating) -> GatedNetwork:
    torch.manual_seed(0)
    return gating.build(ConvPool(width=2, depth=2), Linear(), IMAGE, HEADS)


def names(network: GatedNetwork, found) -> set[str]:
    ids = {id(p) for p in found}
    return {name for name, p in network.named_parameters() if id(p) in ids}


@pytest.mark.parametrize("gating", [Shared(), MultiClustering(experts=4), Routing(experts=4)])
def test_experts_are_shared_and_heads_and_gates_are_not(gating):
    network = built(gating)
    found = names(network, shared_parameters(network, IMAGE, 3))
    everything = {name for name, _ in network.named_parameters()}
    assert found == {name for name in everything if name.startswith("layers.")}
    assert {name.partition(".")[0] for name in everything - found} >= {"heads"}


def test_separate_networks_share_nothing_and_some_share_some():
    assert shared_parameters(built(Separate()), IMAGE, 3) == []
    network = built(Ple(shared_experts=2, task_experts=1))
    found = names(network, shared_parameters(network, IMAGE, 3))
    assert found
    one = sum(p.numel() for p in built(Shared()).parameters())
    heads = sum(p.numel() for name, p in built(Shared()).named_parameters() if "heads" in name)
    counted = sum(p.numel() for name, p in network.named_parameters() if name in found)
    assert counted == 2 * (one - heads)


def test_looking_for_what_is_shared_changes_nothing():
    network = built(MultiClustering(experts=4)).train()
    before, state = torch.get_rng_state(), {k: v.clone() for k, v in network.state_dict().items()}
    shared_parameters(network, IMAGE, 3)
    assert network.training
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(v, state[k]) for k, v in network.state_dict().items())
    assert all(p.grad is None for p in network.parameters())


@pytest.fixture
def model():
    """Return a shared matrix, a head for each of three tasks, and their losses."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(6, 4, generator=generator)
    shared = torch.nn.Parameter(torch.randn(4, 4, generator=generator))
    heads = [torch.nn.Parameter(torch.randn(4, generator=generator)) for _ in range(3)]
    made = torch.stack([((inputs @ shared).tanh() @ head - 1).square().mean() for head in heads])
    return shared, heads, made


def test_the_gramian_holds_the_products_of_gradients(model):
    shared, _, made = model
    present = torch.tensor([True, False, True])
    found = gramian(TaskLosses(made * present, present), [shared])
    rows = [torch.autograd.grad(one, shared, retain_graph=True)[0].flatten() for one in made]
    for i in range(3):
        for j in range(3):
            wanted = float(rows[i] @ rows[j]) if present[i] and present[j] else 0.0
            assert found[i, j] == pytest.approx(wanted, rel=1e-5)
    assert not found.requires_grad
    made.sum().backward()


def test_the_gramian_of_nothing_shared_is_zero(model):
    _, _, made = model
    assert not gramian(TaskLosses(made, torch.ones(3, dtype=torch.bool)), []).any()


def test_a_parameter_that_a_task_does_not_reach_adds_nothing(model):
    _, heads, made = model
    present = torch.ones(3, dtype=torch.bool)
    (gradient,) = torch.autograd.grad(made[0], heads[0], retain_graph=True)
    found = gramian(TaskLosses(made, present), [heads[0]])
    assert found[0, 0] == pytest.approx(float(gradient @ gradient), rel=1e-5)
    assert found.count_nonzero() == 1


@pytest.mark.parametrize("alike", [True, False])
def test_each_parameter_gets_the_gradient_of_its_weights(model, alike):
    shared, heads, made = model
    own = torch.tensor([0.2, 0.3, 0.5])
    weights = TaskWeights(own, own if alike else torch.tensor([1.5, -0.4, 0.0]))
    extra = 0.01 * (shared.square().sum() + heads[1].square().sum())
    by_task = [
        torch.autograd.grad(one, [shared, heads[t]], retain_graph=True)
        for t, one in enumerate(made)
    ]
    wanted = sum(w * g for w, (g, _) in zip(weights.shared, by_task, strict=True))
    losses = TaskLosses(made, torch.ones(3, dtype=torch.bool))
    loss = weighed_backward(losses, weights, extra, [shared, *heads], [shared])
    assert float(loss) == pytest.approx(float(((own * made).sum() + extra).detach()))
    assert not loss.requires_grad
    assert torch.allclose(shared.grad, wanted + 0.02 * shared, atol=1e-5)
    for task, head in enumerate(heads):
        right = own[task] * by_task[task][1] + (0.02 * head if task == 1 else 0)
        assert torch.allclose(head.grad, right, atol=1e-5)

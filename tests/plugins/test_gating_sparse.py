"""Experts that nobody reads are not run, and leaving them out changes nothing."""

from __future__ import annotations

import pytest
import torch
from gating_networks import HEADS, IMAGE, TwoLayers, built, images, total
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from taskspace_plugins.gating.dselect_k import DselectK
from taskspace_plugins.gating.multi_clustering import MultiClustering
from taskspace_plugins.gating.networks._experts import Experts, expert_layers
from taskspace_plugins.gating.networks._mixture import Mixture
from taskspace_plugins.gating.ple import Ple
from taskspace_plugins.gating.routing import Routing
from taskspace_plugins.gating.separate import Separate

EXPERTS = 4
GATED = {
    "multi_clustering": MultiClustering(experts=EXPERTS),
    "layered": MultiClustering(experts=EXPERTS, layers=2),
    "routing": Routing(experts=EXPERTS),
    "layered routing": Routing(experts=EXPERTS, layers=2),
    "dselect_k": DselectK(experts=EXPERTS, selected=1),
    "separate": Separate(),
    "ple": Ple(),
}


class Counter:
    """How many inputs went through each expert of each layer."""

    def __init__(self, layers) -> None:
        self.rows = [[0] * len(layer.networks) for layer in layers]
        for number, layer in enumerate(layers):
            for expert, network in enumerate(layer.networks):
                network.register_forward_hook(self.counting(number, expert))

    def counting(self, layer: int, expert: int):
        def count(module, inputs, output) -> None:
            self.rows[layer][expert] += len(inputs[0])

        return count


def counted(network) -> Counter:
    return Counter(network.layers if isinstance(network, Mixture) else [network.last])


def settle(network) -> None:
    """Make the gates of a network sparse, as training does."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("logits"):
                parameter.copy_(torch.randn(parameter.shape) * 3 - 1)
            if name.endswith("bits"):
                parameter.copy_(torch.randn(parameter.shape).sign())


@pytest.mark.parametrize("name", GATED)
@pytest.mark.parametrize("training", [True, False])
def test_what_runs_is_what_is_said_to_run_and_what_is_read(name, training):
    network = built(GATED[name])
    settle(network)
    network.train(training)
    for seed in range(6):
        generator = torch.Generator().manual_seed(seed)
        asked = torch.rand(5, 3, generator=generator) < 0.5
        counter = counted(network)
        output = network(images(5), asked, generator=generator)
        said = [applied.tolist() for applied in output.applied]
        assert counter.rows == said
        for number, (gates, applied) in enumerate(zip(output.gates, output.applied, strict=True)):
            # An expert runs exactly where some pair reads it, once an input.
            if number == 0:
                wanted = torch.zeros(5, gates.shape[1], dtype=torch.int64)
                wanted.index_add_(0, output.pairs.row, gates.long())
                assert applied.tolist() == (wanted > 0).sum(dim=0).tolist()
            else:
                assert applied.tolist() == gates.sum(dim=0).tolist()


@pytest.mark.parametrize("name", sorted(set(GATED) - {"ple"}))
def test_an_expert_that_was_not_read_is_not_called_and_gets_no_gradient(name):
    network = built(GATED[name])
    settle(network)
    network.train()
    called = [[] for _ in network.layers]
    for layer, names in zip(network.layers, called, strict=True):
        for number, expert in enumerate(layer.networks):
            expert.register_forward_hook(lambda *_, n=number, names=names: names.append(n))
    asked = torch.tensor([[True, False, False]])
    output = network(images(1), asked, generator=torch.Generator().manual_seed(2))
    total(network, output).backward()
    left_out = 0
    for layer, names, gates in zip(network.layers, called, output.gates, strict=True):
        assert sorted(names) == gates[0].nonzero()[:, 0].tolist()
        for number, expert in enumerate(layer.networks):
            if number not in names:
                left_out += 1
                assert all(p.grad is None for p in expert.parameters())
    assert left_out


def dense(layer: Experts, items: Tensor, item: Tensor, gates: Tensor, factors: Tensor) -> Tensor:
    """Run everything and mask what nobody reads."""
    codes = torch.stack([network(items) for network in layer.networks])
    z = torch.zeros(len(item), *layer.after)
    for pair in range(len(item)):
        for expert in range(len(layer.networks)):
            keep = gates[pair, expert].to(codes.dtype)
            z[pair] += keep * factors[pair, expert] * codes[expert, item[pair]]
    return z


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 4), pairs=st.integers(0, 6), seed=st.integers(0, 999))
def test_sparse_is_dense_with_masks(rows, pairs, seed):
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    (layer,) = expert_layers(TwoLayers(), IMAGE, EXPERTS, 1)
    item = torch.randint(rows, (pairs,), generator=generator)
    gates = torch.rand(pairs, EXPERTS, generator=generator) < 0.4
    factors = torch.randn(pairs, EXPERTS, generator=generator, requires_grad=True)
    items = images(rows, seed).requires_grad_()
    sparse, applied = layer(items, item, gates, factors)
    masked = dense(layer, items, item, gates, factors)
    assert torch.allclose(sparse, masked, atol=1e-6)
    assert int(applied.sum()) <= int(gates.sum())
    if not gates.any():
        return
    for found, wanted in zip(
        differentiated(sparse, items, factors, layer),
        differentiated(masked, items, factors, layer),
        strict=True,
    ):
        assert torch.allclose(found, wanted, atol=1e-5)


def differentiated(z: Tensor, items: Tensor, factors: Tensor, layer: Experts) -> list[Tensor]:
    inputs = [items, factors, *layer.parameters()]
    found = torch.autograd.grad((z * z.detach().cos()).sum(), inputs, allow_unused=True)
    return [torch.zeros_like(i) if g is None else g for i, g in zip(inputs, found, strict=True)]


def test_a_row_with_several_tasks_runs_an_expert_once():
    network = built(Separate()).eval()
    everyone = tuple(torch.ones_like(gates) for gates in network.choose())
    output = network(images(2), torch.ones(2, len(HEADS), dtype=torch.bool), chosen=everyone)
    assert output.applied[0].tolist() == [2, 2, 2]
    assert len(output.pairs.row) == 6


def test_a_pair_that_reads_no_expert_is_told_what_the_head_makes_of_nothing():
    network = built(MultiClustering(experts=EXPERTS)).eval()
    nobody = (torch.zeros(len(HEADS), EXPERTS, dtype=torch.bool),)
    output = network(images(2), torch.ones(2, len(HEADS), dtype=torch.bool), chosen=nobody)
    nothing = network.heads.networks[0](torch.zeros(2, 2, 2, 2))
    assert torch.equal(output.predictions[0], nothing)
    assert output.applied[0].tolist() == [0] * EXPERTS
    with pytest.raises(ValueError, match="no expert among the chosen ones of task 1"):
        network.export(1, nobody)

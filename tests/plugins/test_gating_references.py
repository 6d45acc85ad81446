"""The published schemes, against their equations written down once more, a pair at a time."""

from __future__ import annotations

import math

import pytest
import torch
from gating_networks import HEADS, built, images
from torch import Tensor
from torch.nn import functional

from taskspace_plugins.gating.cross_stitch import CrossStitch
from taskspace_plugins.gating.dselect_k import DselectK, code_bits, entropy, selectors, smooth_step
from taskspace_plugins.gating.mmoe import Mmoe
from taskspace_plugins.gating.mtan import Mtan
from taskspace_plugins.gating.multi_clustering import MultiClustering
from taskspace_plugins.gating.ple import Ple
from taskspace_plugins.gating.ungated import Ungated

ROWS = 4
TASKS = range(len(HEADS))
EVERYTHING = torch.ones(ROWS, len(HEADS), dtype=torch.bool)


def settled(gating):
    """Return a network in evaluation mode with no weight that stands where it began."""
    network = built(gating)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)
    return network.eval()


def agree(network, reference) -> None:
    """Check every prediction against `reference(image [1, ...], task) -> [1, ...]`."""
    batch = images(ROWS, seed=2)
    with torch.no_grad():
        found = network(batch, EVERYTHING).predictions
        for task in TASKS:
            wanted = torch.cat([reference(batch[row : row + 1], task) for row in range(ROWS)])
            assert torch.allclose(found[task], wanted, atol=1e-5), task
        spread = torch.cat([said.flatten() for said in found]).std()
    assert float(spread) > 1e-2


def gate(layer, image: Tensor) -> Tensor:
    return functional.softmax(layer.weight @ image.flatten() + layer.bias, dim=0)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_mixture_is_the_sum_of_chosen_experts_by_weight(layers):
    network = settled(Ungated(experts=3, layers=layers))

    def reference(z: Tensor, task: int) -> Tensor:
        for level, mixture in zip(network.gates, network.layers, strict=True):
            z = sum(level.weights[task, i] * f(z) for i, f in enumerate(mixture.networks))
        return network.heads.networks[task](z)

    agree(network, reference)


def test_multi_clustering_is_the_sum_of_its_most_likely_experts():
    network = settled(MultiClustering(experts=4))

    def reference(image: Tensor, task: int) -> Tensor:
        p = [1 / (1 + math.exp(-float(logit))) for logit in network.gates[0].logits[task]]
        count = max(1, math.floor(sum(p) + 0.5))
        kept = sorted(range(4), key=lambda i: (-p[i], i))[:count]
        weights, experts = network.gates[0].weights[task], network.layers[0].networks
        return network.heads.networks[task](sum(weights[i] * experts[i](image) for i in kept))

    agree(network, reference)


def test_mmoe_is_equation_6_of_ma_et_al():
    network = settled(Mmoe(experts=3))

    def reference(image: Tensor, task: int) -> Tensor:
        shares = gate(network.selectors[task][1], image)
        code = sum(shares[i] * f(image) for i, f in enumerate(network.experts.networks))
        return network.heads.networks[task](code)

    agree(network, reference)


def test_cross_stitch_is_equation_1_of_misra_et_al():
    network = settled(CrossStitch())

    def reference(image: Tensor, task: int) -> Tensor:
        columns = [image] * len(HEADS)
        for copies, stitch in zip(network.stages, network.stitches, strict=True):
            seen = [copy(column) for copy, column in zip(copies, columns, strict=True)]
            columns = [sum(stitch[t, u] * seen[u] for u in TASKS) for t in TASKS]
        return network.heads.networks[task](columns[task])

    agree(network, reference)


def test_cross_stitch_starts_near_the_identity():
    (first, second) = built(CrossStitch(own_share=0.8)).weights()
    assert torch.allclose(first, torch.eye(3) * 0.7 + 0.1)
    assert torch.equal(first, second)


def test_ple_of_one_layer_is_customized_gate_control():
    network = settled(Ple(shared_experts=2, task_experts=2))

    def reference(image: Tensor, task: int) -> Tensor:
        own = 2 + 2 * task
        kept = [network.last.networks[i] for i in (0, 1, own, own + 1)]
        shares = gate(network.selectors[task][1], image)
        code = sum(s * f(image) for s, f in zip(shares, kept, strict=True))
        return network.heads.networks[task](code)

    agree(network, reference)


def test_ple_of_two_layers_passes_on_what_each_stream_has_mixed():
    network = settled(Ple(shared_experts=1, task_experts=2, layers=2))
    first = network.lower[0]
    shared = len(HEADS)

    def reference(image: Tensor, task: int) -> Tensor:
        codes = [expert(image) for expert in first.networks]
        streams = []
        for stream in (*TASKS, shared):
            kept = range(7) if stream == shared else (0, 1 + 2 * stream, 2 + 2 * stream)
            shares = gate(first.selectors[stream][1], image)
            streams.append(sum(s * codes[i] for s, i in zip(shares, kept, strict=True)))
        shares = gate(network.selectors[task][1], streams[task])
        said = [network.last.networks[0](streams[shared])]
        said += [network.last.networks[i](streams[task]) for i in (1 + 2 * task, 2 + 2 * task)]
        code = sum(s * z for s, z in zip(shares, said, strict=True))
        return network.heads.networks[task](code)

    agree(network, reference)


def test_mtan_is_equations_1_and_2_of_liu_et_al():
    network = settled(Mtan())

    def block(layers, x: Tensor) -> Tensor:
        """Return ReLU(norm(conv x)), the norm over all channels and places of the image."""
        convolution, norm = layers[0], layers[1]
        size = convolution.weight.shape[-1]
        y = functional.conv2d(x, convolution.weight, padding=size // 2)
        y = (y - y.mean()) / torch.sqrt(y.var(unbiased=False) + 1e-5)
        return y * norm.weight[:, None, None] + norm.bias[:, None, None]

    def reference(image: Tensor, task: int) -> Tensor:
        branch = network.branches[task]
        shown, before = image, None
        for number, stage in enumerate(network.stages):
            shown = stage(shown)
            seen = shown
            if before is not None:
                passed = block(branch.passes[number - 1], before).relu()
                # 4x4 places become 2x2.
                seen = torch.cat([shown, functional.max_pool2d(passed, 2)], dim=1)
            g = block(branch.masks[number][:2], seen).relu()
            before = torch.sigmoid(block(branch.masks[number][3:5], g)) * shown
        return network.heads.networks[task](before)

    agree(network, reference)


@pytest.mark.parametrize("experts", [1, 3, 4])
def test_dselect_k_is_equation_5_of_hazimeh_et_al(experts):
    network = settled(DselectK(experts=experts, selected=2))
    level = network.gates[0]

    def reference(image: Tensor, task: int) -> Tensor:
        alpha = functional.softmax(level.shares[task], dim=0)
        weights = [0.0] * experts
        for j in range(2):
            bits = level.bits[task, j].tolist()
            for code in range(2 ** len(bits)):
                pick = 1.0
                for bit, t in enumerate(bits):
                    s = 0.0 if t <= -0.5 else 1.0 if t >= 0.5 else -2 * t**3 + 1.5 * t + 0.5
                    pick *= s if (code >> bit) & 1 else 1 - s
                weights[code % experts] += float(alpha[j]) * pick
        code = sum(w * f(image) for w, f in zip(weights, network.layers[0].networks, strict=True))
        return network.heads.networks[task](code)

    agree(network, reference)


def test_the_smooth_step_is_hard_outside_its_width_and_smooth_at_its_ends():
    t = torch.tensor([-2.0, -1.0, 0.0, 1.0, 3.0], requires_grad=True)
    step = smooth_step(t, width=2.0)
    assert step.tolist() == [0, 0, 0.5, 1, 1]
    step.sum().backward()
    assert t.grad.tolist() == [0, 0, 0.75, 0, 0]


def test_selectors_share_out_what_is_theirs_and_codes_are_distinct():
    activations = torch.rand(2, 3, 3, generator=torch.Generator().manual_seed(0))
    whole = selectors(activations, code_bits(8), 8)
    assert torch.allclose(whole.sum(dim=2), torch.ones(2, 3))
    assert len({tuple(code) for code in code_bits(8).tolist()}) == 8
    decided = selectors(torch.tensor([[[1.0, 0.0, 1.0]]]), code_bits(8), 8)
    assert decided.flatten().tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert float(entropy(decided)) == 0
    assert float(entropy(torch.full((1, 2, 4), 0.25))) == pytest.approx(2 * math.log(4))


@pytest.mark.parametrize("experts", range(1, 10))
def test_every_code_selects_an_expert_and_every_expert_has_a_code(experts):
    codes = code_bits(experts)
    decided = codes.to(torch.float32)[None]  # one selector for each code
    picks = selectors(decided, codes, experts)[0]
    assert picks.argmax(dim=1).tolist() == [code % experts for code in range(len(codes))]
    assert (picks.sum(dim=1) == 1).all()


def test_dselect_k_runs_at_most_k_experts_once_its_bits_are_decided():
    network = built(DselectK(experts=8, selected=2)).train()
    with torch.no_grad():
        network.gates[0].bits.copy_(torch.randn(network.gates[0].bits.shape).sign())
    output = network(images(ROWS), EVERYTHING)
    assert int(output.gates[0].sum(dim=1).max()) <= 2
    assert (network.choose()[0].sum(dim=1) <= 2).all()

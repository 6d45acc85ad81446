"""Every scheme: whom a loss reaches, what is exported, what is refused."""

from __future__ import annotations

import pytest
import torch
from gating_networks import HEADS, IMAGE, TwoLayers, built, images, losses, total
from pydantic import ValidationError

from taskspace.components.multiply_adds import multiply_adds
from taskspace.errors import InputError
from taskspace_plugins.encoders.small_conv import SmallConv
from taskspace_plugins.gating.cross_stitch import CrossStitch
from taskspace_plugins.gating.dselect_k import DselectK
from taskspace_plugins.gating.mmoe import Mmoe
from taskspace_plugins.gating.mtan import Mtan
from taskspace_plugins.gating.multi_clustering import MultiClustering
from taskspace_plugins.gating.ple import Ple
from taskspace_plugins.gating.routing import Routing
from taskspace_plugins.gating.separate import Separate
from taskspace_plugins.gating.shared import Shared
from taskspace_plugins.gating.ungated import Ungated
from taskspace_plugins.readouts.linear import Linear

SCHEMES = {
    "shared": Shared(),
    "separate": Separate(),
    "ungated": Ungated(experts=4),
    "ungated, layered": Ungated(experts=3, layers=2),
    "multi_clustering": MultiClustering(experts=6),
    "multi_clustering, layered": MultiClustering(experts=4, layers=2),
    "gumbel": Routing(experts=3, learner="gumbel"),
    "gumbel, layered": Routing(experts=3, learner="gumbel", layers=2),
    "wpl": Routing(experts=3),
    "wpl, layered": Routing(experts=3, layers=2),
    "cross_stitch": CrossStitch(),
    "mmoe": Mmoe(experts=3),
    "ple": Ple(),
    "ple, layered": Ple(shared_experts=2, task_experts=2, layers=2),
    "mtan": Mtan(),
    "dselect_k": DselectK(experts=5, selected=2),
    "dselect_k, layered": DselectK(experts=3, selected=2, layers=2),
}
every = pytest.mark.parametrize("name", SCHEMES)
EVERYTHING = torch.ones(6, len(HEADS), dtype=torch.bool)


def reached(network, task: int) -> set[str]:
    """Return the parameters that the loss of one task reaches, in some draw."""
    found = set()
    asked = torch.zeros(6, len(HEADS), dtype=torch.bool)
    asked[:, task] = True
    for seed in range(30):
        network.zero_grad()
        output = network(images(6, seed), asked, generator=torch.Generator().manual_seed(seed))
        losses(output).sum().backward()
        for name, parameter in network.named_parameters():
            if parameter.grad is not None and float(parameter.grad.abs().sum()) > 0:
                found.add(name)
    return found


def starting(names, *prefixes: str) -> set[str]:
    return {name for name in names if name.startswith(prefixes)}


WHOM = {
    "shared": ("layers.0.networks.0.",),
    "separate": ("layers.0.networks.1.",),
    "ungated": ("layers.", "gates.0.weights"),
    "multi_clustering": ("layers.", "gates.0.weights"),
    "gumbel": ("layers.", "gates.0.logits"),
    "wpl": ("layers.",),
    "cross_stitch": ("stages.", "stitches."),
    "mmoe": ("experts.", "selectors.1."),
    "ple": ("last.networks.0.", "last.networks.1.", "last.networks.3.", "selectors.1."),
    "mtan": ("stages.", "branches.1."),
    "dselect_k": ("layers.", "gates.0."),
}


@pytest.mark.parametrize("name", WHOM)
def test_the_loss_of_a_task_reaches_what_it_reads_and_nothing_else(name):
    network = built(SCHEMES[name]).train()
    names = [name for name, _ in network.named_parameters()]
    wanted = starting(names, *WHOM[name], "heads.networks.1.")
    assert reached(network, 1) == wanted


@every
def test_the_gates_of_a_task_learn_from_its_own_loss_alone(name):
    network = built(SCHEMES[name]).train()
    asked = EVERYTHING.clone()
    asked[:, [0, 2]] = False
    output = network(images(6), asked, generator=torch.Generator().manual_seed(0))
    losses(output).sum().backward()
    for of, parameter in network.named_parameters():
        if of.startswith("gates.") and parameter.grad is not None:
            assert not parameter.grad[[0, 2]].any(), of


@every
@pytest.mark.parametrize("rule", ["task", "mean", "rounded", "all"])
def test_what_is_exported_says_the_same(name, rule):
    network = built(SCHEMES[name], seed=3).eval()
    with torch.no_grad():
        for gate in getattr(network, "gates", ()):
            if hasattr(gate, "logits"):
                gate.logits.copy_(torch.randn(gate.logits.shape) * 2)
    chosen = network.choose(rule)
    batch = images(6, seed=1)
    with torch.no_grad():
        wanted = network(batch, EVERYTHING, chosen=chosen).predictions
        for task in range(len(HEADS)):
            alone = network.export(task, chosen)
            assert not alone.training
            assert torch.allclose(alone(batch), wanted[task], rtol=0, atol=1e-6)
            for state in (network.state_dict(), alone.state_dict()):
                # As safetensors wants them.
                assert all(value.is_contiguous() for value in state.values())


@every
def test_what_is_exported_stays_as_it_was_exported(name):
    network = built(SCHEMES[name]).eval()
    alone = network.export(2)
    batch = images(3)
    with torch.no_grad():
        before = alone(batch)
        for parameter in network.parameters():
            parameter.zero_()
        assert torch.equal(alone(batch), before)


@every
def test_what_a_row_is_told_does_not_depend_on_who_else_asks(name):
    network = built(SCHEMES[name]).eval()
    batch = images(6)
    with torch.no_grad():
        whole = network(batch, EVERYTHING).predictions
        for seed in range(4):
            asked = torch.rand(6, 3, generator=torch.Generator().manual_seed(seed)) < 0.5
            some = network(batch, asked)
            for task, said in enumerate(some.predictions):
                assert torch.allclose(said, whole[task][asked[:, task]], atol=1e-6)


@pytest.mark.parametrize("name", ["multi_clustering", "wpl", "dselect_k"])
def test_a_loss_that_is_no_number_and_does_not_count_changes_nothing(name):
    found = []
    for missing in (0.5, torch.nan):
        network = built(SCHEMES[name]).train()
        output = network(images(6), EVERYTHING, generator=torch.Generator().manual_seed(0))
        values, weights = losses(output).detach(), torch.full((18,), 1 / 12)
        values[::3], weights[::3] = missing, 0
        extra = network.extra_loss(output, values, weights)
        state = [extra.detach()[None]]
        if extra.requires_grad:
            extra.backward()
            state += [p.grad.flatten() for p in network.gates.parameters() if p.grad is not None]
        state += [buffer.flatten().float() for buffer in network.buffers()]
        found.append(torch.cat(state))
    assert torch.equal(*found)
    assert found[0].isfinite().all()


@pytest.mark.parametrize("name", ["multi_clustering", "cross_stitch", "ple, layered", "mtan"])
def test_what_is_exported_becomes_a_program_without_this_package(name):
    alone = built(SCHEMES[name]).export(1)
    rows = ({0: torch.export.Dim("rows")},)
    program = torch.export.export(alone, (images(2),), dynamic_shapes=rows).module()
    assert torch.allclose(program(images(5)), alone(images(5)), rtol=0, atol=1e-6)


def test_an_export_is_small_in_proportion_to_its_experts():
    network = built(MultiClustering(experts=6)).eval()
    with torch.no_grad():
        logits = torch.full((3, 6), -20.0)
        for task, count in enumerate((1, 2, 6)):
            logits[task, :count] = 20
        network.gates[0].logits.copy_(logits)
    encoder = TwoLayers().build(IMAGE)
    for task, count in enumerate((1, 2, 6)):
        head = network.heads.networks[task]
        alone = network.export(task)
        wanted = count * sum(p.numel() for p in encoder.parameters())
        wanted += sum(p.numel() for p in head.parameters())
        assert sum(p.numel() for p in alone.parameters()) == wanted
        assert sum(b.numel() for b in alone.buffers()) == count
        cost = count * multiply_adds(encoder, IMAGE) + multiply_adds(head, (2, 2, 2))
        assert multiply_adds(alone, IMAGE) == cost
        assert network.costs()[0].tolist() == [multiply_adds(encoder, IMAGE)] * 6


@every
def test_a_batch_may_lack_tasks_rows_and_everything(name):
    network = built(SCHEMES[name])
    for training in (True, False):
        network.train(training)
        for rows in ([[0, 0, 1]], [[0, 0, 0], [1, 0, 0]], [[0, 0, 0]], []):
            asked = torch.tensor(rows, dtype=torch.bool).reshape(-1, 3)
            output = network(images(max(len(asked), 1))[: len(asked)], asked)
            counts = asked.sum(dim=0).tolist()
            assert [len(said) for said in output.predictions] == counts
            assert [tuple(said.shape[1:]) for said in output.predictions] == [(3,), (2,), (1,)]
            if training and sum(counts):
                network.zero_grad()
                total(network, output).backward()
                for task, head in enumerate(network.heads.networks):
                    unasked = [parameter.grad is None for parameter in head.parameters()]
                    assert unasked == [counts[task] == 0] * len(unasked)


@every
def test_one_task_is_a_case_of_many(name):
    network = built(SCHEMES[name], heads=HEADS[:1])
    output = network.train()(images(2), torch.ones(2, 1, dtype=torch.bool))
    total(network, output).backward()
    alone = network.eval().export(0)
    said = network(images(2), torch.ones(2, 1, dtype=torch.bool)).predictions[0]
    assert torch.allclose(alone(images(2)), said, atol=1e-6)


@pytest.mark.parametrize("cls", [Ungated, MultiClustering, Routing, Mmoe, DselectK])
def test_less_than_one_expert_is_refused(cls):
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        cls(experts=0)


@pytest.mark.parametrize("cls", [Ungated, MultiClustering, Routing, DselectK, Ple])
def test_more_layers_than_stages_are_refused_with_both_numbers(cls):
    with pytest.raises(InputError) as caught:
        cls(layers=2).build(SmallConv(), Linear(), (1, 8, 8), HEADS)
    assert str(caught.value) == (
        "gating.layers: 2 gating layers need as many stages, and the encoder 'small_conv' has 1. "
        "Ask for fewer layers, or for a deeper encoder such as `conv_pool`."
    )


def test_layers_are_of_equally_many_stages_and_the_first_have_one_more():
    from taskspace_plugins.encoders.conv_pool import ConvPool
    from taskspace_plugins.gating.networks._experts import layered

    parts = layered(ConvPool(width=2, depth=5), (1, 32, 32), 3)
    assert [len(part.network) for part in parts] == [2, 2, 1]
    assert [part.shape for part in parts] == [(2, 8, 8), (2, 2, 2), (2, 1, 1)]

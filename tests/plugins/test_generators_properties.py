"""What tells the designs of generators apart, and what holds for any of their parameters."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from taskspace_plugins.generators.ss import ShallowSampling
from taskspace_plugins.generators.ss_mtc_add import AddedConditioning
from taskspace_plugins.generators.ss_mtc_affine import AffineConditioning
from taskspace_plugins.generators.tds import TaskAwareSampling
from taskspace_plugins.generators.uds import UnconditionedSampling

DESIGNS = (
    ShallowSampling,
    UnconditionedSampling,
    AddedConditioning,
    AffineConditioning,
    TaskAwareSampling,
)
TASK, NOISE, FEATURES = 4, 3, 6


def built(design, *, seed: int = 0, **parameters) -> nn.Module:
    torch.manual_seed(seed)
    small = {"width": 8, "layers": 3, "noise": NOISE, "hidden": 5, "nonnegative": False}
    return design(**small | parameters).build(TASK, FEATURES)


def normal(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def with_weights_of(network: nn.Module, other: nn.Module) -> nn.Module:
    """Return a network with those weights of another that it has, too."""
    shared = {n: v for n, v in other.state_dict().items() if n in network.state_dict()}
    network.load_state_dict(network.state_dict() | shared)
    return network


def set_to(network: nn.Module, part: str, value: float) -> nn.Module:
    """Give all weights with `part` in their name one value."""
    chosen = [weight for name, weight in network.named_parameters() if part in name]
    assert chosen
    with torch.no_grad():
        for weight in chosen:
            weight.fill_(value)
    return network


@torch.no_grad()
def features(network: nn.Module, task: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    return network(task, noise)


def test_shallow_sampling_reads_no_noise_below_the_input():
    task, noise = normal(2, TASK), normal(2, 3, NOISE)
    other = torch.cat([noise[:, :1], normal(2, 2, NOISE, seed=2)], dim=1)
    for design in (ShallowSampling, AddedConditioning, AffineConditioning):
        network = built(design)
        assert torch.equal(features(network, task, noise), features(network, task, other))


def test_without_a_task_embedding_task_aware_sampling_is_deterministic():
    network = set_to(built(TaskAwareSampling), "embed_task", 0.0)
    task = normal(2, TASK)
    drawn = [features(network, task, normal(2, 3, NOISE, seed=seed)) for seed in range(5)]
    assert all(torch.equal(drawn[0], other) for other in drawn)


def test_each_level_of_deep_sampling_adds_variation():
    for design in (UnconditionedSampling, TaskAwareSampling):
        network, task, noise = built(design), normal(2, TASK), normal(2, 3, NOISE)
        for level in range(3):
            other = noise.clone()
            other[:, level] = normal(2, NOISE, seed=2)
            assert not torch.equal(features(network, task, noise), features(network, task, other))


def test_five_designs_with_the_same_weights_differ():
    first = built(TaskAwareSampling)
    task, noise = normal(2, TASK), normal(2, 3, NOISE)
    given_noise = built(ShallowSampling)
    outputs = [
        features(with_weights_of(built(design), first if deep else given_noise), task, noise)
        for design, deep in zip(DESIGNS, (False, True, False, False, True), strict=True)
    ]
    for i, one in enumerate(outputs):
        assert not any(torch.allclose(one, other) for other in outputs[:i])


def test_conditioning_without_weights_is_shallow_sampling():
    shallow = built(ShallowSampling)
    task, noise = normal(2, TASK), normal(2, 1, NOISE)
    wanted = features(shallow, task, noise)
    added = set_to(with_weights_of(built(AddedConditioning), shallow), "embed_task", 0.0)
    affine = set_to(with_weights_of(built(AffineConditioning), shallow), "injections", 0.0)
    assert torch.equal(features(added, task, noise), wanted)
    assert torch.equal(features(affine, task, noise), wanted)


def test_task_aware_sampling_where_the_task_says_1_is_unconditioned():
    aware = built(TaskAwareSampling)
    with torch.no_grad():
        for injection in aware.injections:
            injection.embed_task.weight.zero_()[:, 0] = 1.0
    task, noise = normal(2, TASK), normal(2, 3, NOISE)
    task[:, 0] = 1.0
    unconditioned = with_weights_of(built(UnconditionedSampling, seed=1), aware)
    same = torch.allclose(features(aware, task, noise), features(unconditioned, task, noise))
    assert same


def test_noise_that_is_not_fresh_is_the_same_at_each_level():
    task, once = normal(2, TASK), normal(2, 1, NOISE)
    for design in (UnconditionedSampling, TaskAwareSampling):
        fresh = built(design)
        repeated = with_weights_of(built(design, fresh=False), fresh)
        wanted = features(fresh, task, once.expand(2, 3, NOISE))
        assert torch.equal(features(repeated, task, once), wanted)


@given(
    design=st.sampled_from(DESIGNS),
    parameters=st.fixed_dictionaries(
        {
            "width": st.integers(1, 5),
            "layers": st.integers(1, 4),
            "noise": st.integers(1, 4),
            "hidden": st.integers(1, 4),
            "inject": st.sampled_from(["before", "after"]),
            "inject_last": st.booleans(),
            "fresh": st.booleans(),
            "inject_words": st.booleans(),
            "nonnegative": st.booleans(),
        }
    ),
    task=st.integers(1, 5),
    wanted=st.integers(1, 5),
    words=st.none() | st.integers(1, 5),
    batch=st.integers(0, 3),
)
def test_features_have_their_shape_for_any_parameters(
    design, parameters, task, wanted, words, batch
):
    generator = design(**parameters)
    network = generator.build(task, wanted, words)
    levels, size = generator.noise_shape(task)
    assert size == parameters["noise"]
    extra = [] if words is None else [normal(batch, words)]
    drawn = network(normal(batch, task), normal(batch, levels, size), *extra)
    assert drawn.shape == (batch, wanted)
    assert drawn.isfinite().all()


@pytest.mark.parametrize("parameters", [{"layers": 0}, {"width": 0}, {"inject": "inside"}])
def test_a_size_that_no_network_has_is_refused(parameters):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        TaskAwareSampling(**parameters)


SNIPPET = """
import torch
from taskspace_plugins.generators.{name} import {design}

generator = {design}(width=64, noise=20)
network = generator.build(task=20, features=30)
task = torch.randn(8, 20)
noise = torch.randn(8, *generator.noise_shape(20))
features = network(task, noise)
"""


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_a_design_is_used_without_a_job_in_under_ten_lines(design):
    code = SNIPPET.format(name=design.name, design=design.__name__).strip()
    names: dict[str, object] = {}
    exec(code, names)
    assert len([line for line in code.splitlines() if line]) < 10
    assert isinstance(names["network"], nn.Module)
    assert names["features"].shape == (8, 30)

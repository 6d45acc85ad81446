"""Each generator against eq. 5.1 and fig. 5.5, computed once more layer by layer in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
import torch

from taskspace.components import Generator
from taskspace_plugins.generators.ss import ShallowSampling
from taskspace_plugins.generators.ss_mtc_add import AddedConditioning
from taskspace_plugins.generators.ss_mtc_affine import AffineConditioning
from taskspace_plugins.generators.tds import TaskAwareSampling
from taskspace_plugins.generators.uds import UnconditionedSampling

DESIGNS: tuple[type[Generator], ...] = (
    ShallowSampling,
    UnconditionedSampling,
    AddedConditioning,
    AffineConditioning,
    TaskAwareSampling,
)
BATCH, TASK, NOISE, WORDS, FEATURES = 4, 5, 3, 6, 7


@dataclass(frozen=True)
class Options:
    """The parameters that change how a design computes."""

    inject: str
    inject_last: bool
    fresh: bool
    inject_words: bool
    nonnegative: bool


class ByHand:
    """A generator from its weights, one number of the batch at a time."""

    def __init__(self, design: type[Generator], weights, options: Options) -> None:
        self.design = design
        self.weights = {name: value.double().numpy() for name, value in weights.items()}
        self.options = options
        self.layers = 1 + max(int(n.split(".")[1]) for n in weights if n.startswith("layers."))

    def linear(self, name: str, x):
        bias = self.weights.get(f"{name}.bias", 0.0)
        return self.weights[f"{name}.weight"] @ x + bias

    def e_t(self, layer: int, t, name: str = "embed_task"):
        assert f"injections.{layer}.{name}.bias" not in self.weights
        return self.linear(f"injections.{layer}.{name}", t)

    def e_n(self, layer: int, n):
        return self.linear(
            f"injections.{layer}.embed_noise.2",
            leaky(self.linear(f"injections.{layer}.embed_noise.0", n)),
        )

    def injected(self, layer: int, z, t, n):
        if self.design is UnconditionedSampling:
            return z + self.e_n(layer, n)
        if self.design is AddedConditioning:
            return z + self.e_t(layer, t)
        if self.design is AffineConditioning:
            gamma = 1 + self.e_t(layer, t, "scale")
            return gamma * z + self.e_t(layer, t, "shift")
        if self.design is TaskAwareSampling:
            return z + self.e_t(layer, t) * self.e_n(layer, n)
        return z

    def features(self, task, noise, words):
        deep = self.design in (UnconditionedSampling, TaskAwareSampling)
        z = task if deep else np.concatenate([task, noise[0]])
        t = words if self.options.inject_words else task
        for layer in range(self.layers):
            n = noise[layer] if deep and self.options.fresh and layer < len(noise) else noise[0]
            last = layer == self.layers - 1
            z = self.linear(f"layers.{layer}", z)
            if self.options.inject == "after" and not last:
                z = self.activated(z, last)
            if not last or self.options.inject_last:
                z = self.injected(layer, z, t, n)
            if self.options.inject == "before" or last:
                z = self.activated(z, last)
        return z

    def activated(self, z, last: bool):
        if not last:
            return leaky(z)
        return np.maximum(z, 0) if self.options.nonnegative else z


def leaky(z):
    return np.where(z > 0, z, 0.2 * z)


def arguments(generator: Generator, seed: int = 1):
    draws = torch.Generator().manual_seed(seed)
    levels, size = generator.noise_shape(TASK)
    shapes = (BATCH, TASK), (BATCH, levels, size), (BATCH, WORDS)
    return [torch.randn(shape, generator=draws) for shape in shapes]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_a_design_computes_what_its_figure_shows(design):
    choices = (("before", "after"), *[(False, True)] * 4)
    for options in (Options(*chosen) for chosen in product(*choices)):
        generator = design(width=8, layers=4, noise=NOISE, hidden=5, **vars(options))
        torch.manual_seed(0)
        network = generator.build(TASK, FEATURES, WORDS)
        task, noise, words = arguments(generator)
        with torch.no_grad():
            features = network(task, noise, words).numpy()
        by_hand = ByHand(design, network.state_dict(), options)
        each = zip(task.double(), noise.double(), words.double(), strict=True)
        wanted = np.array([by_hand.features(*(part.numpy() for part in one)) for one in each])
        np.testing.assert_allclose(features, wanted, rtol=1e-4, atol=1e-5, err_msg=str(options))


@pytest.mark.parametrize("inject_last", [True, False])
@pytest.mark.parametrize("inject_words", [True, False])
def test_the_last_noise_is_what_the_last_level_that_takes_it_adds(inject_last, inject_words):
    parameters = {"inject_last": inject_last, "inject_words": inject_words}
    options = Options("before", fresh=True, nonnegative=True, **parameters)
    for design in DESIGNS:
        generator = design(width=8, layers=4, noise=NOISE, hidden=5, **parameters)
        network = generator.build(TASK, FEATURES, WORDS)
        task, noise, words = arguments(generator)
        with torch.no_grad():
            added = generator.last_noise(network, task, noise, words)
        if design not in (UnconditionedSampling, TaskAwareSampling):
            assert added is None
            continue
        by_hand = ByHand(design, network.state_dict(), options)
        layer = 3 if inject_last else 2
        told = (words if inject_words else task).double().numpy()
        each = zip(told, noise[:, layer].double().numpy(), strict=True)
        wanted = [by_hand.injected(layer, 0.0, *one) for one in each]
        np.testing.assert_allclose(added.numpy(), wanted, rtol=1e-4, atol=1e-5)


LEVELS = {"ss": 1, "ss_mtc_add": 1, "ss_mtc_affine": 1, "uds": 4, "tds": 4}


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_levels_of_noise_are_those_of_the_figure(design):
    levels = LEVELS[design.name]
    assert design().noise_shape(600) == (levels, 600)
    assert design(noise=100).noise_shape(600) == (levels, 100)
    assert design(inject_last=False).noise_shape(600) == (max(1, levels - 1), 600)
    assert design().noise_shape(2048) == (levels, 600)
    assert design(fresh=False).noise_shape(600) == (1, 600)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_the_default_sizes_are_those_of_the_paper(design):
    with torch.device("meta"):
        network = design().build(600, 512)
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    first = 600 if LEVELS[design.name] == 4 else 1200
    widths = [(2048, first), (2048, 2048), (2048, 2048), (512, 2048)]
    assert [shapes[f"layers.{i}.weight"] for i in range(4)] == widths
    for name in ("uds", "tds"):
        if design.name == name:
            embedded = [shapes[f"injections.3.embed_noise.{i}.weight"] for i in (0, 2)]
            assert embedded == [(1024, 600), (512, 1024)]
    if design.name in ("ss_mtc_add", "tds"):
        assert shapes["injections.3.embed_task.weight"] == (512, 600)
        assert "injections.3.embed_task.bias" not in shapes

"""What holds for the networks that encoders and readouts build."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.inventory import NETWORK
from taskspace.testing.subject import NotApplicable, Subject, require, returned

COUNT = 3


@dataclass(frozen=True)
class Build:
    """One way in which a component builds a network: [B, *inputs] -> [B, *outputs]."""

    name: str
    build: Callable[[], nn.Module]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def network(self, *, seed: int = 0, others: int = 0) -> nn.Module:
        """Return a network built under these seeds of torch, and of numpy and random."""
        with global_seeds(torch_seed=seed, others=others):
            return returned("build()", self.build(), nn.Module, "a torch.nn.Module")

    def batch(self) -> torch.Tensor:
        """Return inputs in [0, 1]."""
        return torch.rand(COUNT, *self.inputs, generator=torch.Generator().manual_seed(7))

    def output(self) -> torch.Tensor:
        """Return what a network in eval mode gives for a batch, which must be one tensor."""
        found = self.network().eval()(self.batch())
        return returned("The network", found, torch.Tensor, "one torch.Tensor")


Builds = Callable[[Subject], Iterator[Build]]


def network_checks(builds: Builds) -> dict[str, Callable[[Subject], None]]:
    """Return the checks of networks, by name, for a kind that builds them in these ways."""
    return {name: partial(_of_all, builds, globals()[name]) for name in NETWORK}


def _of_all(builds: Builds, check: Callable[[Build], None], subject: Subject) -> None:
    for way in builds(subject):
        check(way)


def network_gives_declared_shape(way: Build) -> None:
    """A batch gives finite numbers of the declared shape."""
    found = way.output()
    require(
        tuple(found.shape) == (COUNT, *way.outputs) and found.is_floating_point(),
        f"{way.name}: declared {(COUNT, *way.outputs)}, found {found.dtype} {tuple(found.shape)}.",
    )
    require(bool(found.isfinite().all()), f"{way.name}: the output is not finite.")


def network_follows_the_seed_alone(way: Build) -> None:
    """Torch's seed decides the weights; those of numpy and random do not."""
    first = way.network(seed=3, others=1).state_dict()
    second = way.network(seed=3, others=2).state_dict()
    require(first.keys() == second.keys(), f"{way.name}: the layers differ.")
    for name, values in first.items():
        same = torch.equal(values, second[name])
        require(same, f"{way.name}: {name} differs between builds with one seed.")


def network_is_fresh(way: Build) -> None:
    """Two builds share no weights."""
    first, second = way.network(), way.network()
    shared = {p.data_ptr() for p in first.parameters() if p.numel()} & {
        p.data_ptr() for p in second.parameters()
    }
    require(first is not second and not shared, f"{way.name}: two builds share weights.")


def network_judges_each_image_alone(way: Build) -> None:
    """In evaluation an output does not depend on the rest of the batch."""
    network, batch = way.network().eval(), way.batch()
    with torch.no_grad():
        together = network(batch)
        alone = torch.cat([network(batch[i : i + 1]) for i in range(COUNT)])
    close = torch.allclose(together, alone, rtol=1e-3, atol=1e-4)
    require(close, f"{way.name}: in eval mode an output depends on the rest of the batch.")


def network_gradients_are_finite(way: Build) -> None:
    """Every weight gets a finite gradient."""
    network = way.network().train()
    if not any(parameter.requires_grad for parameter in network.parameters()):
        return  # nothing to learn, as in an encoder that passes features on
    network(way.batch()).square().mean().backward()
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            gradient = parameter.grad
            require(gradient is not None, f"{way.name}: {name} gets no gradient.")
            finite = gradient is not None and bool(gradient.isfinite().all())
            require(finite, f"{way.name}: the gradient of {name} is not finite.")


def network_keeps_its_input(way: Build) -> None:
    """The batch is as it was."""
    batch = way.batch()
    with torch.no_grad():
        way.network().eval()(batch)
    require(torch.equal(batch, way.batch()), f"{way.name}: the input is changed.")


def network_runs_on_gpu(way: Build) -> None:
    """On a GPU the output is what it is on a CPU."""
    if not torch.cuda.is_available():
        raise NotApplicable("There is no GPU here.")
    network, batch = way.network().eval(), way.batch()
    with torch.no_grad():
        here = network(batch)
        there = network.cuda()(batch.cuda())
    require(there.is_cuda, f"{way.name}: the output leaves the device.")
    close = torch.allclose(here, there.cpu(), rtol=1e-2, atol=1e-2)
    require(close, f"{way.name}: the output is another one on the GPU.")

"""What holds for an encoder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch

from taskspace.components import Encoder
from taskspace.testing.checks.network import COUNT, Build, network_checks
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.subject import NotApplicable, Subject, require, returned


def code_shape_is_declared(subject: Subject) -> None:
    """The shape of the code is three positive numbers, the same each time."""
    encoder = _usable(subject)
    for image in subject.images:
        first, second = encoder.code_shape(image), encoder.code_shape(image)
        returned("code_shape()", first, tuple, "a tuple (C, H, W)")
        require(first == second, f"{image}: asked twice, the code is {first} and {second}.")
        require(len(first) == 3 and min(first) > 0, f"{image}: the code is {first}.")


def stages_are_the_network(subject: Subject) -> None:
    """One after the other, the stages are the network, and each gives the shape that it says."""
    encoder = _usable(subject)
    for way in _builds(subject):
        image = (way.inputs[0], way.inputs[1], way.inputs[2])
        with global_seeds(torch_seed=0, others=0), torch.no_grad():
            stages = encoder.stages(image)
            counted, said = len(stages), encoder.stage_count()
            require(counted > 0, f"{way.name}: there are no stages.")
            require(counted == said, f"{way.name}: it says {said} stages and has {counted}.")
            seen = way.batch()
            for number, (network, shape) in enumerate(stages):
                given = seen.clone()
                found = network.eval()(given)
                require(torch.equal(given, seen), f"{way.name}: stage {number} changes its input.")
                require(
                    found.shape == (COUNT, *shape),
                    f"{way.name}: stage {number} declares {shape} and gives {tuple(found.shape)}.",
                )
                seen = found
        same = torch.allclose(seen, way.output(), rtol=1e-4, atol=1e-5)
        require(same, f"{way.name}: built from one seed, stages and network differ.")


def _usable(subject: Subject) -> Encoder:
    encoder = subject.made(Encoder)
    if (reason := encoder.missing()) is not None:
        raise NotApplicable(reason)
    return encoder


def _builds(subject: Subject) -> Iterator[Build]:
    encoder = _usable(subject)
    for image in subject.images:
        yield Build(
            f"image {image}", partial(encoder.build, image), image, encoder.code_shape(image)
        )


globals().update(network_checks(_builds))

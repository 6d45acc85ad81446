"""The network that puts images on the sphere: how it is made, in a search and after it."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import torch
from torch import Tensor, nn

from taskspace.components import Encoder, Shape
from taskspace.errors import InputError
from taskspace.studies.discovery.maths.sphere import TaskSphere

HIDDEN = 256
"""Numbers of the hidden layer over the codes of a pretrained encoder."""


class CodesOf(nn.Module):
    """An encoder kept as it is, whose codes stand for images: [B, C, H, W] -> [B, F, 1, 1].

    Args:
        encoder: images -> codes.
        vectors: codes -> [B, F].
    """

    def __init__(self, encoder: nn.Module, vectors: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.encoder = encoder
        self._vectors = vectors

    def forward(self, images: Tensor) -> Tensor:
        """Return codes as images of one pixel."""
        codes = self.encoder(images.contiguous(memory_format=torch.channels_last))
        return self._vectors(codes)[:, :, None, None]


def sphere_network(encoder: Encoder | None, seen: Shape, dimensions: int) -> nn.Module:
    """Return a network inputs [B, *seen] -> [B, D], with weights from torch's own generator.

    Args:
        encoder: whose code a linear layer brings to D numbers; two layers where None, for codes
            of a pretrained encoder.
        seen: the shape of an input.
        dimensions: D.
    """
    if encoder is None:
        numbers = prod(seen)
        return nn.Sequential(
            nn.Flatten(), nn.Linear(numbers, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, dimensions)
        )
    code = prod(encoder.code_shape(seen))
    return nn.Sequential(encoder.build(seen), nn.Flatten(), nn.Linear(code, dimensions))


def restored_sphere(encoder: Encoder | None, seen: Shape, weights: dict[str, Tensor]) -> TaskSphere:
    """Return the sphere that a search has left, in evaluation mode.

    Args:
        encoder: that of `sphere_network`.
        seen: the shape of an input.
        weights: by name, as `TaskSphere.state_dict` gives them.

    Raises:
        InputError: if they are of another network.
    """
    directions = weights["directions"]
    with torch.random.fork_rng(devices=[]):
        network = sphere_network(encoder, seen, directions.shape[2])
    sphere = TaskSphere(network, directions)
    shapes = [{n: own.shape for n, own in of.items()} for of in (weights, sphere.state_dict())]
    if shapes[0] != shapes[1]:
        raise InputError(
            "These weights are of another network than the one that is named.",
            advice="Leave `network` and `sees` of the task out: its run knows both.",
        )
    sphere.load_state_dict(weights)
    return sphere.eval()

"""What networks built elsewhere need to serve as encoders."""

from __future__ import annotations

from typing import Self

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from taskspace.components import Shape
from taskspace.errors import InputError

NOISE = 32
"""Images of noise whose statistics a network at random holds."""


class HeldStatistics(nn.Module):
    """A module in which batch normalisation uses its stored statistics, in training too.

    So the code of an image does not depend on other images.
    """

    def train(self, mode: bool = True) -> Self:
        """Set the mode of all parts but batch normalisation, which stays in evaluation."""
        super().train(mode)
        for layer in self.modules():
            if isinstance(layer, _BatchNorm):
                layer.eval()
        return self


def freeze_unused(network: nn.Module, image: Shape) -> None:
    """Freeze the weights on which a code does not depend, such as those that mask patches."""
    was_training = network.training
    with torch.enable_grad():
        network.eval()(torch.zeros(1, *image)).sum().backward()
    for parameter in network.parameters():
        parameter.requires_grad_(parameter.grad is not None)
        parameter.grad = None
    network.train(was_training)


@torch.no_grad()
def hold_noise(network: nn.Module, image: Shape) -> None:
    """Give batch normalisation the statistics of noise, once, for a network at random.

    Without them what passes a deep network grows or shrinks layer by layer. The noise is drawn
    from torch's own generator, as weights are.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, _BatchNorm)]
    if not layers:
        return
    network.eval()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the mean of what is seen
        layer.training = True
    network(torch.rand(NOISE, *image))
    for layer in layers:
        layer.training = False
    network.train()


@torch.no_grad()
def shape_of_code(network: nn.Module, image: Shape, name: str) -> Shape:
    """Return the shape that a network gives for an image.

    Raises:
        InputError: if it cannot read it, as a network does whose layers leave nothing of it.
    """
    try:
        _, channels, height, width = network.eval()(torch.zeros(1, *image)).shape
    except (AssertionError, RuntimeError, ValueError) as error:
        raise InputError(
            f"{name} cannot read images of {image[1]} x {image[2]}: "
            f"{str(error).partition(chr(10))[0]}.",
            advice="Give it the size that it was trained with.",
        ) from error
    return channels, height, width

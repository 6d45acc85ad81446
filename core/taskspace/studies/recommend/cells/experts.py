"""Experts: networks that are trained here on a task of their own, to start from."""

from __future__ import annotations

import torch

from taskspace.components import Call, Encoder, Result, Shape
from taskspace.learning.examples import examples_of, labelled
from taskspace.learning.fitting.fit import fit_alone
from taskspace.learning.networks import build_network, measured, part_of, seeded, settled
from taskspace.learning.splits import call_split
from taskspace.learning.training import Training


def train_expert(call: Call) -> Result:
    """Train an encoder and a decoder on a task; the record has loss and metric on its test part."""
    with settled(call.cpus):
        split = call_split(call)
        there = labelled(call)
        network = build_network(call)
        data = examples_of(call, split.train[there[split.train]])
        fit_alone(call, network, data, Training(**call.parameters["train"]))
        tested = measured(network, call, examples_of(call, split.test))
        return Result(tested.record, weights=network.state_dict())


def started_encoder(call: Call) -> tuple[torch.nn.Module, Shape]:
    """Return the call's model as it is started from, in evaluation mode, and the images it reads.

    An expert, in the input `network`, reads images of its own dataset's shape, the parameter
    `image`; any other model those of the call's dataset.
    """
    encoder = call.component("encoder", Encoder)
    channels, height, width = call.parameters["image"]
    shape: Shape = channels, height, width
    with seeded("published"):
        network = encoder.build(shape)
    if "network" in call.inputs:
        network.load_state_dict(part_of(call.inputs["network"].weights(), "encoder"))
    return network.to(call.device).eval(), shape


def fitted_images(images: torch.Tensor, shape: Shape) -> torch.Tensor:
    """Return images [B, C, H, W] in another shape: scaled, grey repeated or colours averaged."""
    channels, height, width = shape
    if images.shape[1] != channels:
        images = images.mean(dim=1, keepdim=True).expand(-1, channels, -1, -1)
    if tuple(images.shape[2:]) != (height, width):
        images = torch.nn.functional.interpolate(
            images, (height, width), mode="bilinear", antialias=True
        )
    return images.contiguous(memory_format=torch.channels_last)

"""Experts: networks that are trained here on a task of their own, to start from."""

from __future__ import annotations

import torch

from taskspace.components import Call, Encoder, Result, Shape, Task
from taskspace.learning.examples import examples_of, labelled
from taskspace.learning.fitting.fit import fit_alone
from taskspace.learning.networks import build_network, measured, seeded, settled
from taskspace.learning.splits import call_split
from taskspace.learning.training import Training

ENDS = 5


def train_expert(call: Call) -> Result:
    """Train an encoder and a decoder on a task; the record has loss and metric on its test part."""
    with settled(call.cpus):
        split = call_split(call)
        there = labelled(call)
        network = build_network(call)
        learner = fit_alone(
            call,
            network,
            examples_of(call, split.train[there[split.train]]),
            Training(**call.parameters["train"]),
        )
        history = [float(torch.stack(part).mean()) for part in _ends(learner.history)]
        tested = measured(network, call, examples_of(call, split.test))
        return Result(
            {
                **tested.record,
                "losses": history,
                "metric_name": call.component("task", Task).metric,
                "samples": int(there[split.train].sum()),
            },
            weights=network.state_dict(),
        )


def _ends(history: list[torch.Tensor]) -> list[list[torch.Tensor]]:
    return [part for part in (history[:ENDS], history[-ENDS:]) if part]


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
        weights = call.inputs["network"].weights()
        own = "encoder."
        network.load_state_dict({n[len(own) :]: w for n, w in weights.items() if n.startswith(own)})
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

"""Networks of a call, made of its encoder and its readout, each from a seed."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from taskspace.components import Call, Encoder, Readout, VectorHead
from taskspace.learning.examples import Rows, blocks, image_shape
from taskspace.learning.networks import MOST_IMAGES, TaskNetwork, seeded


def labelling_network(call: Call, outputs: int, *seed: object) -> nn.Module:
    """Return a network images [B, C, H, W] -> [B, outputs] of the call, on its device."""
    with seeded(*seed):
        return unseeded_network(call, outputs)


def unseeded_network(call: Call, outputs: int) -> nn.Module:
    """Return such a network with weights from torch's own generator as it stands."""
    shape = image_shape(call)
    encoder = call.component("network", Encoder)
    front = encoder.build(shape)
    head = call.component("readout", Readout).build(
        encoder.code_shape(shape), VectorHead(outputs), shape
    )
    return TaskNetwork(front, head).to(call.device)


@torch.inference_mode()
def outputs_of(network: nn.Module, images: Rows) -> Tensor:
    """Return what a network gives for all images [N, outputs], on the CPU."""
    network.eval()
    return torch.cat([network(block).cpu() for block in blocks(images, MOST_IMAGES)])

"""Networks of an encoder and a readout, with the weights that a cell's seed decides."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from taskspace.components import Call, Encoder, Readout, Task
from taskspace.learning.examples import head_of, image_shape
from taskspace.learning.numerics import seeded


class TaskNetwork(nn.Module):
    """An encoder and a decoder; several views pass the one encoder (siamese, Taskonomy Sec. 3)."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def encode(self, inputs: Tensor) -> Tensor:
        """Return codes [B, c, h, w] of images, or [B, V c, h, w] of views [B, V, C, H, W]."""
        return encode(self.encoder, inputs)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return predictions."""
        prediction: Tensor = self.decoder(self.encode(inputs))
        return prediction


def encode(encoder: nn.Module, inputs: Tensor) -> Tensor:
    """Return an encoder's codes of images; those of several views stand channelwise together."""
    images = inputs if inputs.ndim == 4 else inputs.flatten(0, 1)
    codes: Tensor = encoder(images.contiguous(memory_format=torch.channels_last))
    if inputs.ndim == 4:
        return codes
    return codes.reshape(len(inputs), -1, *codes.shape[2:])


def build_network(call: Call) -> TaskNetwork:
    """Return a network of the call's `encoder` and `decoder` for its task."""
    shape = image_shape(call)
    encoder = call.component("encoder", Encoder)
    with seeded(call.parameters["seed"], "encoder"):
        front = encoder.build(shape)
    channels, height, width = encoder.code_shape(shape)
    code = (channels * call.component("task", Task).views, height, width)
    return TaskNetwork(front, build_readout(call, "decoder", code)).to(call.device)


def build_readout(call: Call, slot: str, code: Sequence[int]) -> nn.Module:
    """Return the readout in a slot of the call, from codes [c, h, w] to its task's predictions.

    A call without a seed has weights to load.
    """
    channels, height, width = code
    with seeded(call.parameters.get("seed"), slot):
        readout = call.component(slot, Readout).build(
            (channels, height, width), head_of(call), image_shape(call)
        )
    return readout.to(call.device)


def stored_encoder(call: Call) -> nn.Module:
    """Return the encoder of the `TaskNetwork` in the input `network`, in evaluation mode."""
    encoder = call.component("encoder", Encoder).build(image_shape(call))
    weights = call.inputs["network"].weights()
    encoder.load_state_dict(
        {
            name.removeprefix("encoder."): weight
            for name, weight in weights.items()
            if name.startswith("encoder.")
        }
    )
    return encoder.to(call.device).eval()

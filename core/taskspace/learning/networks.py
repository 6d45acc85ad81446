"""Networks: built with a cell's seed, applied to many samples, measured on each of them.

The same numbers everywhere: threads, denormals and seeds are set here, and restored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from threading import RLock

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Call, Encoder, Loss, OwnLoss, Readout, Result, Task, stable_seed
from taskspace.errors import CellError
from taskspace.learning.examples import Examples, Rows, blocks, head_of, image_shape

MOST_IMAGES = 512
MOST_NUMBERS = 1 << 23
MOST_SEEN = 1 << 25
"""How many images pass a network at once, how many numbers it may predict for them, and of how many
they may consist: large images pass a few at a time."""

_TORCH = RLock()
# Torch's generator and its number of threads belong to the process: two runs in threads of one
# process take turns, cell by cell.


@contextmanager
def settled(cpus: int) -> Iterator[None]:
    """Compute with `cpus` threads and denormals as zero; results depend on both."""
    with _TORCH:
        threads = torch.get_num_threads()
        torch.set_num_threads(cpus)
        flushed = torch.set_flush_denormal(True)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            if flushed:
                torch.set_flush_denormal(False)


@contextmanager
def seeded(*parts: object) -> Iterator[None]:
    """Seed torch's own generator from the text of `parts`, and restore it: layers initialise."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stable_seed(*parts))
        yield


def generator(*parts: object) -> torch.Generator:
    """Return a CPU generator seeded from the text of `parts`."""
    return torch.Generator().manual_seed(stable_seed(*parts))


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

    def loss(self, inputs: Tensor, target: Tensor, task: Task) -> Loss:
        """Return the loss of each input [B]: the decoder's own where it has one, or the task's."""
        if isinstance(self.decoder, OwnLoss):
            return self.decoder.loss(self.encode(inputs), target)
        return task.loss(self(inputs), target)


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
    encoder.load_state_dict(part_of(call.inputs["network"].weights(), "encoder"))
    return encoder.to(call.device).eval()


def part_of(weights: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    """Return the weights of a part of a network: `encoder` or `decoder` of a `TaskNetwork`."""
    prefix = f"{part}."
    return {
        name.removeprefix(prefix): weight
        for name, weight in weights.items()
        if name.startswith(prefix)
    }


@torch.inference_mode()
def apply(network: Callable[[Tensor], Tensor], inputs: Rows) -> Tensor:
    """Return what a network in evaluation mode gives for all inputs."""
    return torch.cat([network(block) for block in blocks(inputs, _at_once(inputs))])


def measured(network: nn.Module, call: Call, data: Examples) -> Result:
    """Return losses and metric [N] of a network for the call's task, as `measured_by` does.

    Args:
        data: what the network reads, and the targets.

    Raises:
        CellError: if one is not finite although its label is there.
    """
    head = head_of(call).shape(image_shape(call))
    return measured_by(network, call.component("task", Task), head, data)


@torch.inference_mode()
def measured_by(network: nn.Module, task: Task, head: Sequence[int], data: Examples) -> Result:
    """Return losses and metric [N] of a network for a task, NaN where a label is missing.

    The record holds their means, None where no image has a label.

    Args:
        head: the shape of a prediction.
        data: what the network reads, and the targets.

    Raises:
        CellError: if one is not finite although its label is there.
    """
    network.eval()
    losses, metrics = [], []
    for inputs, targets in _pairs(data, head):
        loss, metric = _judged(network, task, inputs, targets)
        losses.append(_present(loss, task))
        metrics.append(_present(metric, task))
    arrays = {"loss": np.concatenate(losses), "metric": np.concatenate(metrics)}
    return Result({name: _mean(values) for name, values in arrays.items()}, arrays)


def _judged(network: nn.Module, task: Task, inputs: Tensor, targets: Tensor) -> tuple[Loss, Loss]:
    """Return losses and metrics; the metric of a task that has none is the loss of the network."""
    if not (isinstance(network, TaskNetwork) and isinstance(network.decoder, OwnLoss)):
        prediction = network(inputs)
        return task.loss(prediction, targets), task.measure(prediction, targets)
    code = network.encode(inputs)
    loss = network.decoder.loss(code, targets)
    if task.metric == Task.metric:
        return loss, loss
    return loss, task.measure(network.decoder(code), targets)


@torch.inference_mode()
def decoded_by(
    network: nn.Module, task: Task, head: Sequence[int], data: Examples
) -> tuple[Tensor, Tensor]:
    """Return what a network predicts of all inputs, decoded, and their targets.

    Args:
        head: the shape of a prediction.
        data: what the network reads, and the targets.
    """
    network.eval()
    pairs = [(task.decode(network(inputs)), targets) for inputs, targets in _pairs(data, head)]
    decoded, targets = zip(*pairs, strict=True)
    return torch.cat(decoded), torch.cat(targets)


def _pairs(data: Examples, head: Sequence[int]) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield inputs and targets, as many as pass a network at once."""
    size = max(1, min(_at_once(data.inputs), MOST_NUMBERS // prod(head)))
    return zip(blocks(data.inputs, size), blocks(data.targets, size), strict=True)


def _at_once(inputs: Rows) -> int:
    """Return how many inputs pass a network at once; each view of one is an image."""
    views = inputs.shape[1] if len(inputs.shape) == 5 else 1
    numbers = max(1, prod(inputs.shape[1:]))
    return max(1, min(MOST_IMAGES // views, MOST_SEEN // numbers))


def _present(values: Loss, task: Task) -> np.ndarray:
    """Return values [N], NaN where a label is missing."""
    wrong = values.valid & ~torch.isfinite(values.value)
    if wrong.any():
        raise CellError(
            f"The loss of the task {task.name!r} is not finite on {int(wrong.sum())} images.",
            advice="Look for infinite or enormous labels.",
        )
    present: np.ndarray = torch.where(values.valid, values.value.float(), torch.nan).cpu().numpy()
    return present


def _mean(values: np.ndarray) -> float | None:
    present = values[~np.isnan(values)]
    return float(present.mean()) if len(present) else None


def named_tensors(name: str, module: nn.Module) -> dict[str, Tensor]:
    """Return all parameters and buffers of a module, those that `state_dict` leaves out too."""
    found = (*module.named_parameters(), *module.named_buffers())
    return {f"{name}.{path}": tensor.detach() for path, tensor in found}


def size_of(tensors: Mapping[str, Tensor]) -> int:
    """Return bytes."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


def fits(saved: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> bool:
    """Return whether each tensor is among the saved ones, in its shape and type."""
    return all(
        name in saved and (saved[name].shape, saved[name].dtype) == (tensor.shape, tensor.dtype)
        for name, tensor in tensors.items()
    )


@torch.no_grad()
def restore(saved: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    """Give each tensor the values that were saved under its name, in place."""
    for name, tensor in tensors.items():
        tensor.copy_(saved[name])

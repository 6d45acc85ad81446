"""When a training saves its state, and how tensors get theirs back.

A checkpoint is written between two steps, when the time since the last one has paid for it. The
clock decides only whether one is written, never what is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

import torch
from torch import Tensor, nn

SHARE = 0.02
"""Checkpoints take at most this share of the time of a training."""
SHORTEST = 5.0
"""Seconds between two checkpoints at least: a kill loses as much, shorter trainings write none."""
WRITTEN = 50e6
"""Bytes a second that are expected of a disk until one checkpoint was measured; most are faster."""


def is_due(since: float, cost: float) -> bool:
    """Return whether to write a checkpoint.

    Args:
        since: seconds of training after the last checkpoint, or from the start.
        cost: seconds that the last one took, or that the first one is expected to take.
    """
    return since >= SHORTEST and since * SHARE >= cost


class Pace:
    """When a training writes checkpoints, by the time that it measures.

    Args:
        size: bytes that a checkpoint has.
    """

    def __init__(self, size: int) -> None:
        self._cost = size / WRITTEN
        self._since = perf_counter()

    def is_due(self) -> bool:
        """Return whether to write a checkpoint now."""
        return is_due(perf_counter() - self._since, self._cost)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure what is done within as the cost of a checkpoint."""
        started = perf_counter()
        yield
        self._since = perf_counter()
        self._cost = self._since - started


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

"""Checkpoints: what a training needs to go on after a kill, and where its cell keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Snapshot:
    """A training between two of its steps.

    Attributes:
        record: what JSON holds: the step, the curves.
        tensors: weights, averages, states of generators; on any device, and on the CPU once read.
    """

    record: Mapping[str, Any]
    tensors: Mapping[str, torch.Tensor]


class Checkpoint(Protocol):
    """The checkpoint of one cell; it is removed when the cell has a result."""

    def load(self) -> Snapshot | None:
        """Return what was saved last on such a device with this version of PyTorch, if anything."""
        ...

    def save(self, snapshot: Snapshot) -> None:
        """Replace what was saved; a full disk raises nothing, and the training goes on."""
        ...

"""Tensors of a file into a network of the same names, or a report of what does not fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

COUNTER = "num_batches_tracked"
"""How many batches a norm has seen, which nothing here reads and older files lack."""

LISTED = 5


def misfits(network: nn.Module, tensors: Mapping[str, Tensor], *, shapes: bool = True) -> list[str]:
    """Return what hinders tensors from being the weights of a network: one sentence a kind.

    Args:
        network: its own tensors may be on the device `meta`.
        tensors: by the names of the network.
        shapes: whether to compare them.
    """
    own = _without_counters(network.state_dict())
    given = _without_counters(tensors)
    both = [name for name in own if name in given]
    # Sparse tensors and those of the device `meta` have no numbers to look at one by one.
    floating = [name for name in both if is_dense(given[name]) and given[name].is_floating_point()]
    found = {
        "missing": [name for name in own if name not in given],
        "unexpected": [name for name in given if name not in own],
        "of another shape": [
            f"{name} {tuple(given[name].shape)} for {tuple(own[name].shape)}"
            for name in both
            if shapes and given[name].shape != own[name].shape
        ],
        "not dense tensors of floating-point numbers": [n for n in both if n not in floating],
        "not finite": [name for name in floating if not given[name].isfinite().all()],
    }
    return [f"{len(names)} {what}: {_listed(names)}" for what, names in found.items() if names]


def is_dense(tensor: Tensor) -> bool:
    """Return whether a tensor holds each of its numbers: none is left out, none is missing."""
    return tensor.layout == torch.strided and not tensor.is_meta


def fill(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Give a network's tensors the values of those that fit."""
    with torch.no_grad():
        for name, own in _without_counters(network.state_dict()).items():
            own.copy_(tensors[name])


def _without_counters(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {n: tensor for n, tensor in tensors.items() if n.rpartition(".")[2] != COUNTER}


def _listed(names: Collection[str]) -> str:
    shown = ", ".join(list(names)[:LISTED])
    return f"{shown} and {len(names) - LISTED} more" if len(names) > LISTED else shown

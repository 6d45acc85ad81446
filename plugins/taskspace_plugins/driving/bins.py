"""Numbers as classes: between which edges they lie."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor


def classes_between(values: Tensor, edges: Sequence[float]) -> Tensor:
    """Return how many edges are at most the value: class ids int64 [...], -1 where it is NaN.

    Class k holds the numbers in [edges[k - 1], edges[k]); the outer ones have one edge.

    Args:
        values: [...].
        edges: rising.
    """
    ids = torch.bucketize(values.double(), torch.tensor(edges, dtype=torch.float64), right=True)
    return torch.where(values.isnan(), -1, ids)


def names_between(edges: Sequence[float], unit: str) -> tuple[str, ...]:
    """Return what the classes are called: `below -5°`, `-5 to 5°`, `5° and more`.

    Args:
        edges: rising.
        unit: as it stands after a number (`°`, ` m`).
    """
    inner = (f"{low:g} to {high:g}{unit}" for low, high in pairwise(edges))
    return f"below {edges[0]:g}{unit}", *inner, f"{edges[-1]:g}{unit} and more"


def check_rising(edges: Sequence[float]) -> None:
    """Check that there are edges and that each is above the one before it.

    Raises:
        ValueError: with the pair that does not rise.
    """
    if not edges:
        raise ValueError("there is no edge; one makes two classes")
    for low, high in pairwise(edges):
        if not low < high:
            raise ValueError(f"the edges have to rise, and {high:g} follows {low:g}")

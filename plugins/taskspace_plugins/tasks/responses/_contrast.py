"""A metric loss on pairs of pixels: close within a segment, apart between segments."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from taskspace.components import Loss

DISTANCES = (1, 4, 16)
"""How far apart, in places along a row or a column, the two pixels of a pair are."""

ROUNDING = 1e-6
"""Added to squared distances, so that the root has a finite slope at 0."""

Ends = tuple[tuple[slice, slice], tuple[slice, slice]]
"""Rows and columns of the first and of the second pixels of some pairs."""


def pair_contrast(embedding: Tensor, segments: Tensor, margin: float = 1.0) -> Loss:
    """Return the contrastive loss [B] over fixed pairs of pixels (Hadsell et al. 2006, eq. 4).

    With d the Euclidean distance of the two embeddings of a pair, a pair within one segment costs
    d^2 and a pair across segments max(0, margin - d)^2. The loss is the mean over the former plus
    the mean over the latter, so that borders count as much as the insides; an image with a single
    segment has the first term alone. It is 0 where all pixels of a segment have one embedding and
    those of other segments are at least `margin` away, and margin^2 where all pixels of the image
    have the same one.

    The pairs are all those at `DISTANCES` along rows and columns. An image none of whose pairs is
    labelled is not valid.

    Args:
        embedding: [B, E, rows, columns].
        segments: ids [B, rows, columns]; -1 is missing.
    """
    pairs = _pairs(*segments.shape[1:])
    zero = embedding.new_zeros(len(embedding))
    within, across, pairs_within, pairs_across = zero, zero, zero, zero
    for (first, second), squared in zip(pairs, _squared_distances(embedding, pairs), strict=True):
        one, other = segments[:, *first], segments[:, *second]
        labelled = (one >= 0) & (other >= 0)
        same, differ = labelled & (one == other), labelled & (one != other)
        short = (margin - (squared + ROUNDING).sqrt()).clamp(min=0).square()
        within = within + torch.where(same, squared, 0.0).sum(dim=(1, 2))
        across = across + torch.where(differ, short, 0.0).sum(dim=(1, 2))
        pairs_within = pairs_within + same.sum(dim=(1, 2))
        pairs_across = pairs_across + differ.sum(dim=(1, 2))
    value = within / pairs_within.clamp(min=1) + across / pairs_across.clamp(min=1)
    return Loss(value, pairs_within + pairs_across > 0)


def _pairs(rows: int, columns: int) -> list[Ends]:
    """Return the two ends of all pairs that lie one distance apart in one direction."""
    whole = slice(None)
    found: list[Ends] = []
    for distance in DISTANCES:
        near, far = slice(None, -distance), slice(distance, None)
        if distance < columns:
            found.append(((whole, near), (whole, far)))
        if distance < rows:
            found.append(((near, whole), (far, whole)))
    return found


class _SquaredDistances(torch.autograd.Function):
    """Squared distances of embeddings [B, E, rows, columns] for each kind of pair.

    Autograd by itself keeps and adds up a gradient of the size of all embeddings for each end of
    each kind of pair; adding into one takes a third of the time.
    """

    @staticmethod
    def forward(ctx: Any, embedding: Tensor, pairs: list[Ends]) -> tuple[Tensor, ...]:
        ctx.save_for_backward(embedding)
        ctx.pairs = pairs
        return tuple(
            (embedding[:, :, *first] - embedding[:, :, *second]).square().sum(dim=1)
            for first, second in pairs
        )

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        (embedding,) = ctx.saved_tensors
        gradient = torch.zeros_like(embedding)
        for (first, second), slope in zip(ctx.pairs, slopes, strict=True):
            pull = embedding[:, :, *first] - embedding[:, :, *second]
            pull *= 2 * slope[:, None]
            gradient[:, :, *first] += pull
            gradient[:, :, *second] -= pull
        return gradient, None


def _squared_distances(embedding: Tensor, pairs: list[Ends]) -> tuple[Tensor, ...]:
    distances: tuple[Tensor, ...] = _SquaredDistances.apply(embedding, pairs)  # type: ignore[no-untyped-call]
    return distances

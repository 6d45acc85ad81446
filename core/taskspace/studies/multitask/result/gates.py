"""Gate probabilities of the schemes that learn them, and whether they have left their start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from taskspace.studies.multitask.result.model import MultitaskResult, SchemeSummary
from taskspace.studies.multitask.result.tables import largest_summaries

REACH = 0.1
"""How far from its start a gate probability is still taken as not having moved."""


class UnmovedGates(NamedTuple):
    """A scheme whose gate probabilities all lie within `REACH` of their start.

    Attributes:
        low: the smallest probability, over repetitions and layers.
        high: the largest.
        starts: the different starts of its layers; none where they are not known.
    """

    scheme: str
    low: float
    high: float
    starts: tuple[float, ...]


def gate_array(scheme: str, size: int, seed: int, layer: int) -> str:
    """Return the name of the array of a training's gate probabilities."""
    return f"gates/{scheme}/{size}/{seed}/{layer}"


def learned_summaries(result: MultitaskResult) -> list[SchemeSummary]:
    """Return the summaries on the most samples of the schemes that learn which experts to read."""
    learned = {each.name for each in result.schemes if each.chooses}
    return [row for row in largest_summaries(result) if row.scheme in learned]


def gate_layers(
    result: MultitaskResult, row: SchemeSummary, artifacts: Mapping[str, np.ndarray]
) -> dict[int, list[np.ndarray]]:
    """Return the gate probabilities of a summary by repetition, [N, M] a layer."""
    scheme, size = row.scheme, row.size
    seeds = [t.seed for t in result.trials if (t.scheme, t.size) == (scheme, size)]
    names = {
        seed: [gate_array(scheme, size, seed, layer) for layer in range(len(row.experts))]
        for seed in seeds
    }
    return {
        seed: [artifacts[name] for name in own if name in artifacts] for seed, own in names.items()
    }


def gate_starts(layers: Sequence[np.ndarray]) -> list[float] | None:
    """Return the probability from which the gates of each layer start, None if it is not known.

    A scheme does not store it, but what its probabilities are shows it. Where they are shares of
    1, one of M experts is drawn and all start at 1/M; gates that open independently start at 1/2.
    Values of exactly 0 and 1 are states of hard gates, which need not start at either.

    Args:
        layers: [N, M] each.
    """
    if all(np.allclose(layer.sum(axis=1), 1.0, rtol=0, atol=1e-3) for layer in layers):
        return [1 / layer.shape[1] for layer in layers]
    if all(np.isin(layer, (0.0, 1.0)).all() for layer in layers):
        return None
    return [0.5] * len(layers)


def unmoved_gates(
    result: MultitaskResult, artifacts: Mapping[str, np.ndarray]
) -> list[UnmovedGates]:
    """Return the schemes whose learned gates have not moved on the most samples.

    That is: in every repetition and layer, every probability lies within `REACH` of its start, or
    of the mean of all where the start is not known. A layer of one expert has nothing to decide.
    """
    unmoved = []
    for row in learned_summaries(result):
        by_repetition = gate_layers(result, row, artifacts).values()
        layers = [layer for own in by_repetition for layer in own if layer.shape[1] > 1]
        if layers:
            starts = gate_starts(layers)
            values = np.concatenate([layer.ravel() for layer in layers])
            centres = [float(values.mean())] * len(layers) if starts is None else starts
            farthest = max(
                float(np.abs(layer - centre).max())
                for layer, centre in zip(layers, centres, strict=True)
            )
            if farthest < REACH:
                ends = float(values.min()), float(values.max())
                unmoved.append(UnmovedGates(row.scheme, *ends, tuple(sorted(set(starts or ())))))
    return unmoved

"""What a trained network gets right, with the experts that a rule keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from taskspace.components import Loss, Task
from taskspace.components.gated import GatedNetwork, Layers, Output
from taskspace.errors import CellError
from taskspace.studies.multitask.cells.data import Data

MOST_ROWS = 512
"""Samples that pass a network at once."""


class Scores(NamedTuple):
    """What a network is worth on some samples.

    Attributes:
        loss: of each task, None where it has no label; `metric` likewise.
        multiply_adds: of experts for a sample, counted from what was applied.
    """

    loss: list[float | None]
    metric: list[float | None]
    multiply_adds: float


@torch.inference_mode()
def score(network: GatedNetwork, tasks: Sequence[Task], data: Data, chosen: Layers) -> Scores:
    """Return losses and metrics of each task over the samples that have its label.

    Raises:
        CellError: if a loss is not finite although its label is there.
    """
    network.eval()
    device = data.targets[0].device
    losses = _Means(len(tasks), device)
    metrics = _Means(len(tasks), device)
    work = torch.zeros((), dtype=torch.float64, device=device)
    for start in range(0, len(data.labelled), MOST_ROWS):
        rows = torch.arange(start, min(start + MOST_ROWS, len(data.labelled)))
        output = network(data.images[rows], data.labelled[rows], chosen=chosen)
        for number, prediction in enumerate(output.predictions):
            if len(prediction):
                target = data.targets[number][rows[data.labelled[rows, number]]]
                losses.add(number, tasks[number].loss(prediction, target))
                metrics.add(number, tasks[number].measure(prediction, target))
        work += expert_work(output, network.costs())
    return Scores(losses.means(), metrics.means(), float(work) / max(len(data.labelled), 1))


def expert_work(output: Output, costs: Layers) -> Tensor:
    """Return the multiply-adds of all experts that were applied, float64 []."""
    parts = [
        (applied.double() * cost.to(applied.device).double()).sum()
        for applied, cost in zip(output.applied, costs, strict=True)
    ]
    return torch.stack(parts).sum()


class _Means:
    """Means by task, over the values that count."""

    def __init__(self, tasks: int, device: torch.device) -> None:
        self._totals = torch.zeros(tasks, dtype=torch.float64, device=device)
        self._counts = torch.zeros(tasks, dtype=torch.float64, device=device)

    def add(self, number: int, found: Loss) -> None:
        kept = torch.where(found.valid, found.value.double(), 0.0)
        self._totals[number] += kept.sum()
        self._counts[number] += found.valid.sum()

    def means(self) -> list[float | None]:
        pairs = zip(self._totals.tolist(), self._counts.tolist(), strict=True)
        return [total / count if count else None for total, count in pairs]


def require_finite(scores: Scores, names: Sequence[str], where: str) -> None:
    """Check that every task has finite test losses.

    Raises:
        CellError: naming the first task that has not.
    """
    for name, values in zip(names, zip(scores.loss, scores.metric, strict=True), strict=True):
        if any(value is not None and not -1e308 < value < 1e308 for value in values):
            raise CellError(
                f"The test loss of the task {name!r} is not finite.",
                where=where,
                advice="Look for infinite or enormous labels, or lower the learning rate.",
            )

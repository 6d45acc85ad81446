"""From a batch's answers to the losses of tasks, and to gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from taskspace.components import Shape, Task
from taskspace.components.gated import (
    GatedNetwork,
    Output,
    TaskLosses,
    pair_weights,
    task_losses,
)
from taskspace.components.loss_weights import LossWeights
from taskspace.components.task_gradients import gramian, shared_parameters, weighed_backward
from taskspace.studies.multitask.cells.data import Data


class PairLosses(NamedTuple):
    """The loss of each pair [P], and whether it counts, bool [P]."""

    value: Tensor
    valid: Tensor


def pair_losses(tasks: Sequence[Task], output: Output, data: Data, rows: Tensor) -> PairLosses:
    """Return the losses of a batch by task and then by row, as its pairs are.

    Args:
        rows: of the data [B], on the CPU; each asked for the tasks that it has a label of.
    """
    values, valid = [], []
    for number, prediction in enumerate(output.predictions):
        if len(prediction):
            target = data.targets[number][rows[data.labelled[rows, number]]]
            loss = tasks[number].loss(prediction, target)
            values.append(loss.value)
            valid.append(loss.valid)
    return PairLosses(torch.cat(values), torch.cat(valid))


@dataclass(frozen=True)
class Update:
    """How the losses of a batch become gradients.

    Attributes:
        network: whose parameters get them.
        weights: of the tasks.
        shared: the parameters that several tasks use; looked for only where gradients are read.
        generator: of what the weights draw.
    """

    network: GatedNetwork
    weights: LossWeights
    shared: Sequence[nn.Parameter]
    generator: torch.Generator

    @classmethod
    def of(
        cls, network: GatedNetwork, weights: LossWeights, image: Shape, generator: torch.Generator
    ) -> Update:
        """Return the update of a network with as many tasks as it has rows of gates."""
        tasks = len(network.probabilities()[0])
        reads = weights.reads_gradients
        shared = shared_parameters(network, image, tasks) if reads else []
        return cls(network, weights, shared, generator)

    def backward(self, output: Output, losses: PairLosses) -> TaskLosses:
        """Add to each parameter's `grad`, and return the mean loss of each task."""
        task = output.pairs.task
        by_task = task_losses(losses.value, losses.valid, task, len(output.predictions))
        products = gramian(by_task, self.shared) if self.weights.reads_gradients else None
        seen = TaskLosses(by_task.value.detach(), by_task.present)
        found = self.weights(seen, products, generator=self.generator)
        shares = pair_weights(found.own, losses.valid, task)
        extra = self.network.extra_loss(output, losses.value.detach(), shares)
        weighed_backward(by_task, found, extra, self.network.parameters(), self.shared)
        return seen

"""What every weighting takes and gives; imported by weightings and by what trains with them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from taskspace.components.gated import TaskLosses


class TaskWeights(NamedTuple):
    """By what the mean loss of each task is multiplied; 0 for tasks that the batch lacks.

    Attributes:
        own: [N], for what a task has alone: its head, its gates. At least 0.
        shared: [N], for the parameters that tasks share; `own` itself where nothing is made of
            gradients.
    """

    own: Tensor
    shared: Tensor


class LossWeights(nn.Module, ABC):
    """The weights of N tasks, and what they remember of past steps.

    They learn by themselves: there are no parameters in here for an optimizer, and all that changes
    is in buffers, so that what loads their `state_dict` goes on as if nothing had happened. Of a
    buffer with N entries each belongs to a task, and keeps its value while a batch lacks the task.
    """

    reads_gradients: ClassVar[bool] = False
    """Whether `forward` must be given the products of the tasks' gradients."""

    @abstractmethod
    def forward(
        self,
        losses: TaskLosses,
        gramian: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> TaskWeights:
        """Return the weights of a batch, and learn from it for the next one.

        Args:
            losses: of the batch; the value of a task that it lacks may be anything.
            gramian: of the tasks' gradients by the shared parameters [N, N], where
                `reads_gradients`; see `taskspace.components.task_gradients`.
            generator: of what is drawn; torch's own where None.
        """

    def end_epoch(self) -> None:
        """Learn from the epoch that has ended; it is called after its last batch."""


def mean_over_present(weights: Tensor, present: Tensor) -> TaskWeights:
    """Return what makes the batch's loss the mean of weight times loss over the tasks it has.

    The loss then does not grow with the number of tasks, whatever the weights are around 1.

    Args:
        weights: [N].
        present: bool [N].
    """
    mean = torch.where(present, weights, 0.0) / present.sum().clamp(min=1)
    return TaskWeights(mean, mean)

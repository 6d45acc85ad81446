"""What every gated network takes and gives; imported by gating schemes and by what trains them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from taskspace.components.exchanged.choice import Choice

Layers: TypeAlias = tuple[Tensor, ...]
"""One tensor for each gating layer; M, the number of experts, may differ between layers."""


class Pairs(NamedTuple):
    """The P pairs of a row and a task that a batch asks for, by task and then by row.

    Attributes:
        row: of the batch [P], int64.
        task: [P], int64.
    """

    row: Tensor
    task: Tensor


class Request(NamedTuple):
    """What a batch asks for, on the device of its images.

    Attributes:
        pairs: of rows and tasks.
        counts: how many pairs each task has, N of them.
        rows: those that ask for anything [R], int64.
        item: which of `rows` each pair reads [P], int64.
    """

    pairs: Pairs
    counts: list[int]
    rows: Tensor
    item: Tensor


class Output(NamedTuple):
    """What a gated network says of a batch.

    Attributes:
        predictions: of each task [n_t, ...], for the rows that ask for it, in their order.
        pairs: what was asked; those of a task are consecutive.
        gates: bool [P, M] a layer, which experts each pair has read.
        coefficients: [P, M] a layer, by what each expert's code was multiplied; no gradients.
        applied: int64 [M] a layer, to how many inputs each expert was applied. What is not
            counted here was not computed.
    """

    predictions: tuple[Tensor, ...]
    pairs: Pairs
    gates: Layers
    coefficients: Layers
    applied: Layers


class TaskLosses(NamedTuple):
    """The mean loss of each task [N], 0 where it is absent, and whether a batch has it [N]."""

    value: Tensor
    present: Tensor


class GatedNetwork(nn.Module, ABC):
    """A network from images to the predictions of N tasks.

    In training its gates are drawn; in evaluation each task uses the experts that are chosen for
    it. What training has changed is in `state_dict`, so that a network that loads it goes on as if
    nothing had happened.
    """

    @abstractmethod
    def forward(
        self,
        images: Tensor,
        asked: Tensor,
        *,
        chosen: Layers | None = None,
        generator: torch.Generator | None = None,
    ) -> Output:
        """Return what is predicted for the tasks that each row asks for.

        Args:
            images: [B, C, H, W].
            asked: bool [B, N]; one task a row, several (a row with several labels), or none. Where
                it is on the CPU, no device has to be waited for to learn which tasks there are.
            chosen: bool [N, M] a layer, the experts of each task in evaluation; what `choose`
                returns where None. Training does not look at it.
            generator: of the draws in training; torch's own where None.
        """

    def extra_loss(self, output: Output, values: Tensor, weights: Tensor) -> Tensor:
        """Return what is added to the loss of a training batch, a number [].

        It holds what the draws of the gates need to be learnt, and what the scheme asks for each
        expert. It is called once a step, after `forward`: what is not learnt by gradients (the
        average of past losses) learns here.

        Args:
            output: of the batch.
            values: the loss of each pair [P].
            weights: the share of each pair in the batch's loss [P], which is sum(weights * values);
                0 where a label is missing, and there the value may be anything.
        """
        return values.new_zeros(())

    @abstractmethod
    def probabilities(self) -> Layers:
        """Return how likely each task is to read each expert, [N, M] a layer, without gradients."""

    def weights(self) -> Layers | None:
        """Return by what each task multiplies each expert, [N, M] a layer, without gradients.

        None where it depends on the image: then `Output.coefficients` says it.
        """
        return None

    def choose(self, rule: Choice = "task") -> Layers:
        """Return the experts of each task in evaluation, bool [N, M] a layer.

        A scheme that learns no choice has one answer to every rule.
        """
        return tuple(probability > 0 for probability in self.probabilities())

    @abstractmethod
    def export(self, task: int, chosen: Layers | None = None) -> nn.Module:
        """Return a network [B, C, H, W] -> [B, ...] of one task with its chosen experts alone.

        It shares no weights with this one, is in evaluation mode, and `torch.export` makes of it a
        program that needs nothing but torch.
        """

    @abstractmethod
    def costs(self) -> Layers:
        """Return the multiply-adds of each expert for one input, int64 [M] a layer."""


def pairs_of(asked: Tensor) -> Pairs:
    """Return the pairs that are asked for by bool [B, N]."""
    task, row = asked.T.nonzero(as_tuple=True)
    return Pairs(row, task)


def request_of(asked: Tensor, images: Tensor) -> Request:
    """Return what is asked for by bool [B, N], which may be on another device than the images."""
    pairs = pairs_of(asked)
    rows = asked.any(dim=1).nonzero()[:, 0]
    item = torch.searchsorted(rows, pairs.row)
    row, task, rows, item = (each.to(images.device) for each in (*pairs, rows, item))
    return Request(Pairs(row, task), asked.sum(dim=0).tolist(), rows, item)


def one_task_each(task: Tensor, count: int) -> Tensor:
    """Return what is asked, bool [B, count], where each row has one task [B], int64.

    A row of task -1 asks for nothing.
    """
    return task[:, None] == torch.arange(count, device=task.device)


def task_losses(values: Tensor, valid: Tensor, task: Tensor, count: int) -> TaskLosses:
    """Return the mean loss of each task over the pairs that count.

    Args:
        values: the loss of each pair [P].
        valid: bool [P], whether its label is there.
        task: of each pair [P].
        count: of tasks, N.
    """
    totals = values.new_zeros(count).index_add(0, task, torch.where(valid, values, 0.0))
    counts = values.new_zeros(count).index_add(0, task, valid.to(values.dtype))
    return TaskLosses(totals / counts.clamp(min=1), counts > 0)


def pair_weights(task_weights: Tensor, valid: Tensor, task: Tensor) -> Tensor:
    """Return the share of each pair [P] in sum(task_weights * TaskLosses.value).

    Args:
        task_weights: of each task's mean loss [N].
        valid: bool [P], whether its label is there.
        task: of each pair [P].
    """
    counts = task_weights.new_zeros(len(task_weights))
    counts = counts.index_add(0, task, valid.to(counts.dtype)).clamp(min=1)
    return torch.where(valid, (task_weights / counts)[task], 0.0)

"""Networks that learn a task while its labels move: each step is judged by the next batch."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import partial

import torch
from torch import Tensor, nn

from taskspace.studies.discovery.maths.inner import along, cross_entropy, disagreement
from taskspace.studies.discovery.maths.sphere import TEMPERATURE

SUREST = -TEMPERATURE
"""The least log-probability that draws a label."""


class OnlinePair:
    """Two networks in gradient descent, each batch predicted before it is learnt.

    Nothing is kept of steps before the last. The networks' own weights move.

    Args:
        networks: two, images [B, ...] -> logits [B, K].
        rate: of the descent.
        images: the first batch [B, ...].
    """

    def __init__(self, networks: Sequence[nn.Module], rate: float, images: Tensor) -> None:
        self._networks = networks
        self._weights: list[list[Tensor]] = [list(network.parameters()) for network in networks]
        self._every = [weight for own in self._weights for weight in own]
        self._spare = [deepcopy(network) for network in networks]
        self._rate = rate
        self._images = self._learnt = images
        self._gradients = [torch.zeros_like(weight) for weight in self._every]
        self._logs = self._predicted(images)

    @property
    def logs(self) -> list[Tensor]:
        """Return log-probabilities [B, K] of each network for the batch that is learnt next."""
        return [log.detach() for log in self._logs]

    def learn(self, labels: Tensor, images: Tensor) -> float:
        """Make a step on the present batch, and return the disagreement on the next.

        Args:
            labels: of the present batch, probabilities [B, K].
            images: the next batch [B, ...].
        """
        # One pass for both: their graphs share nothing, so the sum's gradient is that of each.
        loss = cross_entropy(self._logs[0], labels) + cross_entropy(self._logs[1], labels)
        self._gradients = list(torch.autograd.grad(loss, self._every))
        with torch.no_grad():
            torch._foreach_add_(self._every, self._gradients, alpha=-self._rate)
        self._learnt, self._images = self._images, images
        self._logs = self._predicted(images)
        return float(disagreement(*self.logs))

    def label_gradient(self) -> Tensor:
        """Return how the labels of the last step move the disagreement on the next batch, [B, K].

        The horizon is that step: a label counts by what learning it has done.
        """
        pulls = torch.autograd.grad(disagreement(*self._logs), self._every, retain_graph=True)
        with torch.no_grad():
            before = torch._foreach_add(self._every, self._gradients, alpha=self._rate)
        moved, place = torch.zeros(()), 0
        for network, own in zip(self._spare, self._weights, strict=True):
            part = slice(place, place + len(own))
            predict = partial(self._predicted_by, network)
            moved = moved + along(predict, before[part], pulls[part])
            place += len(own)
        return self._rate / len(self._learnt) * moved

    def _predicted_by(self, network: nn.Module, weights: list[Tensor]) -> Tensor:
        """Return what a spare network predicts with these weights for the batch learnt last."""
        own: list[Tensor] = list(network.parameters())
        torch._foreach_copy_(own, weights)
        logs: Tensor = network(self._learnt).log_softmax(1)
        return logs

    def _predicted(self, images: Tensor) -> list[Tensor]:
        return [network(images).log_softmax(1) for network in self._networks]


def consensus_gradient(logs: Sequence[Tensor]) -> Tensor:
    """Return how labels move their mean cross-entropy with what networks predict, [B, K].

    The networks stand still: each label is drawn to what all of them predict, none of whose
    predictions counts as surer than a label of the sphere can be. Else a network that is thrown
    about, as by too high a rate, draws all labels to one class. It is the direct
    part of the hypergradient, without what the labels do to the networks (as in TURTLE, Gadetsky
    et al. 2024).

    Args:
        logs: log-probabilities [B, K] of each network.
    """
    return -torch.stack(list(logs)).clamp(min=SUREST).mean(0) / len(logs[0])

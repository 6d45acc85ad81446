"""Networks learning a task whose labels are numbers that can be moved: steps forward, and back.

A task reaches the networks through the labels of their batches alone, so the derivative of what
they agree on is a derivative by labels [K, B, C]. It is had by going back over the steps with one
vector the size of the weights (the adjoint), kept weights and nothing else: the memory of K steps
is K times the weights, whatever the activations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.func import functional_call

Weights: TypeAlias = dict[str, Tensor]

Order: TypeAlias = Literal["full", "first"]
"""full: the exact derivative; first: the curvature of the steps after a step is left out, and
what a label does is measured by differences."""

Proxy: TypeAlias = Literal["held_out", "fresh"]
"""held_out: agreement after the last step on images that were not learnt from; fresh: on every
batch before it is learnt from (the cross-agreement of Atanov et al., `xas`)."""


WIDTH = 1e-3
"""Of a difference along a direction of the weights, as a share of their length."""

LAST = 3
"""Steps at the end, over which it is measured whether the networks learn their task."""


@dataclass(frozen=True)
class Moved:
    """How the labels of each step's batch move the disagreement of two networks.

    Attributes:
        gradients: of the loss by the labels, [K, B, C].
        loss: the mean symmetric cross-entropy between the networks.
        agreed: share of equal predictions where the loss was taken.
        learnt: share of predictions that equal the labels' larger side on the last batches, before
            it was learnt from: at the rarest class's complement nothing was learnt.
    """

    gradients: Tensor
    loss: float
    agreed: float
    learnt: float


def disagreement(one: Tensor, other: Tensor) -> Tensor:
    """Return the mean symmetric cross-entropy of log-probabilities [B, C]."""
    return (cross_entropy(one, other.exp()) + cross_entropy(other, one.exp())) / 2


def cross_entropy(logs: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of log-probabilities [B, C] with soft labels [B, C]."""
    return -(labels * logs).sum(1).mean()


def label_gradients(
    networks: Sequence[nn.Module],
    images: Tensor,
    labels: Tensor,
    held_out: Tensor,
    *,
    rate: float,
    order: Order = "full",
    proxy: Proxy = "held_out",
) -> Moved:
    """Return how two networks' disagreement moves with the labels that they have learnt from.

    The networks make K steps of gradient descent from the weights that they have, and keep those.

    Args:
        networks: two, images [B, ...] -> logits [B, C].
        images: of each step [K, B, ...].
        labels: probabilities of each step [K, B, C].
        held_out: images [M, ...] for the proxy `held_out`.
        rate: of the descent.
        order: whether the curvature of later steps counts.
        proxy: where disagreement is measured.
    """
    learners = [_Learner(network) for network in networks]
    steps = len(images)
    pulls: list[Sequence[Weights] | None] = []
    losses: list[Tensor] = []
    agreed = learnt = 0.0
    for step in range(steps):
        logs = [learner.logs(images[step]) for learner in learners]
        pulls.append(None)
        if proxy == "fresh" and step:
            losses.append(disagreement(*logs) / (steps - 1))
            pulls[step] = _pulls(losses[-1], learners)
            agreed += _equal(*logs) / (steps - 1)
        if step >= steps - LAST:
            sides = labels[step].argmax(1)
            learnt += sum(float((log.argmax(1) == sides).float().mean()) for log in logs)
        for learner, log in zip(learners, logs, strict=True):
            learner.learn(cross_entropy(log, labels[step]), rate)
    pulls.append(None)
    if proxy == "held_out":
        logs = [learner.logs(held_out) for learner in learners]
        losses.append(disagreement(*logs))
        pulls[steps] = _pulls(losses[-1], learners)
        agreed = _equal(*logs)
    gradients = torch.zeros_like(labels)
    for number, learner in enumerate(learners):
        adjoint: Weights = {}
        for step in reversed(range(steps + 1)):
            if adjoint:
                moved, adjoint = learner.back(
                    adjoint, step, images[step], labels[step], rate, order
                )
                gradients[step] += moved
            pulled = pulls[step]
            if pulled is not None:
                adjoint = _sum(adjoint, pulled[number])
    loss = float(torch.stack([loss.detach() for loss in losses]).sum())
    return Moved(gradients, loss, agreed, learnt / (len(networks) * min(LAST, steps)))


@torch.no_grad()
def along(
    predict: Callable[[list[Tensor]], Tensor],
    weights: Sequence[Tensor],
    direction: Sequence[Tensor],
) -> Tensor:
    """Return how predictions grow along a direction of the weights, in their shape.

    By central differences: two passes without gradients cost less than any exact way.
    """
    length, size = (_length(tensors) for tensors in (direction, weights))
    if length == 0:
        return torch.zeros_like(predict(list(weights)))
    width = WIDTH * max(size, WIDTH) / length
    above, below = (
        predict(list(torch._foreach_add(list(weights), list(direction), alpha=sign)))
        for sign in (width, -width)
    )
    return (above - below) / (2 * width)


def _length(tensors: Sequence[Tensor]) -> float:
    return float(torch.stack(torch._foreach_norm(list(tensors))).norm())


class _Learner:
    """A network and its weights before each step; the last are those that it has now."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._buffers = dict(network.named_buffers())
        start = {name: weight.detach() for name, weight in network.named_parameters()}
        self._path = [start]
        self.weights = self._attached(start)

    def logs(self, images: Tensor, weights: Weights | None = None) -> Tensor:
        """Return log-probabilities [B, C]; running averages of norms stay as they were."""
        buffers = {name: buffer.clone() for name, buffer in self._buffers.items()}
        values = {**(self.weights if weights is None else weights), **buffers}
        logits: Tensor = functional_call(self._network, values, (images,))
        return logits.log_softmax(1)

    def learn(self, loss: Tensor, rate: float) -> None:
        """Make a step of gradient descent."""
        gradients = torch.autograd.grad(loss, list(self.weights.values()))
        moved = torch._foreach_sub(
            [weight.detach() for weight in self.weights.values()],
            torch._foreach_mul(gradients, rate),
        )
        self._path.append(dict(zip(self.weights, moved, strict=True)))
        self.weights = self._attached(self._path[-1])

    def back(
        self, adjoint: Weights, step: int, images: Tensor, labels: Tensor, rate: float, order: Order
    ) -> tuple[Tensor, Weights]:
        """Return what the labels of a step do [B, C], and the adjoint before the step.

        Where w' = w - rate g(w, y), the loss moves by -rate <dg/dy, adjoint> with the labels, and
        by adjoint - rate H adjoint with w. As g = -mean sum y dlog p, the first is
        rate / B dlog p[adjoint]: the log-probabilities' derivative along the adjoint.
        """
        weights = self._path[step]
        if order == "first":
            moved = along(
                lambda values: self.logs(images, dict(zip(weights, values, strict=True))),
                list(weights.values()),
                list(adjoint.values()),
            )
            return rate / len(images) * moved, adjoint
        attached, free = self._attached(weights), labels.clone().requires_grad_()
        loss = cross_entropy(self.logs(images, attached), free)
        gradients = torch.autograd.grad(loss, list(attached.values()), create_graph=True)
        projected = sum(
            ((g * adjoint[name]).sum() for g, name in zip(gradients, attached, strict=True)),
            start=torch.zeros(()),
        )
        of_labels, *curved = torch.autograd.grad(projected, [free, *attached.values()])
        before = torch._foreach_sub(list(adjoint.values()), torch._foreach_mul(curved, rate))
        return -rate * of_labels, dict(zip(adjoint, before, strict=True))

    @staticmethod
    def _attached(weights: Mapping[str, Tensor]) -> Weights:
        return {name: weight.detach().requires_grad_() for name, weight in weights.items()}


def _pulls(loss: Tensor, learners: Sequence[_Learner]) -> list[Weights]:
    """Return the gradient of a loss by the weights of each learner."""
    weights = [list(learner.weights.values()) for learner in learners]
    flat = torch.autograd.grad(loss, [each for one in weights for each in one], retain_graph=True)
    found, place = [], 0
    for learner, one in zip(learners, weights, strict=True):
        found.append(dict(zip(learner.weights, flat[place : place + len(one)], strict=True)))
        place += len(one)
    return found


def _sum(one: Weights, other: Weights) -> Weights:
    return {name: one[name] + weight for name, weight in other.items()} if one else dict(other)


def _equal(one: Tensor, other: Tensor) -> float:
    return float((one.argmax(1) == other.argmax(1)).float().mean())

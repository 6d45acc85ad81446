"""The gradients of several tasks by the parameters that they share, and the update they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from taskspace.components.encoder import Shape
from taskspace.components.gated import GatedNetwork, TaskLosses
from taskspace.components.loss_weights import TaskWeights

PROBES = 4
"""Images that say which parameters are shared; one might leave a unit dark."""


def shared_parameters(network: GatedNetwork, image: Shape, tasks: int) -> list[nn.Parameter]:
    """Return the parameters that several tasks may use, in the network's order.

    Of such a parameter, some element changes what two tasks predict while all experts that they may
    come to choose are open. Heads are not shared, nor is a matrix with a row for each task.
    The network is left in the mode that it was in.

    Args:
        image: the shape of an image (channels, height, width).
        tasks: N.
    """
    parameters = [p for p in network.parameters() if p.requires_grad]
    training = network.training
    network.eval()
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(PROBES, *image, generator=generator)
    if parameters:
        images = images.to(parameters[0].device)
    asked = torch.ones(PROBES, tasks, dtype=torch.bool, device=images.device)
    pairs = zip(network.choose("all"), network.probabilities(), strict=True)
    chosen = tuple(gates | (p > 0) for gates, p in pairs)
    said = network(images, asked, chosen=chosen).predictions
    network.train(training)
    users = [torch.zeros_like(p, dtype=torch.int64) for p in parameters]
    for prediction in said:
        found = _gradients(prediction.square().sum(), parameters)
        for count, gradient in zip(users, found, strict=True):
            if gradient is not None:
                count.add_(gradient != 0)
    return [p for p, count in zip(parameters, users, strict=True) if bool((count > 1).any())]


def gramian(losses: TaskLosses, shared: Sequence[nn.Parameter]) -> Tensor:
    """Return the products of the tasks' gradients by the shared parameters [N, N], detached.

    Its diagonal has their squared norms; rows and columns of tasks that the batch lacks are 0. It
    costs a backward pass for each task that is there, for which the device is asked, and the graph
    can be used again.

    Args:
        losses: of a batch, with gradients.
        shared: the parameters; where there are none, all products are 0.
    """
    count = len(losses.value)
    if not shared:
        return losses.value.detach().new_zeros(count, count)
    rows = losses.value.new_zeros(count, sum(p.numel() for p in shared))
    for task, here in enumerate(losses.present.tolist()):
        if here:
            found = _gradients(losses.value[task], shared)
            rows[task] = torch.cat(
                [
                    torch.zeros_like(p).flatten() if gradient is None else gradient.flatten()
                    for p, gradient in zip(shared, found, strict=True)
                ]
            )
    return rows @ rows.T


def weighed_backward(
    losses: TaskLosses,
    weights: TaskWeights,
    extra: Tensor,
    parameters: Iterable[nn.Parameter],
    shared: Sequence[nn.Parameter],
) -> Tensor:
    """Add to each parameter's `grad` what the weights make of the losses; return the loss [].

    Args:
        losses: of the batch.
        weights: of its tasks.
        extra: what is added to the loss [], from `GatedNetwork.extra_loss`.
        parameters: all that are learnt.
        shared: those of them for which `weights.shared` holds; for the others `weights.own` does.
    """
    loss = (weights.own * losses.value).sum() + extra
    if weights.shared is weights.own:
        torch.autograd.backward(loss)
        return loss.detach()
    combined = (weights.shared * losses.value).sum() + extra
    torch.autograd.backward(combined, retain_graph=True)
    ids = {id(p) for p in shared}
    others = [p for p in parameters if p.requires_grad and id(p) not in ids]
    if others:
        # What the first pass gave them too much or too little; most of them are heads, and the
        # pass ends there.
        difference = ((weights.own - weights.shared) * losses.value).sum()
        torch.autograd.backward(difference, inputs=others)
    return loss.detach()


def _gradients(number: Tensor, parameters: Sequence[nn.Parameter]) -> tuple[Tensor | None, ...]:
    return torch.autograd.grad(number, parameters, retain_graph=True, allow_unused=True)

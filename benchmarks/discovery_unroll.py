"""What `discovery.py` compares with: the search for tasks by a plain unroll, as anybody writes it.

Steps of the two networks are functions of weights with `create_graph=True`, the loss is that of
their last weights on held-out images, and one `backward` goes through all of it. Batches and
initialisations are drawn as `TaskSearch` draws them, so that its option `full` must make the same
steps.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from taskspace.studies.discovery.maths.entropy import label_entropy
from taskspace.studies.discovery.maths.options import Options
from taskspace.studies.discovery.maths.sphere import TaskSphere, uniformity


class PlainUnroll:
    """The search of `TaskSearch` with a hypergradient from one graph of all inner steps.

    Args:
        model: of the tasks; moved in place.
        make_network: returns a network, images [B, C, H, W] -> logits [B, K].
        images: that networks learn from [N, C, H, W], and that the task model sees.
        options: of the search; `hypergradient` and `frozen_pair` do not matter.
        generator: of batches and initialisations.
    """

    def __init__(
        self,
        model: TaskSphere,
        make_network: Callable[[], nn.Module],
        images: Tensor,
        options: Options,
        generator: torch.Generator,
    ) -> None:
        self._model, self._make_network = model, make_network
        self._images, self._options, self._generator = images, options, generator
        self._optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate, fused=True)
        self._steps = 0
        self._networks()  # `TaskSearch` draws those that it may freeze

    def step(self) -> None:
        """Make a meta-step."""
        options = self._options
        warm = self._steps < options.warm_up or not options.agreement
        order = torch.randperm(len(self._images), generator=self._generator)
        held_out, learnt = (
            (order[:0], order) if warm else order.split([options.batch, len(order) - options.batch])
        )
        images = self._images[learnt]
        # Once for all images: batches share them, so this is less than a pass for each batch.
        points = self._model(images, learnt)
        logits = self._model.logits(points)
        loss = options.uniformity * uniformity(points) - options.entropy * label_entropy(logits)
        if not warm:
            labels = logits[:, self._steps % logits.shape[1]].softmax(1)
            apart = self._disagreement(images, labels, self._images[held_out])
            loss = loss + options.agreement * apart
        self._optimizer.zero_grad()
        torch.autograd.backward(loss)
        self._optimizer.step()
        self._steps += 1

    def _disagreement(self, images: Tensor, labels: Tensor, held_out: Tensor) -> Tensor:
        """Return what two networks disagree on after they have learnt the labels, with its graph.

        Args:
            images: that they learn from [N, C, H, W].
            labels: of these, probabilities [N, K].
            held_out: images that they disagree on [M, C, H, W].
        """
        options = self._options
        count = options.inner_steps * options.batch
        shuffles = range(-(-count // len(images)))
        order = torch.cat(
            [torch.randperm(len(images), generator=self._generator) for _ in shuffles]
        )
        networks = self._networks()
        weights = [dict(network.named_parameters()) for network in networks]
        for rows in order[:count].split(options.batch):
            for number, network in enumerate(networks):
                own = weights[number]
                logits = functional_call(network, own, (images[rows],))
                loss = nn.functional.cross_entropy(logits, labels[rows])
                gradients = torch.autograd.grad(loss, list(own.values()), create_graph=True)
                weights[number] = {
                    name: weight - options.inner_rate * gradient
                    for (name, weight), gradient in zip(own.items(), gradients, strict=True)
                }
        one, other = (
            functional_call(network, own, (held_out,))
            for network, own in zip(networks, weights, strict=True)
        )
        cross_entropy = nn.functional.cross_entropy
        return (cross_entropy(one, other.softmax(1)) + cross_entropy(other, one.softmax(1))) / 2

    def _networks(self) -> list[nn.Module]:
        """Return two networks of new seeds."""
        networks = []
        for seed in torch.randint(1 << 62, (2,), generator=self._generator).tolist():
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                networks.append(self._make_network())
        return networks

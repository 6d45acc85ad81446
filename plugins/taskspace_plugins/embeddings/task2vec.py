"""Task2Vec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

import numpy as np
import pydantic
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import JSON, Embedding, LabelledImages, TaskEmbedding
from taskspace_plugins.embeddings._checked import (
    require_classes,
    require_finite,
    require_images,
    stacked,
    trivial,
)
from taskspace_plugins.fisher import distances
from taskspace_plugins.fisher.batch_gradient import batch_gradient_fisher
from taskspace_plugins.fisher.head import ProbeHead, fit_head
from taskspace_plugins.fisher.layers import FilterLayer, as_it_was, filter_layers
from taskspace_plugins.fisher.monte_carlo import (
    exact_fisher,
    sampled_fisher,
    signed_fisher,
)
from taskspace_plugins.fisher.passes import features_of
from taskspace_plugins.fisher.variational import (
    WeightNoise,
    mean_squares,
    optimal_noise,
    weight_noise,
)

Distance = Literal["symmetric_cosine", "cosine", "kl", "symmetric_kl", "asymmetric"]
OF_GAUSSIANS = ("kl", "symmetric_kl", "asymmetric")
"""Distances that need a prior: a precision above 0 for every filter, and a trivial task."""


class Task2Vec(Embedding):
    """The Fisher information of a probe's filters for a task (Achille et al. 2019).

    A linear head on the probe's pooled codes learns the task; the entry of a filter is the mean
    over its weights of the diagonal Fisher information of head and probe. Its norm grows with the
    difficulty of the task. With `method: variational` an entry is beta / variance of the noise
    that the filter bears, and the trivial task's is beta / variance of the prior, so that their
    difference is the Fisher information to second order.
    """

    name: ClassVar[str] = "task2vec"

    method: Literal["monte_carlo", "variational"] = pydantic.Field(
        "monte_carlo", description="Squared gradients, or the noise that weights bear."
    )
    labels: Literal["exact", "signs", "sampled", "batch_gradient"] = pydantic.Field(
        "exact",
        description="How squared gradients are averaged over labels: summed over the classes;"
        " along random signs of their covariance; drawn from the head; or drawn and averaged over"
        " a batch before squaring, as the public implementation does.",
    )
    draws: int = pydantic.Field(
        1, ge=1, le=1000, description="Backward passes of each image, where something is drawn."
    )
    distance: Distance = pydantic.Field(
        "symmetric_cosine", description="By which tasks are compared."
    )
    alpha: float = pydantic.Field(
        distances.ALPHA,
        ge=0,
        le=1,
        description="How much `asymmetric` favours models of complex tasks.",
    )
    head_decay: float = pydantic.Field(
        0.01, gt=0, le=100, description="Weight decay of the head, on standardised features."
    )
    layers: Literal["convolutions", "all"] = pydantic.Field(
        "convolutions", description="Whose filters are measured; all: linear layers too."
    )
    batch: int = pydantic.Field(
        64, ge=2, le=65536, description="Images at a time; it matters to `batch_gradient` alone."
    )
    beta: float = pydantic.Field(
        1e-7,
        gt=0,
        le=1,
        description="How much the prior counts beside the mean loss, with `method: variational`.",
    )
    steps: int = pydantic.Field(
        200,
        ge=2,
        le=1_000_000,
        examples=[4],
        description="Of Adam, with `method: variational`.",
    )

    @pydantic.model_validator(mode="after")
    def _has_a_prior(self) -> Self:
        if self.distance in OF_GAUSSIANS and self.method != "variational":
            raise ValueError(
                f"distance: {self.distance} compares with a prior, which method: {self.method} "
                "has not; set method: variational, or distance: symmetric_cosine"
            )
        return self

    def embed(
        self, network: nn.Module, task: LabelledImages, generator: torch.Generator
    ) -> TaskEmbedding:
        """Return the embedding; the record has the head's loss and the layers' names and filters.

        Raises:
            InputError: if the network computes no convolution, fewer than two images or classes
                are there, or images or codes are not finite.
        """
        require_images(task)
        require_classes(task)
        with as_it_was(network):
            layers = filter_layers(network, task.images[:1], linear=self.layers == "all")
            features = features_of(network, task.images, self.batch)
            require_finite(features)
            head = fit_head(features, task.labels, task.classes, self.head_decay)
            if self.method == "variational":
                noise = self._noise(network, layers, head, task, features, generator)
                vector, base = self.beta / noise.variance, _array(self.beta / noise.prior)
            else:
                vector, base = self._fisher(network, layers, head, task, features, generator), None
        record: dict[str, JSON] = {
            "head_loss": head.loss,
            "head_steps": head.steps,
            "layers": [[layer.name, layer.filters] for layer in layers],
        }
        return TaskEmbedding(_array(vector), base, record)

    def distances(
        self, first: Sequence[TaskEmbedding], second: Sequence[TaskEmbedding]
    ) -> NDArray[np.float64]:
        """Return the chosen distance of each pair, [first, second]."""
        one, other = stacked(first, second)
        if self.distance == "asymmetric":
            return distances.asymmetric(one, other, trivial(first), self.alpha)
        if self.distance == "cosine" and self.method == "variational":
            return distances.normalised_cosine(one, other, trivial(first), trivial(second))
        return getattr(distances, self.distance)(one, other)  # type: ignore[no-any-return]

    def difficulty(self, task: TaskEmbedding) -> float:
        """Return the norm of the Fisher information: of the vector without the trivial task's."""
        base = 0.0 if task.base is None else task.base
        return float(np.linalg.norm(task.vector - base))

    def _fisher(
        self,
        network: nn.Module,
        layers: Sequence[FilterLayer],
        head: ProbeHead,
        task: LabelledImages,
        features: Tensor,
        generator: torch.Generator,
    ) -> Tensor:
        images, batch, draws = task.images, self.batch, self.draws
        if self.labels == "exact":
            return exact_fisher(network, layers, head, images, features, batch)
        if self.labels == "sampled":
            return sampled_fisher(network, layers, head, images, features, batch, draws, generator)
        if self.labels == "signs":
            return signed_fisher(network, layers, head, images, features, batch, draws, generator)
        return batch_gradient_fisher(network, layers, head, images, batch, draws, generator)

    def _noise(
        self,
        network: nn.Module,
        layers: Sequence[FilterLayer],
        head: ProbeHead,
        task: LabelledImages,
        features: Tensor,
        generator: torch.Generator,
    ) -> WeightNoise:
        """Return the noise, from a start where squared gradients of one label an image put it."""
        fisher = sampled_fisher(
            network, layers, head, task.images, features, self.batch, 1, generator
        )
        parts = mean_squares(network, layers)
        prior = torch.cat([part.mean().clamp(min=1e-12).expand(len(part)) for part in parts])

        def loss(codes: Tensor, rows: Tensor) -> Tensor:
            logits = codes.double() @ head.weight.T + head.bias
            return functional.cross_entropy(logits, task.labels[rows], reduction="none")

        return weight_noise(
            network,
            layers,
            task.images,
            loss,
            optimal_noise(fisher, prior, self.beta),
            beta=self.beta,
            steps=self.steps,
            batch=self.batch,
            generator=generator,
        )


def _array(values: Tensor) -> NDArray[np.float64]:
    return values.detach().double().cpu().numpy()

"""Embeddings: tasks as vectors, so that similar tasks are near each other."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from taskspace.components.base import JSON, Component

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import nn


@dataclass(frozen=True)
class LabelledImages:
    """A task as an embedding sees it.

    Attributes:
        images: float32 [N, C, H, W] in [0, 1], on the device that computes.
        labels: class of each image [N], int64 in [0, classes).
        classes: at least 2.
    """

    images: torch.Tensor
    labels: torch.Tensor
    classes: int


@dataclass(frozen=True)
class TaskEmbedding:
    """A task as a vector.

    Attributes:
        vector: float64 [F]; entries of embeddings by one network and one component correspond.
        base: float64 [F], the embedding of the trivial task, from which `vector` is measured; None
            for embeddings that have none.
        record: what else was measured: the head's loss, seconds, layers.
    """

    vector: NDArray[np.float64]
    base: NDArray[np.float64] | None = None
    record: Mapping[str, JSON] = field(default_factory=dict)


class Embedding(Component):
    """A map from a task, images with labels, to a vector, by way of a probe network."""

    kind: ClassVar[str] = "embedding"
    reads_labels: ClassVar[bool] = True
    """False for an embedding of the images alone, which cannot tell two labelings apart."""

    @abstractmethod
    def embed(
        self, network: nn.Module, task: LabelledImages, generator: torch.Generator
    ) -> TaskEmbedding:
        """Return the task's vector.

        Args:
            network: the probe, frozen and in evaluation mode: images [B, C, H, W] -> codes
                [B, c, h, w]. It is left as it was, gradients and modes included.
            task: images and labels.
            generator: on the CPU, the only source of randomness.

        Raises:
            InputError: if the network has no layer that the embedding reads, or the task has one
                class.
        """

    @abstractmethod
    def distances(
        self, first: Sequence[TaskEmbedding], second: Sequence[TaskEmbedding]
    ) -> NDArray[np.float64]:
        """Return how far each of `second` is from each of `first`, [first, second].

        A distance need not be symmetric: `first` are tasks that a model was trained on, `second`
        tasks that it shall serve.
        """

    def difficulty(self, task: TaskEmbedding) -> float | None:
        """Return how hard a task seems, a number that grows; None where a vector does not say."""
        return None

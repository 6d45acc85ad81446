"""Generators: from the description of a task and noise to image features nobody has seen."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from taskspace.components.base import Component

if TYPE_CHECKING:
    from torch import Tensor, nn


class Generator(Component):
    """A network that draws image features for a task which is known by its description alone."""

    kind: ClassVar[str] = "generator"

    @abstractmethod
    def noise_shape(self, task: int) -> tuple[int, int]:
        """Return how many levels take noise, and how many numbers each of them takes.

        Args:
            task: numbers that describe a task.
        """

    @abstractmethod
    def build(self, task: int, features: int, words: int | None = None) -> nn.Module:
        """Return a fresh network (tasks [B, task], noise [B, *noise_shape]) -> [B, features].

        Noise is drawn by who calls it, from a normal distribution: the network draws nothing. It is
        built with torch's own generator seeded, as encoders are.

        Args:
            task: numbers that describe a task.
            features: numbers that describe an image.
            words: numbers of the word vectors from which the description was made. Where it is
                given, they are the network's third argument, [B, words], and it may ignore them.
        """

    def last_noise(
        self, network: nn.Module, task: Tensor, noise: Tensor, words: Tensor | None = None
    ) -> Tensor | None:
        """Return what noise adds at the last level that takes it [B, ...], for pictures.

        None where noise enters at the input alone.
        """
        return None

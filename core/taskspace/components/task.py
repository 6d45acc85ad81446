"""Tasks: what is predicted, from what, and how well."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from taskspace.components.base import Component
from taskspace.components.dataset import Field, Sample

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class VectorHead:
    """A prediction [B, size]."""

    size: int


@dataclass(frozen=True)
class DenseHead:
    """A prediction [B, channels, H, W] at the size of the image."""

    channels: int


Head = VectorHead | DenseHead


class Example(NamedTuple):
    """What a network sees [B, C, H, W] and what it should say [B, ...]."""

    input: torch.Tensor
    target: torch.Tensor


class Loss(NamedTuple):
    """One value per image [B] and whether the image counts [B] (its label is there)."""

    value: torch.Tensor
    valid: torch.Tensor


class Task(Component):
    """A prediction task <X, Y, P, L>: input, target, head and per-image loss."""

    kind: ClassVar[str] = "task"
    requires: ClassVar[frozenset[str]] = frozenset({"image"})
    source_only: ClassVar[bool] = False
    """True where transfers into the task make no sense (colorization, random projection)."""
    trained: ClassVar[bool] = True
    """False where the network keeps its random weights (random projection)."""
    plain_input: ClassVar[bool] = True
    """False where the task changes the image that networks see (noise, a hole, a shuffle)."""
    metric: ClassVar[str] = "loss"
    """The name of what `measure` returns."""
    label_cost: ClassVar[float] = 1.0
    """What the labels cost where the job does not say; 0 where they come from the image itself
    and the job wants them free."""

    def needs(self) -> frozenset[str]:
        """Return the fields of the dataset that the task reads."""
        return self.requires

    @abstractmethod
    def head(self, fields: Mapping[str, Field]) -> Head:
        """Return the shape of the prediction; class counts come from the dataset's fields."""

    def target(self, sample: Sample) -> torch.Tensor:
        """Return the labels of `sample` [B, ...]."""
        raise TypeError(f"{type(self).__name__} defines neither `target` nor `example`")

    def example(self, sample: Sample, generator: torch.Generator) -> Example:
        """Return input and target; randomness (noise, permutations) comes from `generator` alone.

        Blocks of images have a generator of their own, so an image's noise is the same in every
        run and for every network. Tasks with `plain_input` keep the image as it is.
        """
        return Example(sample["image"], self.target(sample))

    @abstractmethod
    def loss(self, prediction: torch.Tensor, target: torch.Tensor) -> Loss:
        """Return one loss per image and its validity; win rates compare these."""

    def measure(self, prediction: torch.Tensor, target: torch.Tensor) -> Loss:
        """Return the metric per image, for people; the loss unless a task has a better one."""
        return self.loss(prediction, target)

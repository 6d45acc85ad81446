"""Tasks: what is predicted, from what, and how well."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, isnan
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from taskspace.components.base import Installable
from taskspace.components.dataset import Field, Sample
from taskspace.components.encoder import Shape

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class VectorHead:
    """A prediction [B, size]."""

    size: int

    def shape(self, image: Shape) -> tuple[int]:
        """Return (size,), whatever the image."""
        return (self.size,)


@dataclass(frozen=True)
class DenseHead:
    """A prediction [B, channels, rows, columns], one place for each `stride` x `stride` pixels."""

    channels: int
    stride: int = 1

    def side(self, image: Shape) -> tuple[int, int]:
        """Return rows and columns for an image of shape `image`: ceil(H / stride), ..."""
        return ceil(image[1] / self.stride), ceil(image[2] / self.stride)

    def shape(self, image: Shape) -> Shape:
        """Return (channels, rows, columns) for an image of shape `image`."""
        return self.channels, *self.side(image)


@dataclass(frozen=True)
class BoxHead(DenseHead):
    """A prediction of boxes [B, classes + 4, rows, columns]: at each place, a class and four sides.

    The first channels are a logit for each class, the last four what the task makes a box of. How
    many boxes an image has is for the task's `decode`. `channels` is `classes + 4`; `of` adds them.
    """

    SIDES: ClassVar[int] = 4

    @classmethod
    def of(cls, classes: int, stride: int) -> Self:
        """Return the head for this many classes, with one place for `stride` x `stride` pixels."""
        return cls(classes + cls.SIDES, stride)

    @property
    def classes(self) -> int:
        """Return how many classes a box may have."""
        return self.channels - self.SIDES


Head = VectorHead | DenseHead
"""What a readout builds a network for; one of boxes is a map, and serves whatever takes maps."""


class Example(NamedTuple):
    """What a network sees [B, C, H, W] and what it should say [B, ...].

    The input of a task with several views is [B, views, C, H, W].
    """

    input: torch.Tensor
    target: torch.Tensor


class Loss(NamedTuple):
    """One value per image [B] and whether the image counts [B] (its label is there)."""

    value: torch.Tensor
    valid: torch.Tensor


class Task(Installable):
    """A prediction task <X, Y, P, L>: input, target, head and per-image loss."""

    kind: ClassVar[str] = "task"
    requires: ClassVar[frozenset[str]] = frozenset({"image"})
    inputs: ClassVar[frozenset[str]] = frozenset({"image"})
    """Which fields the input is made of; the others are labels, which may be missing."""
    source_only: ClassVar[bool] = False
    """True where transfers into the task make no sense (colorization, random projection)."""
    trained: ClassVar[bool] = True
    """False where the network keeps its random weights (random projection)."""
    plain_input: ClassVar[bool] = True
    """False where the task changes the image that networks see (noise, a hole, a shuffle)."""
    views: ClassVar[int] = 1
    """How many images its input holds; one encoder sees each of them (siamese), and the readout
    sees their codes one after another, channelwise."""
    metric: ClassVar[str] = "loss"
    """The name of what `measure` returns."""
    overall: ClassVar[tuple[str, ...]] = ()
    """Names of what `measure_all` returns, that which counts first; none for most tasks."""
    label_cost: ClassVar[float | None] = None
    """What its labels cost where the job does not say. None: 0 where they are computed from what
    the network sees alone (edges, a rotation), 1 for all others."""

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return what the task reads of a dataset that has these fields.

        A task that can derive its label answers by what is there.
        """
        return self.requires

    def default_label_cost(self) -> float:
        """Return what its labels cost where the job does not say."""
        if self.label_cost is not None:
            return self.label_cost
        return 0.0 if self.labels_itself() else 1.0

    def labels_itself(self) -> bool:
        """Return whether its labels are computed from what the network sees alone.

        A dataset that stores such labels (rooms has edges) does not make them dearer.
        """
        seen = {name: Field((3, 64, 64)) for name in self.inputs}
        return self.requires <= self.inputs and self.needs(seen) <= self.inputs

    def input_shape(self, fields: Mapping[str, Field]) -> Shape:
        """Return the shape (C, H, W) of its input, or of one view: the image's, unless it shrinks.

        The map of a dense head belongs to an input of this shape.
        """
        channels, height, width = fields["image"].shape
        return channels, height, width

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

    def measure_all(
        self, decoded: torch.Tensor, target: torch.Tensor, fields: Mapping[str, Field]
    ) -> Mapping[str, float]:
        """Return the metrics named in `overall` over all images at once; NaN where there is none.

        Average precision ranks what was detected in all images: no mean over images is it.

        Args:
            decoded: what `decode` gives for all images [N, ...].
            target: of all images [N, ...].
            fields: of the dataset.
        """
        return {}

    def decode(self, prediction: torch.Tensor) -> torch.Tensor:
        """Return a prediction in the terms of the target: class ids for logits, say.

        A task that gives whole numbers here has targets that are classes: labels without a place
        in the prediction are refused when they are read.
        """
        return prediction

    def picture(self, values: torch.Tensor, input: torch.Tensor) -> torch.Tensor | None:
        """Return pictures [B, 3, H, W] in [0, 1] of targets or decoded predictions.

        None where words say it better. What is missing is grey.

        Args:
            values: [B, ...], targets or what `decode` returns.
            input: what the network has seen, as in `Example`.
        """
        if values.ndim != 4 or values.shape[1] not in (1, 3):
            return None
        return values.expand(-1, 3, -1, -1).clamp(0, 1).nan_to_num(0.5)

    def words(self, values: torch.Tensor, fields: Mapping[str, Field]) -> list[str]:
        """Return a short line for each target or decoded prediction [B, ...], for people."""
        return [
            " ".join("missing" if isnan(number) else f"{number:.3g}" for number in row)
            for row in values.reshape(len(values), -1).tolist()
        ]

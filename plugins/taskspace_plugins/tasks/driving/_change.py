"""What tasks share that tell how a car moved while a clip was recorded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import pydantic
from torch import Tensor

from taskspace.components import Example, Field, Sample, Shape, VectorHead
from taskspace_plugins.driving.bins import check_rising, classes_between, names_between
from taskspace_plugins.tasks._classification import ClassTask
from taskspace_plugins.tasks._labelled import LabelledTask, number_field
from taskspace_plugins.tasks._shrunk import shrunk, shrunk_shape


def _rising(edges: tuple[float, ...]) -> tuple[float, ...]:
    check_rising(edges)
    return edges


Edges = Annotated[tuple[float, ...], pydantic.AfterValidator(_rising)]
"""Numbers between classes, from the lowest to the highest."""


class ChangeTask(LabelledTask, ClassTask):
    """A number that a recording gives for a clip, told apart as classes between `edges`."""

    metric: ClassVar[str] = "accuracy"
    inputs: ClassVar[frozenset[str]] = frozenset({"clip"})
    views: ClassVar[int] = 4
    shown: ClassVar[str] = "clip"
    plain_input: ClassVar[bool] = False
    label_cost: ClassVar[float | None] = 0.0
    """The phone that records the video records the label."""

    shrink: int = pydantic.Field(
        1,
        ge=1,
        le=64,
        description="Each square of this many pixels a side of a frame is seen as one.",
    )

    @abstractmethod
    def bins(self) -> tuple[Sequence[float], str]:
        """Return the edges and the unit behind a number."""

    @abstractmethod
    def number(self) -> str:
        """Return the field that holds the number."""

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return the clip and the number."""
        return frozenset({self.shown, self.number()})

    def input_shape(self, fields: Mapping[str, Field]) -> Shape:
        """Return the shape of one frame, (C, H / shrink, W / shrink), rounded up."""
        return shrunk_shape(super().input_shape(fields), self.shrink)

    def example(self, sample: Sample, generator: object) -> Example:
        """Return the frames [B, 4, C, h, w] and the class ids [B]."""
        return Example(shrunk(sample[self.shown], self.shrink), self.target(sample))

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return one logit for each class.

        Raises:
            DataError: if there is no clip of four frames like the image, or no number a sample.
        """
        self.check_shown(fields)
        number_field(fields, self.number(), (), self.name)
        return VectorHead(len(self.bins()[0]) + 1)

    def target(self, sample: Sample) -> Tensor:
        """Return the class ids [B]; -1 is missing."""
        return classes_between(sample[self.number()], self.bins()[0])

    def class_names(self, fields: Mapping[str, Field]) -> Sequence[str]:
        """Return between which numbers each class lies."""
        return names_between(*self.bins())

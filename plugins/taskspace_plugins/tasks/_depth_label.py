"""What tasks share whose label is the dataset's, or follows from its depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from taskspace.components import DenseHead, Field, Sample
from taskspace_plugins.tasks._dense import PixelTask
from taskspace_plugins.tasks._labelled import GivenOrDerived, number_field

DEPTHS = ("depth_euclidean", "depth_z")
"""The fields of depth; the first that a dataset has is taken."""


class FromDepth(GivenOrDerived):
    """A task whose label is the dataset's field of its own name, or derived from depth."""

    requires: ClassVar[frozenset[str]] = frozenset({"image", DEPTHS[0]})

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return the image and the label, or else a field of depth."""
        if self.name in fields:
            return super().needs(fields)
        return frozenset({"image", depth_field(fields)})

    def check_depth(self, fields: Mapping[str, Field]) -> None:
        """Check the field of depth.

        Raises:
            DataError: if it is missing or is no map of numbers as large as the image.
        """
        shape = (1, *fields["image"].shape[1:])
        number_field(fields, depth_field(fields), shape, self.name)


def depth_field(names: Mapping[str, Field] | Sample) -> str:
    """Return the field of depth that is taken where these are there."""
    return next((name for name in DEPTHS if name in names), DEPTHS[0])


def depth_of(sample: Sample) -> Tensor:
    """Return the depth of a sample [B, 1, H, W] in metres; NaN is missing."""
    return sample[depth_field(sample)]


class DepthMapTask(FromDepth, PixelTask):
    """A number in [0, 1] for each pixel, L1: the dataset's, or derived from its depth."""

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return one channel.

        Raises:
            DataError: if the dataset's label, or else its depth, is no map as large as the image.
        """
        if self.name in fields:
            number_field(fields, self.name, (1, *fields["image"].shape[1:]), self.name)
        else:
            self.check_depth(fields)
        return DenseHead(1)

"""What tasks share that predict how strongly an operator responds to the image at each pixel."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from taskspace.components import DenseHead, Field
from taskspace_plugins.tasks._dense import PixelTask
from taskspace_plugins.tasks._labelled import GivenOrDerived, checked_shape


class ResponseTask(GivenOrDerived, PixelTask):
    """One number in [0, 1] per pixel, small at most of them."""

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return one channel.

        Raises:
            DataError: if the dataset has the labels in another size than the images.
        """
        if self.name in fields:
            checked_shape(fields, self.name, (1, *fields["image"].shape[1:]), self.name)
        return DenseHead(1)

    def picture(self, values: Tensor, input: Tensor) -> Tensor | None:
        """Return the root of the response as brightness, so that weak ones show too."""
        return super().picture(values.clamp(min=0).sqrt(), input)

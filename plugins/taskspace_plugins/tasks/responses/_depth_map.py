"""What tasks share that predict a map which follows from depth."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components import DenseHead, Field
from taskspace_plugins.tasks._dense import PixelTask
from taskspace_plugins.tasks._depth_label import FromDepth
from taskspace_plugins.tasks._labelled import number_field


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

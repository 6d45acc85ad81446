"""The image itself."""

from typing import ClassVar

from torch import Tensor

from taskspace.components import Sample
from taskspace_plugins.tasks._dense import PixelTask


class Autoencoding(PixelTask):
    """The image again, through the code (Taskonomy, Sec. 3)."""

    name: ClassVar[str] = "autoencoding"

    def target(self, sample: Sample) -> Tensor:
        """Return the image [B, C, H, W]."""
        return sample["image"]

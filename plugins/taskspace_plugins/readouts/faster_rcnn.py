"""The detector of the co-training experiments."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pydantic
from torch import nn

from taskspace.components import BoxHead, Head, Readout, Shape
from taskspace.errors import InputError
from taskspace_plugins._installed import install_line, installed_version
from taskspace_plugins.readouts._anchors import AnchorSizes
from taskspace_plugins.readouts._two_stage import Detector, Settings

Fraction = Annotated[float, pydantic.Field(gt=0, le=4)]


class FasterRcnn(Readout):
    """The two stages of Faster R-CNN on the code of any encoder, one map, by torchvision.

    Source: Ren et al. 2015, with the aligned pooling of He et al. 2017, Sec. 3; the detector of
    Yan 2020, chapter 4, without its feature pyramid. The encoder is the backbone; give it a code of
    256 channels or more. Which anchors and proposals a step learns from is drawn from the seed of
    the cell; the loss of a test image has draws of its own, the same each time. Boxes that stand
    for a group are left out of the targets, so that what lies there is background. Nothing in it
    depends on other images, and nothing is downloaded: it starts at random. Its version is part of
    every key. Needs `pip install 'taskspace[vision]'`.
    """

    name: ClassVar[str] = "faster_rcnn"
    own_loss: ClassVar[bool] = True

    sizes: Annotated[list[Fraction], pydantic.Field(min_length=1, max_length=16)] = pydantic.Field(
        [0.04, 0.08, 0.16, 0.32, 0.64],
        description="Sides of square anchors, as fractions of the image's shorter side: 32 to 512 "
        "pixels at 800.",
    )
    ratios: Annotated[list[Fraction], pydantic.Field(min_length=1, max_length=16)] = pydantic.Field(
        [0.5, 1.0, 2.0], description="Heights of anchors over their widths, at equal areas."
    )
    pool: int = pydantic.Field(
        7, ge=1, le=32, description="Places along a side to which a proposal's part is pooled."
    )
    hidden: int = pydantic.Field(
        1024, ge=1, le=16384, description="Numbers in the two layers that judge a proposal."
    )
    detections: int = pydantic.Field(
        100, ge=1, le=1000, description="Boxes of an image at most, the best."
    )
    least_score: float = pydantic.Field(
        0.05, ge=0, le=1, description="The probability of its class that a box must pass."
    )
    overlap: float = pydantic.Field(
        0.5,
        gt=0,
        le=1,
        description="Intersection over union at which the weaker of two boxes of a class goes.",
    )

    def missing(self) -> str | None:
        """Return how to install torchvision, or None."""
        return install_line("torchvision", "vision")

    def misfit(self, head: Head) -> str | None:
        """Return that it predicts nothing but boxes, for other heads."""
        return None if isinstance(head, BoxHead) else "it predicts boxes alone"

    def identity(self) -> dict[str, Any]:
        """Return the parameters and torchvision's version.

        Raises:
            InputError: if torchvision is not installed.
        """
        return {**super().identity(), "torchvision": self._version()}

    def build(self, code: Shape, head: Head, image: Shape) -> nn.Module:
        """Return a network [B, *code] -> [B, detections, 7], with a loss of its own.

        It gives boxes as `pack_detections` packs them, which `decode` of `detection` leaves as
        they are.

        Raises:
            InputError: if torchvision is not installed, or the head is none of boxes.
        """
        self._version()
        if not isinstance(head, BoxHead):
            raise InputError(
                f"The readout {self.name!r} predicts boxes alone.",
                advice="Use it for a task that detects objects.",
            )
        return Detector(
            code,
            head.classes,
            image,
            anchors=AnchorSizes(self.sizes, self.ratios),
            settings=Settings(
                self.pool, self.hidden, self.detections, self.least_score, self.overlap
            ),
        )

    def _version(self) -> str:
        return installed_version("torchvision", f"readout {self.name!r}", "vision")

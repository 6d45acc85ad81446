"""Encoders: from an image to a code that readouts share."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from taskspace.components.base import Installable

if TYPE_CHECKING:
    from torch import nn

Shape = tuple[int, int, int]
"""(channels, height, width)."""


class EncoderStage(NamedTuple):
    """A part of an encoder's network, and the shape of what it gives."""

    network: nn.Module
    shape: Shape


class Encoder(Installable):
    """A network from images to codes, the same for all tasks so that codes are comparable."""

    kind: ClassVar[str] = "encoder"
    trained: ClassVar[bool] = True
    """False where there is nothing to train: the code is the image, or follows from it."""

    @abstractmethod
    def code_shape(self, image: Shape) -> Shape:
        """Return the shape of the code of an image of shape `image`."""

    @abstractmethod
    def build(self, image: Shape) -> nn.Module:
        """Return a fresh network [B, *image] -> [B, *code_shape(image)].

        It is called with torch's own generator seeded, so the layers' usual initialisation is
        reproducible; it must draw from nothing else.
        """

    def stages(self, image: Shape) -> tuple[EncoderStage, ...]:
        """Return a fresh network in parts, first to last: one after the other they are `build`'s.

        Between stages, gating schemes mix what the copies of an encoder have made of an image; a
        stage leaves what it is given as it was. An encoder that says nothing of its parts has one.
        """
        return (EncoderStage(self.build(image), self.code_shape(image)),)

    def stage_count(self) -> int:
        """Return how many `stages` there are, without building them."""
        return 1

    def starts_from(self) -> str | None:
        """Return what its weights come from, in words; None where they start at random."""
        return None

    def untrained(self) -> Encoder | None:
        """Return the encoder of the same architecture that starts at random; itself where it does.

        None where there is none. What learns without anybody's labels starts from it.
        """
        return self if self.starts_from() is None else None

    def licence(self) -> str | None:
        """Return the licence of the published weights, as SPDX writes it; None where unknown."""
        return None

    def classifier(self, image: Shape) -> nn.Module | None:
        """Return the published classifier, codes [B, *code_shape(image)] -> logits [B, classes].

        None where there is none. It belongs to the weights of `build`, and scores that compare
        the classes of a model with those of a task read its probabilities.
        """
        return None

"""Readouts: small networks from codes to predictions; also the decoders of task networks."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from taskspace.components.base import Installable
from taskspace.components.encoder import Shape
from taskspace.components.task import Head

if TYPE_CHECKING:
    from torch import nn


class Readout(Installable):
    """A low-capacity network from one or several codes, concatenated channelwise, to a head."""

    kind: ClassVar[str] = "readout"

    @abstractmethod
    def build(self, code: Shape, head: Head, image: Shape) -> nn.Module:
        """Return a fresh network [B, *code] -> [B, size] or [B, *head.shape(image)].

        It is called with torch's own generator seeded, as `Encoder.build` is.
        """

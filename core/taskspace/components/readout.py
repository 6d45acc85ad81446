"""Readouts: small networks from codes to predictions; also the decoders of task networks."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from taskspace.components.base import Installable
from taskspace.components.encoder import Shape
from taskspace.components.task import Head, Loss

if TYPE_CHECKING:
    from torch import Tensor, nn


@runtime_checkable
class OwnLoss(Protocol):
    """A network of a readout whose loss is not a function of what it predicts.

    A two-stage detector draws by the labels what it learns from, so the task cannot compute its
    loss from detections.
    """

    def loss(self, code: Tensor, target: Tensor) -> Loss:
        """Return the loss of each image [B] from codes [B, *code] and the task's targets.

        In evaluation mode it depends on the image alone.
        """
        ...


class Readout(Installable):
    """A low-capacity network from one or several codes, concatenated channelwise, to a head."""

    kind: ClassVar[str] = "readout"
    own_loss: ClassVar[bool] = False
    """True where its networks are `OwnLoss`. Studies that know the losses of tasks alone refuse
    it. What it predicts need not have the shape of the head: the task's `decode` takes it, and its
    `measure` where it has a metric for each image."""

    @abstractmethod
    def build(self, code: Shape, head: Head, image: Shape) -> nn.Module:
        """Return a fresh network [B, *code] -> [B, size] or [B, *head.shape(image)].

        It is called with torch's own generator seeded, as `Encoder.build` is.
        """

    def misfit(self, head: Head) -> str | None:
        """Return why it builds no network for such a head, in a few words, or None."""
        return None

"""Weightings: how the losses of several tasks become one update."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from taskspace.components.base import Installable

if TYPE_CHECKING:
    from taskspace.components.loss_weights import LossWeights


class Weighting(Installable):
    """A rule that says, at each step, by how much the loss of each task counts."""

    kind: ClassVar[str] = "weighting"

    @abstractmethod
    def build(self, tasks: int) -> LossWeights:
        """Return fresh weights of N tasks, as they are before the first step.

        Raises:
            InputError: if something that it needs is not installed.
        """

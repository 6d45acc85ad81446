"""Gating: which experts a task uses, and how what they say becomes what its head reads."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from taskspace.components.base import Component
from taskspace.components.encoder import Encoder, Shape
from taskspace.components.readout import Readout
from taskspace.components.task import Head

if TYPE_CHECKING:
    from taskspace.components.gated import GatedNetwork


class Gating(Component):
    """A way in which several tasks share experts, which are copies of one encoder."""

    kind: ClassVar[str] = "gating"
    chooses: ClassVar[bool] = False
    """Whether it learns which experts a task reads; then the report shows what it has learnt."""

    @abstractmethod
    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> GatedNetwork:
        """Return a fresh network from images [B, *image] to the predictions of N tasks.

        Experts are what `encoder` builds, or parts of it that its `stages` give; every task has a
        head of its own that `readout` builds on the code. It is called with torch's own generator
        seeded, as `Encoder.build` is.

        Args:
            heads: the shape of each task's prediction, N of them.

        Raises:
            InputError: if the encoder has fewer stages than `least_stages`.
        """

    def least_stages(self) -> int:
        """Return how many stages an encoder must have."""
        return 1

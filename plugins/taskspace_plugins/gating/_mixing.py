"""Schemes that mix experts by gates which depend on the task alone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial

from taskspace.components import Encoder, Head, Readout, Shape
from taskspace_plugins.gating.gates._fields import ExpertCount, Layered
from taskspace_plugins.gating.gates._gate import ExpertGate
from taskspace_plugins.gating.networks._mixture import Mixture


class Mixing(Layered):
    """Layers of experts; a subclass says by which gates each task reads them."""

    experts: ExpertCount = 20

    @abstractmethod
    def gate(self, tasks: int) -> ExpertGate:
        """Return the gates of one layer, for so many tasks."""

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> Mixture:
        """Return a network whose layers have gates of their own.

        Raises:
            InputError: if the encoder has fewer stages than there are layers.
        """
        gate = partial(self.gate, len(heads))
        layers = self.layers
        return Mixture(
            encoder, readout, image, heads, experts=self.experts, layers=layers, gate=gate
        )

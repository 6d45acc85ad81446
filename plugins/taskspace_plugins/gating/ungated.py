"""Every task mixes all experts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch

from taskspace.components import Encoder, Head, Readout, Shape
from taskspace_plugins.gating.gates._fields import ExpertCount, Layered
from taskspace_plugins.gating.gates._gate import FixedGate
from taskspace_plugins.gating.networks._mixture import Mixture


class Ungated(Layered):
    """A dense mixture: each task weighs all experts, b = 1 (Yan 2020, Sec. 3.3).

    The paper takes it for its generalised cross-stitch, of any number of tasks and experts.
    """

    name: ClassVar[str] = "ungated"

    experts: ExpertCount = 20

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> Mixture:
        """Return a network whose gates are all open.

        Raises:
            InputError: if the encoder has fewer stages than there are layers.
        """
        gates = torch.ones(len(heads), self.experts, dtype=torch.bool)
        return Mixture(
            encoder,
            readout,
            image,
            heads,
            experts=self.experts,
            layers=self.layers,
            gate=lambda: FixedGate(gates, weighted=True),
        )

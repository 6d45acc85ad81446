"""One backbone for all tasks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import torch

from taskspace.components import Encoder, Gating, Head, Readout, Shape
from taskspace_plugins.gating.gates._gate import FixedGate
from taskspace_plugins.gating.networks._mixture import Mixture


class Shared(Gating):
    """One encoder that all tasks share, and a head a task (Caruana 1997)."""

    name: ClassVar[str] = "shared"

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> Mixture:
        """Return a network of one expert."""
        gate = partial(FixedGate, torch.ones(len(heads), 1, dtype=torch.bool), weighted=False)
        return Mixture(encoder, readout, image, heads, experts=1, gate=gate)

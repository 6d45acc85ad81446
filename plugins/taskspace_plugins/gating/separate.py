"""A backbone of its own for every task."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import torch

from taskspace.components import Encoder, Gating, Head, Readout, Shape
from taskspace_plugins.gating.gates._gate import FixedGate
from taskspace_plugins.gating.networks._mixture import Mixture


class Separate(Gating):
    """An encoder a task: nothing is shared, as in training the tasks one by one."""

    name: ClassVar[str] = "separate"

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> Mixture:
        """Return a network of as many experts as tasks."""
        gate = partial(FixedGate, torch.eye(len(heads), dtype=torch.bool), weighted=False)
        return Mixture(encoder, readout, image, heads, experts=len(heads), gate=gate)

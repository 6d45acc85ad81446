"""Every task mixes all experts."""

from __future__ import annotations

from typing import ClassVar

import torch

from taskspace_plugins.gating._mixing import Mixing
from taskspace_plugins.gating.gates._gate import ExpertGate, FixedGate


class Ungated(Mixing):
    """A dense mixture: each task weighs all experts, b = 1 (Yan 2020, Sec. 3.3).

    The paper takes it for its generalised cross-stitch, of any number of tasks and experts.
    """

    name: ClassVar[str] = "ungated"

    def gate(self, tasks: int) -> ExpertGate:
        """Return gates that are all open."""
        return FixedGate(torch.ones(tasks, self.experts, dtype=torch.bool), weighted=True)

"""Each task takes one way through the experts."""

from __future__ import annotations

from typing import ClassVar, Literal

import pydantic

from taskspace_plugins.gating._mixing import Mixing
from taskspace_plugins.gating.gates._gate import ExpertGate
from taskspace_plugins.gating.gates._routes import GumbelGate, PolicyGate


class Routing(Mixing):
    """One expert a task and layer, hard: routing networks (Rosenbaum et al. 2017).

    `wpl` is the published way: an agent a task learns which expert pays, and only the experts on
    the route run. `gumbel` draws the route from a softmax and learns it by the straight-through
    gradient, for which all experts run in training; in evaluation one does.
    """

    name: ClassVar[str] = "routing"
    chooses: ClassVar[bool] = True

    learner: Literal["wpl", "gumbel"] = pydantic.Field(
        "wpl", description="How routes are learnt: by agents, or by straight-through gradients."
    )
    rate: float = pydantic.Field(
        0.05, gt=0, le=1, description="How fast the agents of `wpl` learn."
    )
    temperature: float = pydantic.Field(
        1.0, gt=0, le=100, description="Of the softmax of `gumbel` whose gradient is taken."
    )

    def gate(self, tasks: int) -> ExpertGate:
        """Return gates of which one is open for each task."""
        if self.learner == "gumbel":
            return GumbelGate(tasks, self.experts, self.temperature)
        return PolicyGate(tasks, self.experts, self.rate)

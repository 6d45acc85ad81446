"""Each task takes one way through the experts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import pydantic

from taskspace.components import Encoder, Head, Readout, Shape
from taskspace_plugins.gating.gates._fields import ExpertCount, Layered
from taskspace_plugins.gating.gates._routes import GumbelGate, PolicyGate
from taskspace_plugins.gating.networks._mixture import Mixture


class Routing(Layered):
    """One expert a task and layer, hard: routing networks (Rosenbaum et al. 2017).

    `wpl` is the published way: an agent a task learns which expert pays, and only the experts on
    the route run. `gumbel` draws the route from a softmax and learns it by the straight-through
    gradient, for which all experts run in training; in evaluation one does.
    """

    name: ClassVar[str] = "routing"
    chooses: ClassVar[bool] = True

    experts: ExpertCount = 20
    learner: Literal["wpl", "gumbel"] = pydantic.Field(
        "wpl", description="How routes are learnt: by agents, or by straight-through gradients."
    )
    rate: float = pydantic.Field(
        0.05, gt=0, le=1, description="How fast the agents of `wpl` learn."
    )
    temperature: float = pydantic.Field(
        1.0, gt=0, le=100, description="Of the softmax of `gumbel` whose gradient is taken."
    )

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> Mixture:
        """Return a network with one open gate a task and layer.

        Raises:
            InputError: if the encoder has fewer stages than there are layers.
        """

        def gate() -> GumbelGate | PolicyGate:
            if self.learner == "gumbel":
                return GumbelGate(len(heads), self.experts, self.temperature)
            return PolicyGate(len(heads), self.experts, self.rate)

        return Mixture(
            encoder, readout, image, heads, experts=self.experts, layers=self.layers, gate=gate
        )

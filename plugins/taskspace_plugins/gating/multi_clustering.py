"""Each task learns which experts it joins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pydantic

from taskspace.components import Encoder, Head, Readout, Shape
from taskspace_plugins.gating.gates._bernoulli import Baseline, BernoulliGate
from taskspace_plugins.gating.gates._fields import ExpertCount, Layered
from taskspace_plugins.gating.networks._mixture import Mixture


class MultiClustering(Layered):
    """Tasks learn which experts they join, and run no others (Yan 2020, Sec. 3.1).

    Gates b ~ Bernoulli(p(t)) are drawn for each sample and task, and learnt by the score function
    (eq. 3.3) with a cost for each expected expert. In evaluation a task keeps as many experts as
    it is expected to use, the most likely ones (eq. 3.4), and their sum is not rescaled. The paper
    subtracts no baseline from the loss and names the variance of its gradient as its problem; both
    baselines here leave the expected gradient as it is.
    """

    name: ClassVar[str] = "multi_clustering"
    chooses: ClassVar[bool] = True

    experts: ExpertCount = 20
    density_cost: float = pydantic.Field(
        0.1, ge=0, le=1000, description="What an expected expert costs in the loss, lambda."
    )
    baseline: Baseline = pydantic.Field(
        "moving_average",
        description="What is subtracted from a loss before it moves the gates: nothing, as in the "
        "paper; the average over past batches; the mean of the task's other samples in the batch.",
    )
    decay: float = pydantic.Field(
        0.95, ge=0, lt=1, description="The share that the past keeps in the moving average."
    )

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> Mixture:
        """Return a network whose gates are drawn in training.

        Raises:
            InputError: if the encoder has fewer stages than there are layers.
        """
        return Mixture(
            encoder,
            readout,
            image,
            heads,
            experts=self.experts,
            layers=self.layers,
            gate=lambda: BernoulliGate(
                len(heads),
                self.experts,
                density_cost=self.density_cost,
                baseline=self.baseline,
                decay=self.decay,
            ),
        )

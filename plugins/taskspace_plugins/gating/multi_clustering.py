"""Each task learns which experts it joins."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from taskspace_plugins.gating._mixing import Mixing
from taskspace_plugins.gating.gates._bernoulli import Baseline, BernoulliGate
from taskspace_plugins.gating.gates._gate import ExpertGate


class MultiClustering(Mixing):
    """Tasks learn which experts they join, and run no others (Yan 2020, Sec. 3.1).

    Gates b ~ Bernoulli(p(t)) are drawn for each sample and task, and learnt by the score function
    (eq. 3.3) with a cost for each expected expert. In evaluation a task keeps as many experts as
    it is expected to use, the most likely ones (eq. 3.4), and their sum is not rescaled. The paper
    subtracts no baseline from the loss and names the variance of its gradient as its problem; both
    baselines here leave the expected gradient as it is.
    """

    name: ClassVar[str] = "multi_clustering"
    chooses: ClassVar[bool] = True

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

    def gate(self, tasks: int) -> ExpertGate:
        """Return gates that are drawn in training."""
        return BernoulliGate(
            tasks,
            self.experts,
            density_cost=self.density_cost,
            baseline=self.baseline,
            decay=self.decay,
        )

"""Each task learns which experts it joins."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

import pydantic
import torch
from torch import Tensor, nn

from taskspace.components import Choice
from taskspace_plugins.gating._mixing import Mixing
from taskspace_plugins.gating.gates._gate import Drawn, ExpertGate, uniform
from taskspace_plugins.gating.gates._score_function import (
    MovingAverage,
    leave_one_out,
    log_likelihood,
    surrogate,
)
from taskspace_plugins.gating.gates._selection import selected

Baseline: TypeAlias = Literal["none", "moving_average", "leave_one_out"]


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


class BernoulliGate(ExpertGate):
    """b_i(t) ~ Bernoulli(p_i(t)), drawn for each pair; p = 0.5 at the start, w ~ N(0, 1).

    Args:
        tasks: N.
        experts: M.
        density_cost: lambda, what an expected expert costs in the loss.
        decay: of the moving average.
    """

    def __init__(
        self, tasks: int, experts: int, *, density_cost: float, baseline: Baseline, decay: float
    ) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(tasks, experts))
        self.weights = nn.Parameter(torch.randn(tasks, experts))
        self.density_cost = density_cost
        self.baseline = baseline
        self.average = MovingAverage(tasks, decay) if baseline == "moving_average" else None

    def draw(self, task: Tensor, generator: torch.Generator | None) -> Drawn:
        """Return open gates with probability p."""
        p = self.probabilities().detach()[task]
        return Drawn(uniform(p, generator) < p, self.weights[task])

    def probabilities(self) -> Tensor:
        """Return p [N, M]."""
        return self.logits.sigmoid()

    def mixing(self) -> Tensor:
        """Return w [N, M]."""
        return self.weights

    def choose(self, rule: Choice) -> Tensor:
        """Return the experts that the rule keeps, bool [N, M]."""
        return selected(self.probabilities(), rule)

    def extra_loss(self, gates: Tensor, task: Tensor, values: Tensor, weights: Tensor) -> Tensor:
        """Return the surrogate of the score function and lambda times the mean density."""
        counted = weights > 0
        likelihood = log_likelihood(gates, self.logits[task])
        baseline = self._baseline(values, counted, task)
        density = self.probabilities().sum(dim=1).mean()
        return surrogate(values, baseline, likelihood, weights) + self.density_cost * density

    def _baseline(self, values: Tensor, counted: Tensor, task: Tensor) -> Tensor:
        if self.average is not None:
            past: Tensor = self.average(task)
            self.average.learn(values, counted, task)
            return past
        if self.baseline == "leave_one_out":
            return leave_one_out(values, counted, task, len(self.logits))
        return torch.zeros_like(values)

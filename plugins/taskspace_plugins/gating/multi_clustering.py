"""Each task learns which experts it joins."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

import pydantic
import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import Choice
from taskspace_plugins.gating._mixing import Mixing
from taskspace_plugins.gating.gates._gate import Drawn, ExpertGate, uniform
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


def log_likelihood(gates: Tensor, logits: Tensor) -> Tensor:
    """Return sum_i log p_i(b_i) [P]; its gradient by a logit is b - p.

    Args:
        gates: b, bool [P, M].
        logits: of p [P, M].
    """
    return torch.where(gates, functional.logsigmoid(logits), functional.logsigmoid(-logits)).sum(1)


def surrogate(values: Tensor, baseline: Tensor, likelihood: Tensor, weights: Tensor) -> Tensor:
    """Return a number [] whose gradient is the second part of the score-function gradient.

    grad E[L] = E[grad L + (L - c) sum_i grad log p_i(b_i)] (Yan 2020, eq. 3.3, where c = 0). It
    holds for every c that does not depend on the sample's own gates; the mean of a batch that
    includes the sample itself does.

    Args:
        values: L, the loss of each pair [P].
        baseline: c [P].
        likelihood: `log_likelihood` [P].
        weights: the share of each pair in the batch's loss [P].
    """
    return ((weights * (values - baseline)).detach() * likelihood).sum()


def leave_one_out(values: Tensor, counted: Tensor, task: Tensor, count: int) -> Tensor:
    """Return the mean loss of the other pairs of the same task [P]; 0 where there are none.

    Args:
        values: the loss of each pair [P].
        counted: bool [P], whether it has one.
        task: of each pair [P].
        count: of tasks.
    """
    kept = torch.where(counted, values, 0.0)
    total = kept.new_zeros(count).index_add(0, task, kept)[task]
    others = kept.new_zeros(count).index_add(0, task, counted.to(kept.dtype))[task]
    others = others - counted.to(kept.dtype)
    return (total - kept) / others.clamp(min=1) * (others > 0)


class MovingAverage(nn.Module):
    """The mean loss of each task over past batches, newer ones counting more.

    Args:
        count: of tasks.
        decay: the share that the past keeps at each batch.
    """

    def __init__(self, count: int, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.mean: Tensor = nn.Buffer(torch.zeros(count))
        self.seen: Tensor = nn.Buffer(torch.zeros(count, dtype=torch.bool))

    def forward(self, task: Tensor) -> Tensor:
        """Return the average of each pair's task [P]; 0 for a task that was never seen."""
        return self.mean[task]

    @torch.no_grad()
    def learn(self, values: Tensor, counted: Tensor, task: Tensor) -> None:
        """Take in a batch: the losses [P], whether they count [P], and their tasks [P]."""
        values = values.to(self.mean.dtype)
        total = torch.zeros_like(self.mean).index_add(0, task, torch.where(counted, values, 0.0))
        number = torch.zeros_like(self.mean).index_add(0, task, counted.to(self.mean.dtype))
        here = number > 0
        latest = total / number.clamp(min=1)
        kept = torch.where(self.seen, torch.lerp(latest, self.mean, self.decay), latest)
        # `where` and `copy_`: the device is not asked which tasks there are.
        self.mean.copy_(torch.where(here, kept, self.mean))
        self.seen |= here

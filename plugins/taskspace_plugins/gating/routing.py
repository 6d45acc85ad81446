"""Each task takes one way through the experts."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal, NamedTuple

import pydantic
import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import Choice
from taskspace_plugins.gating._mixing import Mixing
from taskspace_plugins.gating.gates._gate import Drawn, ExpertGate, uniform
from taskspace_plugins.gating.gates._selection import most_likely


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


class RouteGate(ExpertGate):
    """One expert a task: the most likely one in evaluation, with coefficient 1."""

    @abstractmethod
    def probabilities(self) -> Tensor:
        """Return the policy [N, M]; the sum over experts is 1."""

    def mixing(self) -> Tensor:
        """Return 1 everywhere."""
        return torch.ones_like(self.probabilities())

    def choose(self, rule: Choice) -> Tensor:
        """Return the most likely expert of each task, bool [N, M], whatever the rule."""
        policy = self.probabilities().detach()
        return most_likely(policy, torch.ones_like(policy[:, 0]))


class GumbelGate(RouteGate):
    """A softmax that is drawn hard and learnt soft (Jang et al. 2017, straight-through).

    The gradient asks what every expert would have said, so that in training all of them run.

    Args:
        tasks: N.
        experts: M.
        temperature: of the softmax whose gradient is taken.
    """

    def __init__(self, tasks: int, experts: int, temperature: float) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(tasks, experts))
        self.temperature = temperature

    def draw(self, task: Tensor, generator: torch.Generator | None) -> Drawn:
        """Return gates that are all open, and coefficients 1 for one expert and 0 for others."""
        logits = self.logits[task]
        # The smallest number: 0 is drawn once in 2^24, and has no logarithm.
        drawn = uniform(logits.detach(), generator).clamp(min=torch.finfo(logits.dtype).tiny)
        gumbel = -(-drawn.log()).log()
        soft = ((logits + gumbel) / self.temperature).softmax(dim=1)
        hard = functional.one_hot(soft.argmax(dim=1), soft.shape[1]).to(soft.dtype)
        return Drawn(torch.ones_like(hard, dtype=torch.bool), hard + soft - soft.detach())

    def probabilities(self) -> Tensor:
        """Return softmax(logits) [N, M]."""
        return self.logits.softmax(dim=1)


class PolicyGate(RouteGate):
    """An agent a task that learns which expert pays, by the weighted policy learner.

    Source: Rosenbaum et al. 2017, alg. 2: a table of probabilities, the reward of a route is minus
    the loss at its end, and no gradient goes through the choice. Here the samples of a batch move
    the policy together.

    Args:
        tasks: N, one agent each.
        experts: M, the actions.
        rate: how fast policy and average return learn.
    """

    def __init__(self, tasks: int, experts: int, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.policy: Tensor = nn.Buffer(torch.full((tasks, experts), 1 / experts))
        self.average: Tensor = nn.Buffer(torch.zeros(tasks))
        self.seen: Tensor = nn.Buffer(torch.zeros(tasks, dtype=torch.bool))

    def draw(self, task: Tensor, generator: torch.Generator | None) -> Drawn:
        """Return one open gate a pair, drawn from the policy of its task."""
        policy = self.policy[task]
        # The first expert whose cumulative share is above a number in [0, 1): the last share is 1,
        # and an expert of probability 0 is never the first.
        steps = policy.cumsum(dim=1)
        above = steps / steps[:, -1:] > uniform(policy[:, :1], generator)
        gates = functional.one_hot(above.to(torch.int8).argmax(dim=1), policy.shape[1])
        return Drawn(gates.bool(), gates.to(policy.dtype))

    def probabilities(self) -> Tensor:
        """Return the policy [N, M]."""
        return self.policy

    @torch.no_grad()
    def extra_loss(self, gates: Tensor, task: Tensor, values: Tensor, weights: Tensor) -> Tensor:
        """Let the agents learn from minus the losses; nothing is added to the loss."""
        counted, returns = weights > 0, -values.to(self.policy.dtype)
        policy, average, seen = policy_step(
            self.policy, self.average, self.seen, gates, task, returns, counted, self.rate
        )
        self.policy.copy_(policy)
        self.average.copy_(average)
        self.seen.copy_(seen)
        return values.new_zeros(())


class PolicyStep(NamedTuple):
    """Policies [N, M], average returns [N], and which agents have had one [N]."""

    policy: Tensor
    average: Tensor
    seen: Tensor


def policy_step(
    policy: Tensor,
    average: Tensor,
    seen: Tensor,
    actions: Tensor,
    agent: Tensor,
    returns: Tensor,
    counted: Tensor,
    rate: float,
) -> PolicyStep:
    """Return what a batch makes of the agents.

    Delta(a) = R(a) - average, weighted by 1 - pi(a) where it is positive and by pi(a) where it is
    negative (Abdallah and Lesser 2008, eq. 7); then pi + rate * Delta, projected onto the simplex
    (Rosenbaum et al. 2017, alg. 2). R(a) is the mean return of the samples that took a, and an
    action that none took stays as it is. The first returns of an agent set its average.

    Args:
        policy: [N, M].
        average: of past returns [N].
        seen: bool [N].
        actions: bool [P, M], one action a sample.
        agent: of each sample [P].
        returns: [P].
        counted: bool [P], whether a sample counts.
        rate: of policy and average.
    """
    taken = (actions & counted[:, None]).to(policy.dtype)
    zeros = torch.zeros_like(policy)
    number = zeros.index_add(0, agent, taken)
    total = zeros.index_add(0, agent, taken * returns[:, None])
    here = number.sum(dim=1) > 0
    latest = total.sum(dim=1) / number.sum(dim=1).clamp(min=1)
    before = torch.where(seen, average, latest)
    delta = torch.where(number > 0, total / number.clamp(min=1) - before[:, None], 0.0)
    delta = delta * torch.where(delta > 0, 1 - policy, policy)
    moved = torch.where(here[:, None], simplex_projection(policy + rate * delta), policy)
    return PolicyStep(
        moved, torch.where(here, torch.lerp(before, latest, rate), average), seen | here
    )


def simplex_projection(points: Tensor) -> Tensor:
    """Return the nearest points [N, M] with coordinates >= 0 of sum 1 (Duchi et al. 2008, fig. 1).

    Args:
        points: [N, M].
    """
    falling = points.sort(dim=1, descending=True).values
    excess = falling.cumsum(dim=1) - 1
    rank = torch.arange(1, points.shape[1] + 1, device=points.device)
    kept = (falling * rank > excess).sum(dim=1, keepdim=True)
    shift = excess.gather(1, kept - 1) / kept
    return (points - shift).clamp(min=0)

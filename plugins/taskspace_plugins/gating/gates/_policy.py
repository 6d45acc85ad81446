"""The weighted policy learner: agents that meet each other, and slow down near a pure strategy."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


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

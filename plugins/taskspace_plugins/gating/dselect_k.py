"""Each task selects at most k experts, by gates that are smooth and end up hard."""

from __future__ import annotations

from typing import ClassVar

import pydantic
import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace_plugins.gating._mixing import Mixing
from taskspace_plugins.gating.gates._gate import Drawn, ExpertGate


class DselectK(Mixing):
    """At most k experts a task, by differentiable selectors: DSelect-k (Hazimeh et al. 2021).

    The static gates of the paper, which depend on the task and not on the image. Each of k
    selectors of a task codes its expert in binary; their smooth steps reach 0 and 1 exactly, and
    an expert whose weight is 0 is not run, in training as in evaluation. Where M is no power of
    two, codes beyond M stand for the first experts again; the paper leaves them empty.
    """

    name: ClassVar[str] = "dselect_k"
    chooses: ClassVar[bool] = True

    selected: int = pydantic.Field(2, ge=1, le=64, description="Selectors of a task, k.")
    width: float = pydantic.Field(
        1.0, gt=0, le=100, description="Of the smooth step, gamma: within it a bit is undecided."
    )
    entropy_cost: float = pydantic.Field(
        0.001, ge=0, le=1000, description="What undecided selectors cost in the loss, lambda."
    )

    def gate(self, tasks: int) -> ExpertGate:
        """Return gates that close while they learn."""
        return SelectorGate(tasks, self.experts, self.selected, self.width, self.entropy_cost)


class SelectorGate(ExpertGate):
    """g(t) = sum_j softmax(a(t))_j r_j(t), over k selectors (Hazimeh et al. 2021, eq. 5)."""

    def __init__(
        self, tasks: int, experts: int, selected: int, width: float, entropy_cost: float
    ) -> None:
        super().__init__()
        self.experts = experts
        self.width = width
        self.entropy_cost = entropy_cost
        self.codes: Tensor = nn.Buffer(code_bits(experts), persistent=False)
        bits = self.codes.shape[1]
        # The authors' start: bits that are almost undecided.
        self.bits = nn.Parameter(torch.empty(tasks, selected, bits).uniform_(-0.01, 0.01) * width)
        self.shares = nn.Parameter(torch.zeros(tasks, selected))

    def picks(self) -> Tensor:
        """Return r [N, k, M]."""
        return selectors(smooth_step(self.bits, self.width), self.codes, self.experts)

    def mixing(self) -> Tensor:
        """Return g [N, M]."""
        return (self.shares.softmax(dim=1)[:, :, None] * self.picks()).sum(dim=1)

    def probabilities(self) -> Tensor:
        """Return 1 where a weight is not 0 [N, M]."""
        weights = self.mixing().detach()
        return (weights > 0).to(weights.dtype)

    def draw(self, task: Tensor, generator: torch.Generator | None) -> Drawn:
        """Return the same gates as in evaluation."""
        weights = self.mixing()[task]
        return Drawn(weights.detach() > 0, weights)

    def extra_loss(self, gates: Tensor, task: Tensor, values: Tensor, weights: Tensor) -> Tensor:
        """Return lambda times the entropy of the selectors (the supplement's regulariser)."""
        return self.entropy_cost * entropy(self.picks())


def smooth_step(t: Tensor, width: float) -> Tensor:
    """Return S(t): 0 up to -width/2, 1 from width/2 on, a cubic in between (Hazimeh 2021, eq. 3).

    Args:
        t: of any shape.
        width: gamma.
    """
    cubic = -2 / width**3 * t**3 + 3 / (2 * width) * t + 0.5
    return torch.where(t <= -width / 2, 0.0, torch.where(t >= width / 2, 1.0, cubic))


def code_bits(experts: int) -> Tensor:
    """Return the binary codes that select among M experts, bool [2^m, m] with m = ceil(log2 M)."""
    bits = max(experts - 1, 0).bit_length()
    return (torch.arange(2**bits)[:, None] >> torch.arange(bits)) % 2 == 1


def selectors(activations: Tensor, codes: Tensor, experts: int) -> Tensor:
    """Return r, how much each selector picks each expert [N, k, M] (Hazimeh 2021, eq. 4).

    The code c stands for the expert c mod M, so that the sum over experts is 1 for every M. In the
    paper a code beyond M stands for none, and a penalty keeps selectors away from it; but one that
    is decided there has no gradient, and its task is left without an expert.

    Args:
        activations: S(t) [N, k, m].
        codes: bool [2^m, m], see `code_bits`.
        experts: M.
    """
    each = activations[:, :, None, :]
    picked = torch.where(codes, each, 1 - each).prod(dim=3)
    own, second = picked[..., :experts], picked[..., experts:]
    return own + functional.pad(second, (0, experts - second.shape[-1]))


def entropy(picks: Tensor) -> Tensor:
    """Return the sum of the entropies of all selectors, a number [] (Hazimeh 2021, eq. 6).

    Args:
        picks: r [N, k, M].
    """
    safe = torch.where(picks > 0, picks, 1.0)
    return -(safe * safe.log()).sum()

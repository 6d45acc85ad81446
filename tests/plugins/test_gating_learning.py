"""Gates that are learnt by the score function alone."""

from __future__ import annotations

from typing import ClassVar

import pytest
import torch
from gating_networks import IMAGE, built
from torch import Tensor, nn

from taskspace.components import Encoder, VectorHead
from taskspace_plugins.gating.multi_clustering import MultiClustering


class Pixel(Encoder):
    """An encoder whose networks are replaced: a code of one number."""

    name: ClassVar[str] = "pixel"

    def code_shape(self, image):
        return (1, 1, 1)

    def build(self, image):
        return nn.Flatten()


class One(nn.Module):
    """Says the pixel `number` of the first row."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def forward(self, images):
        return images[:, :1, :1, self.number, None].transpose(2, 3)


def choices_after_learning(baseline: str, *, sign: float = 1.0) -> Tensor:
    """Return p [2, 2] where expert t says what task t wants and the other one is noise to it.

    Experts, weights and heads are fixed: nothing but the score function tells the gates apart.
    """
    network = built(
        MultiClustering(experts=2, density_cost=0, baseline=baseline), Pixel(),
        heads=[VectorHead(1)] * 2,
    )  # fmt: skip
    network.layers[0].networks = nn.ModuleList([One(0), One(1)])
    for head in network.heads.networks:
        for parameter in head.parameters():
            nn.init.constant_(parameter, 1.0 if parameter.ndim > 1 else 0.0)
    network.requires_grad_(False)
    gate = network.gates[0]
    gate.weights.fill_(1.0)
    gate.logits.requires_grad_(True)
    optimizer = torch.optim.Adam([gate.logits], lr=0.1)
    generator = torch.Generator().manual_seed(0)
    for _ in range(150):
        batch = torch.randn(16, *IMAGE, generator=generator)
        output = network.train()(batch, torch.ones(16, 2, dtype=torch.bool), generator=generator)
        wanted = batch[:, 0, 0, :2].unbind(dim=1)
        values = torch.cat(
            [(p[:, 0] - w).square() for p, w in zip(output.predictions, wanted, strict=True)]
        )
        weights = torch.full_like(values, 1 / len(values))
        optimizer.zero_grad()
        (sign * network.extra_loss(output, values, weights)).backward()
        optimizer.step()
    return network.probabilities()[0]


@pytest.mark.parametrize("baseline", ["none", "moving_average", "leave_one_out"])
def test_the_score_function_finds_the_expert_of_each_task(baseline):
    found = choices_after_learning(baseline)
    assert (found.diagonal() > 0.95).all()
    assert (found.fliplr().diagonal() < 0.05).all()


def test_a_score_function_of_the_wrong_sign_would_be_caught():
    assert (choices_after_learning("leave_one_out", sign=-1.0).diagonal() < 0.5).all()

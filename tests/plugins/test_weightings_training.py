"""Weightings in the training of a gated network: exact resuming, with draws and absent tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from gating_networks import HEADS, IMAGE, built, images, losses

from taskspace.components import Weighting
from taskspace.components.gated import one_task_each, pair_weights, task_losses
from taskspace.components.task_gradients import gramian, shared_parameters, weighed_backward
from taskspace_plugins.gating.multi_clustering import MultiClustering
from taskspace_plugins.weightings.dwa import Dwa
from taskspace_plugins.weightings.equal import Equal
from taskspace_plugins.weightings.gradnorm import GradNorm
from taskspace_plugins.weightings.rlw import Rlw
from taskspace_plugins.weightings.torchjd import TorchJd
from taskspace_plugins.weightings.uncertainty import Uncertainty

EPOCH, STEPS, PAUSE = 4, 24, 10
BATCHES = ((0, 1, 2, 1), (2, 1, 2, 1), (0, 0, 1, 2), (1, 1, 1, 1), (0, 2, 0, 0))


class Training:
    """A network, its optimizer, its weights and its draws."""

    def __init__(self, weighting: Weighting, seed: int) -> None:
        self.network = built(MultiClustering(experts=4), seed=seed)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=0.01)
        self.weights = weighting.build(len(HEADS))
        self.draws = torch.Generator().manual_seed(seed)
        self.shared = shared_parameters(self.network, IMAGE, len(HEADS))

    def step(self, step: int) -> torch.Tensor:
        """Return the weights of a step and the loss."""
        task = torch.tensor(BATCHES[step % len(BATCHES)])
        output = self.network(images(4, step), one_task_each(task, 3), generator=self.draws)
        values = losses(output)
        valid = torch.ones_like(values, dtype=torch.bool)
        by_task = task_losses(values, valid, output.pairs.task, 3)
        products = gramian(by_task, self.shared) if self.weights.reads_gradients else None
        found = self.weights(by_task, products, generator=self.draws)
        shares = pair_weights(found.own, valid, output.pairs.task)
        extra = self.network.extra_loss(output, values, shares)
        self.optimizer.zero_grad()
        loss = weighed_backward(by_task, found, extra, self.network.parameters(), self.shared)
        self.optimizer.step()
        if step % EPOCH == EPOCH - 1:
            self.weights.end_epoch()
        return torch.cat([found.own, found.shared, loss[None]])

    def state(self) -> dict[str, Any]:
        parts = {"network": self.network, "optimizer": self.optimizer, "weights": self.weights}
        whole = {name: part.state_dict() for name, part in parts.items()}
        return whole | {"draws": self.draws.get_state()}

    def load(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.weights.load_state_dict(state["weights"])
        self.draws.set_state(state["draws"])


WEIGHTINGS: dict[str, Callable[[], Weighting]] = {
    "equal": Equal,
    "uncertainty": lambda: Uncertainty(learning_rate=0.05),
    "dwa": Dwa,
    "gradnorm": GradNorm,
    "rlw": Rlw,
    "torchjd": lambda: TorchJd(aggregator="pcgrad"),
}


@pytest.mark.parametrize("name", WEIGHTINGS)
def test_a_training_that_was_interrupted_ends_as_one_that_was_not(name, tmp_path):
    weighting = WEIGHTINGS[name]()
    if (missing := weighting.missing()) is not None:
        pytest.skip(missing)
    whole = Training(weighting, seed=1)
    wanted = [whole.step(step) for step in range(STEPS)]
    first = Training(weighting, seed=1)
    for step in range(PAUSE):
        first.step(step)
    torch.save(first.state(), tmp_path / "state")
    second = Training(weighting, seed=2)
    second.load(torch.load(tmp_path / "state", weights_only=True))
    for step in range(PAUSE, STEPS):
        assert torch.equal(second.step(step), wanted[step])
    ends = (training.network.state_dict() for training in (whole, second))
    assert all(torch.equal(*pair) for pair in zip(*(end.values() for end in ends), strict=True))

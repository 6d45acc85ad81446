"""Fitting: a last pass that is cut short counts like any other, also after an interruption."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from taskspace.components import Snapshot
from taskspace.learning.fitting import fit as fitting
from taskspace.learning.fitting.fit import fit
from taskspace.learning.fitting.held_out import BestEpoch, Division
from taskspace.learning.fitting.progress import Learner, shuffles
from taskspace.learning.training import Training
from taskspace_plugins.tasks.labels.classification import Classification

LEARNED, BATCH = 50, 20
"""Three steps an epoch."""


@dataclass
class Interrupted:
    """A checkpoint that is kept in memory; the training is stopped after so many are written."""

    left: int
    snapshot: Snapshot | None = None

    def load(self) -> Snapshot | None:
        return self.snapshot

    def save(self, snapshot: Snapshot) -> None:
        copies = {name: tensor.clone() for name, tensor in snapshot.tensors.items()}
        self.snapshot = Snapshot(snapshot.record, copies)
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def learner(checkpoint: Interrupted | None = None) -> Learner:
    draw = torch.Generator().manual_seed(0)
    inputs = torch.randn(60, 4, generator=draw)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = nn.Linear(4, 3)
    rows = torch.arange(60)
    return Learner(
        "it",
        network,
        inputs,
        inputs[:, :3].argmax(dim=1),
        Classification(),
        shuffles(0),
        BestEpoch(Division(rows[:LEARNED], rows[LEARNED:])),
        checkpoint,
    )


def training(steps: int) -> Training:
    return Training(steps=steps, batch=BATCH, learning_rate=0.05)


@pytest.mark.parametrize("steps", [1, 3, 7])
def test_a_pass_that_is_cut_short_is_recorded_and_judged(steps):
    trained = learner()
    fit([trained], training(steps))
    assert len(trained.history) == steps
    assert trained.best.epoch == -(-steps // 3)  # Labels this easy: the last one is the best.
    assert not trained.network.training


@pytest.mark.parametrize("stopped", range(1, 8))
def test_a_training_of_steps_goes_on_with_the_numbers_of_an_undisturbed_one(stopped, monkeypatch):
    undisturbed = learner()
    fit([undisturbed], training(7))
    monkeypatch.setattr(fitting, "SHORTEST", 0.0)
    monkeypatch.setattr(fitting, "SHARE", float("inf"))
    checkpoint = Interrupted(stopped)
    with pytest.raises(KeyboardInterrupt):
        fit([learner(checkpoint)], training(7))
    resumed = learner(checkpoint)
    fit([resumed], training(7))
    assert 7 - stopped == -checkpoint.left  # no step is done twice
    assert torch.equal(torch.stack(resumed.history), torch.stack(undisturbed.history))
    assert (resumed.best.epoch, resumed.best.loss) == (
        undisturbed.best.epoch,
        undisturbed.best.loss,
    )
    for name, weights in undisturbed.network.state_dict().items():
        assert torch.equal(weights, resumed.network.state_dict()[name])

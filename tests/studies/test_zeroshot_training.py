"""Joint training: what it computes, what it reads, and that it goes on where it was stopped."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from zeroshot_cells import Composed, compositions, features, training

from taskspace.components import Snapshot
from taskspace.errors import CellError
from taskspace.studies.zeroshot.cells.classification import train_classifier, train_oracle
from taskspace.studies.zeroshot.cells.compositions import CompositionTable
from taskspace.studies.zeroshot.cells.generation import adversaries_of, train_generator
from taskspace_plugins.classifiers.nearest_prototype import NearestPrototype
from taskspace_plugins.generators.ss import ShallowSampling
from taskspace_plugins.generators.ss_mtc_add import AddedConditioning
from taskspace_plugins.generators.ss_mtc_affine import AffineConditioning
from taskspace_plugins.generators.tds import TaskAwareSampling
from taskspace_plugins.generators.uds import UnconditionedSampling

DESIGNS = [
    ShallowSampling,
    UnconditionedSampling,
    AddedConditioning,
    AffineConditioning,
    TaskAwareSampling,
]


def inputs(**changes):
    return compositions() | features(**changes)


@pytest.fixture
def plain_step(monkeypatch):
    """The step of the plain loop that the benchmark compares with."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    return importlib.import_module("zeroshot").plain_step


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_steps_are_those_of_a_plain_loop(design, plain_step):
    generator = design(width=8, hidden=8, noise=3)
    call = training(inputs(), generator)
    pairs = CompositionTable.of(call.inputs["compositions"])
    fast, plain = adversaries_of(call, pairs), adversaries_of(call, pairs)
    start = nn.utils.parameters_to_vector(fast.networks.parameters()).detach().clone()
    step = plain_step(plain.networks, plain.material, plain.training)
    draws = torch.Generator().manual_seed(call.parameters["seed"])
    for _ in range(3):
        fast.step()
        step(draws)
    ours, theirs = (
        nn.utils.parameters_to_vector(own.networks.parameters()).detach() for own in (fast, plain)
    )
    assert (ours - theirs).norm() < 1e-3 * (ours - start).norm()
    assert all(
        (tensor - before).abs().sum() > 0
        for tensor, before in zip(
            fast.networks.parameters(),
            adversaries_of(call, pairs).networks.parameters(),
            strict=True,
        )
    )


def unseen_rows():
    pairs = CompositionTable.of(compositions()["compositions"])
    return ~pairs.seen[pairs.pair]


@pytest.mark.parametrize("marker", [1e6, np.nan])
def test_nothing_learns_from_features_of_unseen_compositions(marker):
    def marked(values):
        values[unseen_rows()] = marker
        return values

    assert unseen_rows().sum() > 10
    for change in (None, marked):
        call = training(inputs(change=change))
        learned = adversaries_of(call, CompositionTable.of(call.inputs["compositions"]))
        if change:
            assert not (learned.material.features > 100).any()
            assert torch.isfinite(learned.material.features).all()
        for _ in range(3):
            learned.step()
        found = learned.networks.state_dict()
        if change is None:
            clean = found
    assert all(torch.equal(clean[name], found[name]) for name in clean)


def test_no_classifier_learns_from_features_of_unseen_compositions():
    def marked(values):
        values[unseen_rows()] *= 3
        return values

    trained = []
    for change in (None, marked):
        call = training(
            inputs(change=change), train={"epochs": 2, "batch": 5, "learning_rate": 0.1}
        )
        call.components["classifier"] = NearestPrototype()
        trained.append(train_classifier(call).weights)
    assert all(torch.equal(trained[0][name], trained[1][name]) for name in trained[0])


class Dying:
    """A checkpoint that keeps what is saved at a step, and stops the training there."""

    def __init__(self, saved=None):
        self.saved = saved

    def load(self):
        return self.saved

    def save(self, snapshot):
        copies = {name: tensor.clone() for name, tensor in snapshot.tensors.items()}
        self.saved = Snapshot({**snapshot.record}, copies)


@pytest.mark.parametrize("stopped", [1, 2, 4, 5])
def test_a_stopped_training_goes_on_to_the_same_numbers(stopped):
    given = inputs()
    whole = train_generator(training(given))
    kept = Dying()
    call = training(given, checkpoint=kept)
    learned = adversaries_of(call, CompositionTable.of(given["compositions"]))
    for _ in range(stopped):
        learned.step()
    learned.save()
    assert kept.saved is not None
    again = train_generator(training(given, checkpoint=Dying(kept.saved)))
    assert again.record == whole.record
    assert all(torch.equal(whole.weights[name], again.weights[name]) for name in whole.weights)


def test_a_checkpoint_of_other_networks_is_left_alone():
    given = inputs()
    kept = Dying()
    other = adversaries_of(
        training(given, TaskAwareSampling(width=4, hidden=8, noise=3), kept),
        CompositionTable.of(given["compositions"]),
    )
    other.step()
    other.save()
    whole = train_generator(training(given))
    assert train_generator(training(given, checkpoint=Dying(kept.saved))).record == whole.record


def test_a_loss_that_is_not_finite_names_itself_and_the_step():
    def broken(values):
        values[~unseen_rows()] = np.inf
        return values

    with pytest.raises(CellError, match=r"critic loss became nan by step 1"):
        train_generator(training(inputs(change=broken)))


def test_features_as_large_as_numbers_go_are_scaled():
    def large(values):
        return values * 1e30

    call = training(inputs(change=large))
    learned = adversaries_of(call, CompositionTable.of(call.inputs["compositions"]))
    assert learned.material.features.square().mean().item() == pytest.approx(1.0)


def test_a_long_enough_training_names_unseen_compositions():
    given = compositions() | features(dataset=Composed(noise=0.3))
    train = {"steps": 300, "batch": 32, "critic_steps": 2, "learning_rate": 3e-3}
    train |= {"word_rate": 3e-3, "classification": 0.1}
    found = train_generator(training(given, train=train, networks={"words": 16, "critic": 32}))
    unseen = CompositionTable.of(given["compositions"]).seen.size - sum(
        given["compositions"].record["seen"]
    )
    assert found.record["evaluation"]["test"]["unseen"][0] > 2 / unseen
    oracle = train_oracle(training(given, train={"epochs": 60, "batch": 16, "learning_rate": 0.03}))
    assert oracle.record["evaluation"]["test"]["unseen"][0] > 0.9


def test_the_critic_comes_near_slope_one():
    train = {"steps": 200, "batch": 32, "critic_steps": 5, "learning_rate": 1e-3}
    found = train_generator(training(inputs(), train=train, networks={"words": 16, "critic": 64}))
    assert 0.8 <= found.record["slope"] <= 1.2

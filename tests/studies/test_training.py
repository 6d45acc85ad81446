"""`train` in both studies: steps or epochs, a rate that falls or stays, and what a job may say."""

from __future__ import annotations

import pytest
import torch
from multitask_cells import FakeCall, Kept, Made, several
from multitask_cells import training as multitask_call

from taskspace.components import Loss
from taskspace.errors import JobInvalid
from taskspace.jobs import load_job
from taskspace.learning.networks import build_network as taxonomy_network
from taskspace.learning.storing import store_examples, store_images
from taskspace.learning.training import Training
from taskspace.registry import Registry
from taskspace.studies.multitask.cells.networks import build_network as multitask_network
from taskspace.studies.multitask.cells.networks import train_network as train_multitask
from taskspace.studies.multitask.job import MultitaskTraining
from taskspace.studies.taxonomy.cells.networks import train_network as train_taxonomy
from taskspace_plugins.encoders.mlp import Mlp
from taskspace_plugins.gating.shared import Shared
from taskspace_plugins.readouts.linear import Linear
from taskspace_plugins.tasks.labels.classification import Classification

BATCH, RATE = 8, 0.01
SHARES = [["train", 0.7], ["transfer", 0.1], ["select", 0.1], ["test", 0.1]]
JOBS = {
    "taxonomy": {"tasks": ["identity", "parity"], "solve": {"budgets": [1]}},
    "multitask": {"schemes": ["shared"]},
}


class Downhill(Classification):
    """A loss that falls as fast wherever one stands: Adam moves a bias by the rate, each step."""

    name = "downhill"

    def loss(self, prediction, target):
        return Loss(prediction.sum(dim=1), target >= 0)


def taxonomy_call(said: dict) -> FakeCall:
    dataset, task = Made(labels={"t0": [0, 1, 2, 1] * 10}), Downhill(field="t0")
    whole = {"start": 0, "stop": dataset.length(), "seed": 0}
    data = {"dataset": dataset, "task": task}
    inputs = {
        "image0": Kept(store_images(FakeCall("images/0", whole, data))),
        "target0": Kept(store_examples(FakeCall("examples/t0/0", whole, data))),
    }
    components = data | {"encoder": Mlp(width=8, depth=2), "decoder": Linear()}
    splits = {"shares": SHARES, "seed": 0}
    parameters = {"split": "train", "frozen": False, "schedule": said, "splits": splits, "seed": 1}
    return FakeCall("train/t0", parameters, components, inputs)


def trained_taxonomy(said: dict):
    call = taxonomy_call(said)
    return taxonomy_network(call).state_dict(), train_taxonomy(call)


def trained_multitask(said: dict):
    dataset = several()
    tasks = {name: Downhill(field=name) for name in dataset.labels}
    call = multitask_call(dataset, Shared(), tasks, train=said)
    return multitask_network(call).state_dict(), train_multitask(call)


TRAINED = {"taxonomy": trained_taxonomy, "multitask": trained_multitask}
DEFAULTS = {"taxonomy": "cosine", "multitask": "constant"}
SAMPLES = {"taxonomy": 28, "multitask": 30}


def way_of_the_bias(study: str, said: dict) -> float:
    """Return how far the biases of the last layer went, which is equally far for all."""
    before, after = TRAINED[study](said)
    name = [name for name in before if name.endswith("bias")][-1]
    moved = before[name] - after.weights[name]
    assert torch.allclose(moved, moved.flatten()[0].expand_as(moved), rtol=1e-4)
    return float(moved.flatten()[0])


@pytest.mark.parametrize("steps", [1, 3, 9])
@pytest.mark.parametrize("study", TRAINED)
def test_a_constant_rate_stays_and_a_cosine_halves_the_way(study, steps):
    said = {"steps": steps, "batch": BATCH, "learning_rate": RATE}
    constant = way_of_the_bias(study, said | {"schedule": "constant"})
    cosine = way_of_the_bias(study, said | {"schedule": "cosine"})
    assert constant == pytest.approx(RATE * steps, rel=1e-4)
    # The sum of (1 + cos(pi k / n)) / 2 over k = 0 .. n - 1 is (n + 1) / 2.
    assert cosine == pytest.approx(RATE * (steps + 1) / 2, rel=1e-4)
    assert way_of_the_bias(study, said) == {"constant": constant, "cosine": cosine}[DEFAULTS[study]]


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("study", TRAINED)
def test_steps_are_the_batches_of_as_many_epochs(study, schedule):
    said = {"batch": BATCH, "learning_rate": RATE, "schedule": schedule}
    _, by_epochs = TRAINED[study](said | {"epochs": 2})
    _, by_steps = TRAINED[study](said | {"steps": 2 * -(-SAMPLES[study] // BATCH)})
    assert by_epochs.weights.keys() == by_steps.weights.keys()
    for name, weights in by_epochs.weights.items():
        assert torch.equal(weights, by_steps.weights[name])


def read(study: str, train: dict):
    job = {"study": study, "name": "it", "dataset": "digits"} | JOBS[study] | {"train": train}
    return load_job(job, catalogue=Registry.load(plugins=False)).job.train


@pytest.mark.parametrize("study", JOBS)
@pytest.mark.parametrize(
    ("train", "at"),
    [
        ({"epochs": 2, "steps": 3}, "train.epochs"),
        ({"steps": 0}, "train.steps"),
        ({"epochs": 0}, "train.epochs"),
        ({"batch": 0}, "train.batch"),
        ({"learning_rate": 0}, "train.learning_rate"),
        ({"schedule": "cosin"}, "train.schedule"),
        ({"rate": 1}, "train.rate"),
    ],
)
def test_a_bad_value_is_refused_at_its_place(study, train, at):
    with pytest.raises(JobInvalid) as caught:
        read(study, train)
    assert [problem.path for problem in caught.value.problems] == [at]


def test_held_out_images_belong_to_the_study_that_has_them():
    assert read("taxonomy", {"held_out": 0.2}).held_out == 0.2
    with pytest.raises(JobInvalid, match="held_out"):
        read("multitask", {"held_out": 0.2})


@pytest.mark.parametrize(
    ("study", "train", "parameters"),
    [
        ("taxonomy", {}, {"epochs": 30, "batch": 64, "learning_rate": 3e-3}),
        ("taxonomy", {"schedule": "cosine", "held_out": 0},
         {"epochs": 30, "batch": 64, "learning_rate": 3e-3}),
        ("taxonomy", {"steps": 9, "schedule": "constant"},
         {"steps": 9, "batch": 64, "learning_rate": 3e-3, "schedule": "constant"}),
        ("multitask", {"schedule": "constant"},
         {"epochs": None, "steps": None, "batch": 64, "learning_rate": 1e-3, "eval_every": None}),
        ("multitask", {"steps": 9, "schedule": "cosine"},
         {"epochs": None, "steps": 9, "batch": 64, "learning_rate": 1e-3, "eval_every": None,
          "schedule": "cosine"}),
    ],
)  # fmt: skip
def test_a_key_names_the_schedule_only_where_it_is_not_the_study_s_own(study, train, parameters):
    training = read(study, train)
    assert training.parameters() == parameters
    assert type(training)(**parameters).parameters() == parameters


@pytest.mark.parametrize(
    ("training", "steps"),
    [(Training(), 30 * 3), (MultitaskTraining(), 20 * 3), (Training(epochs=2, batch=65), 4),
     (Training(steps=7), 7)],
)  # fmt: skip
def test_a_study_has_its_own_number_of_epochs(training, steps):
    assert training.total(130) == steps

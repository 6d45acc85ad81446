"""One training: what it reads, what it moves, what it counts, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from multitask_cells import FakeCall, Made, one_each, several, training

from taskspace.components import Loss, Weighting
from taskspace.components.loss_weights import LossWeights, mean_over_present
from taskspace.components.multiply_adds import multiply_adds
from taskspace.errors import CellError
from taskspace.learning.splits import call_split
from taskspace.learning.storing import store_examples
from taskspace.studies.multitask.cells.data import labelled, load
from taskspace.studies.multitask.cells.learner import Draws
from taskspace.studies.multitask.cells.losses import pair_losses
from taskspace.studies.multitask.cells.networks import (
    build_network,
    train_network,
    training_samples,
)
from taskspace_plugins.encoders.mlp import Mlp
from taskspace_plugins.gating.multi_clustering import MultiClustering
from taskspace_plugins.gating.separate import Separate
from taskspace_plugins.gating.shared import Shared
from taskspace_plugins.gating.ungated import Ungated
from taskspace_plugins.tasks.labels.classification import Classification
from taskspace_plugins.weightings.equal import Equal
from taskspace_plugins.weightings.rlw import Rlw

COST = multiply_adds(Mlp(width=8, depth=2).build((1, 1, 8)), (1, 1, 8))
"""Of one expert for a sample."""
SCHEMES = {
    "shared": Shared(),
    "separate": Separate(),
    "ungated": Ungated(experts=3),
    "multi_clustering": MultiClustering(experts=3, layers=2),
}


@pytest.mark.parametrize("samples", [one_each, several], ids=lambda made: made.__name__)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_equal_calls_give_equal_results(scheme, samples):
    call = training(samples(), SCHEMES[scheme], weighting=Rlw())
    one, other = train_network(call), train_network(call)
    assert {k: v for k, v in one.record.items() if k != "timing"} == {
        k: v for k, v in other.record.items() if k != "timing"
    }
    for found, again in ((one.weights, other.weights), (one.arrays, other.arrays)):
        assert found.keys() == again.keys() and found
        assert all(np.array_equal(found[name], again[name]) for name in found)
    start = build_network(call).state_dict()
    assert any(not torch.equal(start[name], one.weights[name]) for name in start)


def test_losses_stand_at_their_pairs():
    dataset = Made(labels={"t0": [0, -1, 2, 1, -1], "t1": [1, 2, -1, 0, -1]}, said=None)
    call = training(dataset, Separate())
    network = build_network(call).eval()
    data = load(call, np.arange(4))
    tasks = [call.components["task0"], call.components["task1"]]
    rows = torch.tensor([2, 0, 3, 1])
    output = network(data.images[rows], data.labelled[rows])
    found = pair_losses(tasks, output, data, rows)
    for value, row, task in zip(found.value, output.pairs.row, output.pairs.task, strict=True):
        sample = rows[row : row + 1]
        asked = torch.zeros(1, 2, dtype=torch.bool)
        asked[0, task] = True
        alone = network(data.images[sample], asked).predictions[task]
        label = torch.tensor(dataset.labels[f"t{task}"])[sample]
        assert value.item() == pytest.approx(tasks[task].loss(alone, label).value.item(), abs=1e-6)
    assert len(found.value) == 6 and found.valid.all()


def test_what_a_batch_lacks_is_not_moved():
    seed = 5
    # All training samples are of t0 but for one, which the only step does not see.
    last = int(torch.randperm(6, generator=Draws.of(seed).shuffles)[-1])
    own = [-1 if row == last else row % 3 for row in range(6)]
    other = [1 if row == last else -1 for row in range(6)]
    labels = {"t0": [*own, 0], "t1": [*other, 1]}
    dataset = Made(labels=labels, said=["train"] * 6 + ["test"])
    short = {"steps": 1, "batch": 2, "learning_rate": 0.1}
    call = training(dataset, Separate(), train=short, seed=seed)
    before, after = build_network(call).state_dict(), train_network(call)
    moved = {name for name in before if not torch.equal(before[name], after.weights[name])}
    assert moved and all(".0." in name for name in moved), moved
    assert after.record["curve"]["loss"][0][1] is None
    assert after.record["curve"]["loss"][0][0] > 0


@pytest.mark.parametrize(
    ("scheme", "samples", "experts"),
    [("shared", several, 1), ("separate", several, 2), ("ungated", several, 3),
     ("shared", one_each, 1), ("separate", one_each, 1), ("ungated", one_each, 3)],
)  # fmt: skip
def test_multiply_adds_count_the_experts_that_ran(scheme, samples, experts):
    record = train_network(training(samples(), SCHEMES[scheme])).record
    assert record["multiply_adds"] == experts * COST
    # One task alone, with its head: of `separate`, one expert is left.
    alone = 3 if scheme == "ungated" else 1
    assert record["deployed"] == [alone * COST + 8 * 3] * 2
    assert record["evaluation"]["task"]["multiply_adds"] == experts * COST


def test_closed_gates_cost_nothing():
    dense = {"density_cost": 50.0, "experts": 4}
    long = {"steps": 200, "batch": 8, "learning_rate": 0.05}
    record = train_network(training(one_each(), MultiClustering(**dense), train=long)).record
    assert np.sum(record["expected"]) < 0.2
    assert record["evaluation"]["task"]["kept"] == [[1, 1]]
    assert record["evaluation"]["task"]["multiply_adds"] == COST
    assert record["evaluation"]["all"]["multiply_adds"] == 4 * COST
    assert record["multiply_adds"] < COST


def test_the_metric_is_the_share_of_right_answers_on_the_test_samples():
    call = training(one_each(), SCHEMES["multi_clustering"])
    made = train_network(call)
    network = build_network(call)
    network.load_state_dict(made.weights)
    network.eval()
    tests = call_split(call).test
    for number in range(2):
        own = tests[labelled(call)[tests, number]]
        sample = call.components["dataset"].read(own)
        said = network.export(number)(sample["image"]).argmax(dim=1)
        right = (said == sample[f"t{number}"]).double().mean().item()
        assert made.record["evaluation"]["task"]["metric"][number] == pytest.approx(right)
    assert not set(tests) & set(training_samples(call))


def test_training_sets_grow_by_class():
    call = training(one_each(samples=200), Shared())
    sets = []
    for size in (10, 30, 90):
        call.parameters["size"] = size
        sets.append(set(training_samples(call)))
        labels = call.components["dataset"].labels
        pool, chosen = np.array(call_split(call).train), np.array(sorted(sets[-1]))
        for name in labels:
            for label in range(3):
                there = (np.array(labels[name])[pool] == label).sum() * size / len(pool)
                assert abs((np.array(labels[name])[chosen] == label).sum() - there) <= 1.5
    assert sets[0] < sets[1] < sets[2]
    assert [len(each) for each in sets] == [10, 30, 90]


def test_tests_on_the_way_change_nothing():
    call = training(one_each(), SCHEMES["multi_clustering"])
    without = train_network(call)
    call.parameters["train"] |= {"eval_every": 4}
    on_the_way = train_network(call)
    assert on_the_way.record["curve"]["step"] == [4, 6]
    assert len(on_the_way.record["curve"]["metric"]) == 2
    assert without.record["evaluation"] == on_the_way.record["evaluation"]


@pytest.mark.parametrize("label", [3, -2])
def test_a_label_out_of_range_is_named(label):
    dataset = Made(labels={"t0": [0, 1, 2] * 100 + [label]})
    components = {"dataset": dataset, "task": Classification(field="t0")}
    call = FakeCall("examples/t0/0", {"start": 0, "stop": 301, "seed": 0}, components)
    with pytest.raises(CellError, match=rf"Sample 300 has the label {label}.*0 to 2"):
        store_examples(call)


def test_a_task_without_training_samples_is_named():
    dataset = Made(labels={"t0": [0, 1, 2, 0], "t1": [-1, -1, -1, 2]},
                   said=["train"] * 3 + ["test"])  # fmt: skip
    with pytest.raises(CellError, match=r"None of the 3 training samples has a label of .*'t1'"):
        train_network(training(dataset, Shared()))


def test_more_samples_than_have_labels_are_refused():
    dataset = Made(labels={"t0": [0, 1, -1, -1, 2]}, said=["train"] * 4 + ["test"])
    with pytest.raises(CellError, match="2 training samples have a label, and 3 are asked for"):
        train_network(training(dataset, Shared(), size=3))


class Counts(LossWeights):
    """Weights that note what they are given."""

    def __init__(self):
        super().__init__()
        self.steps, self.ends, self.drawn = 0, [], []

    def forward(self, losses, gramian=None, *, generator=None):
        assert gramian is None and not losses.value.requires_grad
        self.steps += 1
        self.drawn.append(torch.rand((), generator=generator).item())
        return mean_over_present(torch.ones(2), losses.present)

    def end_epoch(self):
        self.ends.append(self.steps)


class Counting(Weighting):
    """A weighting that notes what it is given."""

    name = "counting"

    def build(self, tasks):
        return Counts()


def test_a_weighting_hears_of_each_step_and_of_each_epoch(monkeypatch):
    made = []
    monkeypatch.setattr(Counting, "build", lambda self, tasks: made.append(Counts()) or made[-1])
    call = training(several(), SCHEMES["ungated"], weighting=Counting())
    call.parameters["train"] |= {"steps": 17}
    counted = train_network(call)
    # 30 of 40 samples train, 4 a step: an epoch is 8 steps.
    assert (made[0].steps, made[0].ends) == (17, [8, 16])
    # Its draws are its own, and equal weights are what `equal` says.
    train_network(call)
    assert made[0].drawn == made[1].drawn
    call.components["weighting"] = Equal()
    equal = train_network(call)
    assert equal.record["evaluation"] == counted.record["evaluation"]


class Bursting(Classification):
    """A task whose loss is no number for one of its classes."""

    name = "bursting"

    def loss(self, prediction, target):
        value, valid = super().loss(prediction, target)
        return Loss(value * torch.where(target == 2, torch.inf, 1.0), valid)


def test_a_loss_that_is_no_number_is_named_with_its_task_and_step():
    labels = [0, 1] * 12
    labels[7] = 2
    said = ["train"] * 20 + ["test"] * 4
    dataset = Made(labels={"t0": [0, 1] * 12, "t1": labels}, said=said)
    tasks = {"calm": Classification(field="t0"), "burst": Bursting(field="t1")}
    order = torch.randperm(20, generator=Draws.of(5).shuffles).tolist()
    step = order.index(7) // 4 + 1
    with pytest.raises(CellError, match=rf"the task 'burst' became inf at step {step}\.") as error:
        train_network(training(dataset, Separate(), tasks))
    assert error.value.where == "train/it/all/0"
    # As a test sample it spoils no training, and is found all the same.
    dataset = Made(labels=dataset.labels, said=["test" if i == 7 else "train" for i in range(24)])
    with pytest.raises(CellError, match="test loss of the task 'burst' is not finite"):
        train_network(training(dataset, Separate(), tasks))

"""Gradients, weights and batches of co-training, against sums and permutations written out here."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from cotraining_cells import arm_call, beside, progress_of
from multitask_cells import FakeCall, Made, several
from torch import Tensor

from taskspace.components import Example, Loss, Sample, Snapshot
from taskspace.errors import CellError
from taskspace.studies.cotraining.cells.arm import build_network, train_arm
from taskspace.studies.cotraining.cells.learners import (
    arm_split,
    auxiliary_learner,
    central_learner,
)
from taskspace.studies.cotraining.cells.network import CotrainedNetwork
from taskspace.studies.cotraining.cells.progress import ArmProgress
from taskspace.studies.cotraining.cells.training import train
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.tasks.labels.classification import Classification
from taskspace_plugins.tasks.self_supervised.autoencoding import Autoencoding

CENTRAL = ("shared.", "replicated.0.", "readouts.0.")


def central_part(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in weights.items() if name.startswith(CENTRAL)}


def equal(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    assert one.keys() == other.keys() and one
    return all(torch.equal(value, other[name]) for name, value in one.items())


def gradients(progress: ArmProgress) -> dict[str, Tensor | None]:
    return {name: p.grad for name, p in progress.network.named_parameters()}


def mean_losses(call: FakeCall) -> tuple[CotrainedNetwork, dict[int, tuple[float, Tensor]]]:
    """Return a fresh network, and the weight and mean loss of each task on its first batch."""
    fresh = progress_of(call)
    losses = {}
    for learner in fresh.learners:
        rows = learner.batches.next()
        prediction = fresh.network.branch(learner.number)(learner.data.inputs[rows])
        loss = learner.task.loss(prediction, learner.data.targets[rows]).value.mean()
        losses[learner.number] = learner.weight, loss
    return fresh.network, losses


def test_shared_stages_get_gradients_of_every_task_and_copies_of_their_own_alone():
    call = arm_call(beside("t1", weight=0.5), beside("t2", weight=2.0))
    progress = progress_of(call)
    progress.step()
    stepped = gradients(progress)
    network, losses = mean_losses(call)
    names = [name for name, _ in network.named_parameters()]
    own = {
        number: dict(
            zip(
                names,
                torch.autograd.grad(weight * loss, list(network.parameters()), allow_unused=True),
                strict=True,
            )
        )
        for number, (weight, loss) in losses.items()
    }
    for name, gradient in stepped.items():
        part, _, rest = name.partition(".")
        parts = [own[number][name] for number in own]
        if part == "shared":
            assert all(each.abs().sum() > 0 for each in parts)
            torch.testing.assert_close(gradient, sum(parts), rtol=1e-5, atol=1e-7)
        else:
            task = int(rest.partition(".")[0])
            assert [each is None for each in parts] == [number != task for number in own]
            torch.testing.assert_close(gradient, parts[task], rtol=1e-5, atol=1e-7)


def test_with_no_weight_training_is_that_without_the_task_bit_by_bit():
    alone, beside_nothing = (
        train_arm(arm_call(*auxiliary)) for auxiliary in ((), (beside("t1", weight=0.0),))
    )
    assert equal(central_part(alone.weights), central_part(beside_nothing.weights))
    central = [result.record["tasks"][0] for result in (alone, beside_nothing)]
    assert central[0] == central[1]
    assert beside_nothing.record["tasks"][1]["seen"] == 0


def test_with_nothing_shared_the_central_task_learns_as_if_alone():
    alone, apart, joint = (
        train_arm(arm_call(*auxiliary, share=share))
        for auxiliary, share in (((), 0), ((beside("t1", weight=3.0),), 0),
                                 ((beside("t1", weight=3.0),), 1))
    )  # fmt: skip
    assert equal(central_part(alone.weights), central_part(apart.weights))
    assert alone.record["tasks"][0] == apart.record["tasks"][0] != joint.record["tasks"][0]


def test_all_arms_start_alike_and_give_the_central_task_equal_batches():
    arms = [(), (beside("t1"),), (beside("t2", every=3), beside("t1", shuffled=True))]
    progresses = [progress_of(arm_call(*auxiliary)) for auxiliary in arms]
    first, *others = (central_part(each.network.state_dict()) for each in progresses)
    assert all(equal(first, other) for other in others)
    batches = [[each.learners[0].batches.next() for _ in range(20)] for each in progresses]
    for own in batches[1:]:
        assert all(torch.equal(a, b) for a, b in zip(batches[0], own, strict=True))
    replicated = progresses[2].network.replicated
    assert equal(replicated[0].state_dict(), replicated[2].state_dict())
    last = progresses[2].network.state_dict()
    assert not torch.equal(last["readouts.0.1.weight"], last["readouts.1.1.weight"])


def test_a_task_has_equal_batches_alone_and_beside_others():
    alone = progress_of(arm_call(beside("t1")))
    both = progress_of(arm_call(beside("t2"), beside("t1")))
    for _ in range(10):
        assert torch.equal(alone.learners[1].batches.next(), both.learners[2].batches.next())


def test_a_task_learns_in_the_first_of_so_many_steps_with_its_own_batch():
    progress = progress_of(arm_call(beside("t1", every=3, batch=5), beside("t2", batch=7)))
    rested = []
    for _ in range(6):
        progress.step()
        rested.append(progress.network.replicated[1][0][1].weight.grad is None)
    assert rested == [False, True, True, False, True, True]
    assert progress.seen == [6 * 4, 2 * 5, 6 * 7]
    window = torch.stack(progress.window)
    assert window[:, 1].isnan().tolist() == rested and not window[:, [0, 2]].isnan().any()


def test_weights_that_rest_do_not_move():
    progress = progress_of(arm_call(beside("t1", every=2)))
    progress.step()
    before = {n: v.clone() for n, v in progress.network.readouts[1].state_dict().items()}
    progress.step()
    assert equal(before, progress.network.readouts[1].state_dict())


class OneSnapshot:
    """A checkpoint in memory."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None

    def load(self) -> Snapshot | None:
        return self.snapshot

    def save(self, snapshot: Snapshot) -> None:
        tensors = {name: tensor.clone() for name, tensor in snapshot.tensors.items()}
        self.snapshot = Snapshot(json.loads(json.dumps(snapshot.record)), tensors)


@pytest.mark.parametrize("before", [3, 4])
def test_a_training_resumed_between_steps_equals_an_undisturbed_one(before):
    """Three steps are within a window of the curve, four at its end."""
    changes = {"train": {"steps": 10, "batch": 4, "learning_rate": 0.01, "eval_every": 4}}
    call = arm_call(beside("t1", every=2), beside("t2", shuffled=True), **changes)
    whole = progress_of(call)
    train(whole, None, "whole")
    call.checkpoint = OneSnapshot()
    begun, resumed = progress_of(call), progress_of(call)
    for _ in range(before):
        begun.step()
    if begun.ends_window():
        begun.window = []
        begun.curve.step.append(before)
        begun.curve.loss.append(whole.curve.loss[0])
    begun.save()
    for learner in resumed.learners:
        learner.batches.next()  # What it has drawn before counts for nothing.
    resumed.resume()
    assert resumed.done == before
    train(resumed, None, "resumed")
    assert equal(whole.network.state_dict(), resumed.network.state_dict())
    assert whole.curve == resumed.curve and whole.seen == resumed.seen


def test_shuffled_labels_have_the_same_histogram_and_the_same_images():
    call = arm_call(beside("t1"), beside("t1", shuffled=True))
    split = arm_split(call)
    true, shuffled = (auxiliary_learner(call, number, split) for number in (1, 2))
    assert torch.equal(true.data.inputs, shuffled.data.inputs)
    assert not torch.equal(true.data.targets, shuffled.data.targets)
    assert torch.equal(true.data.targets.sort().values, shuffled.data.targets.sort().values)


def test_images_without_a_label_are_left_out_for_that_task_alone():
    labels = several(samples=40, tasks=2).labels
    labels["t0"][:20], labels["t1"][10:] = [-1] * 20, [-1] * 30
    call = arm_call(beside("t1", images=5), dataset=Made(labels=labels))
    split = arm_split(call)
    rows = set(split.train.tolist())
    central, auxiliary = central_learner(call, split), auxiliary_learner(call, 1, split)
    assert len(central.data.targets) == len(rows & set(range(20, 40)))
    assert len(auxiliary.data.targets) == 5
    tested = [task["tested"] for task in train_arm(call).record["tasks"]]
    test = set(split.test.tolist())
    assert tested == [len(test & set(range(20, 40))), len(test & set(range(10)))]


def test_more_central_labels_hold_fewer_and_classes_keep_their_shares():
    images = {}
    for count in (9, 21):
        call = arm_call(dataset=several(samples=60, tasks=1), labels=count)
        learner = central_learner(call, arm_split(call))
        images[count] = {tuple(row.flatten().tolist()) for row in learner.data.inputs}
        shares = np.bincount(learner.data.targets.numpy(), minlength=3) / count
        whole = arm_call(dataset=several(samples=60, tasks=1))
        every = central_learner(whole, arm_split(whole)).data.targets.numpy()
        assert np.abs(shares - np.bincount(every) / len(every)).max() < 1.5 / count
    assert images[9] < images[21]


def test_too_few_labels_are_refused_with_the_number_that_there_is():
    labels = several(samples=40, tasks=2).labels
    labels["t0"][:] = [-1] * 35 + [0, 1, 2, 1, 0]
    with pytest.raises(CellError, match="label of the task 't0', and 20 are asked for"):
        train_arm(arm_call(dataset=Made(labels=labels), labels=20))
    labels["t1"][:] = [-1] * 40
    with pytest.raises(CellError, match="0 training images have a label of the task 't1'"):
        train_arm(arm_call(beside("t1"), dataset=Made(labels=labels)))


class Mirrored(Classification):
    """Which of two images was mirrored, as a task of two views."""

    name = "mirrored"
    plain_input = False
    views = 2

    def example(self, sample: Sample, generator: torch.Generator) -> Example:
        image = sample["image"]
        return Example(torch.stack([image, image.flip(-1)], dim=1), self.target(sample))


class Broken(Classification):
    """A task whose loss is not finite."""

    name = "broken"

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        value, valid = super().loss(prediction, target)
        return Loss(value / 0 if prediction.requires_grad else value, valid)


def test_tasks_of_several_views_and_of_maps_share_the_encoder():
    tasks = {
        "t0": Classification(field="t0"),
        "views": Mirrored(field="t1"),
        "pixels": Autoencoding(),
    }
    call = arm_call(
        beside("views"), beside("pixels"), tasks=tasks, encoder=ConvPool(width=4, depth=2)
    )
    record = train_arm(call).record
    assert [task["name"] for task in record["tasks"]] == ["t0", "views", "pixels"]
    assert all(task["loss"] > 0 for task in record["tasks"])
    readouts = build_network(call).readouts
    assert readouts[1][1].in_features == 2 * readouts[0][1].in_features


def test_a_loss_that_is_not_finite_names_its_task_and_step():
    tasks = {"t0": Classification(field="t0"), "t1": Broken(field="t1")}
    with pytest.raises(CellError, match="loss of the task 't1' became inf at step 1"):
        train_arm(arm_call(beside("t1"), tasks=tasks))

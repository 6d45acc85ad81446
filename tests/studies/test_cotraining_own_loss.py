"""A readout with a loss of its own is trained and tested by it; other studies refuse it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from cotraining_cells import arm_call, beside, progress_of
from cotraining_jobs import cotraining_job, run
from discovery_jobs import discovery_job
from multitask_cells import FakeCall
from torch import Tensor, nn

from recommend_jobs import job as recommend_job
from rectangles import RectangleBoxes, Rectangles
from taskspace.components import Loss, OwnLoss, Readout
from taskspace.components.detection.boxes import pack_detections, unpack_boxes
from taskspace.errors import InputError
from taskspace.learning.examples import labelled
from taskspace.studies.cotraining.cells.arm import train_arm
from taskspace.studies.cotraining.cells.learners import arm_split, slot, task_examples
from taskspace_plugins import _installed
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.readouts.linear import Linear
from taskspace_plugins.tasks.self_supervised.autoencoding import Autoencoding

CENTRAL = ("shared.", "replicated.0.", "readouts.0.")
TASKS = {"t0": RectangleBoxes(), "t1": Autoencoding()}


class FirstBox(nn.Module):
    """The four sides of an image's first box, learnt from how far off they are."""

    def __init__(self, code: int, side: int) -> None:
        super().__init__()
        self.layer = nn.Linear(code, 4)
        self.side = side

    def forward(self, code: Tensor) -> Tensor:
        sides = self.layer(code.flatten(1)) * self.side
        present = torch.ones(len(code), 1)
        return pack_detections(sides[:, None], present - 1, present, present > 0)

    def loss(self, code: Tensor, target: Tensor) -> Loss:
        boxes = unpack_boxes(target)
        off = (self(code)[:, 0, :4] - boxes.boxes[:, 0]).abs().mean(1) / self.side
        return Loss(off, boxes.labelled)


class FirstBoxes(Readout):
    """Builds it."""

    name = "first_boxes"
    own_loss = True

    def build(self, code, head, image):
        return FirstBox(code[0] * code[1] * code[2], image[1])


def detection_call(*auxiliary: dict[str, Any]) -> FakeCall:
    data = Rectangles(images=40, side=16)
    call = arm_call(*auxiliary, dataset=data, tasks=TASKS, encoder=ConvPool(width=4, depth=2))
    call.components["readout0"] = FirstBoxes()
    return call


def central_part(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in weights.items() if name.startswith(CENTRAL)}


def test_a_network_says_whether_it_has_a_loss_of_its_own():
    assert isinstance(FirstBox(4, 4), OwnLoss)
    assert not isinstance(Linear().build((2, 2, 2), TASKS["t0"].head({}), (3, 16, 16)), OwnLoss)


def test_gradients_of_an_own_loss_reach_the_shared_stages():
    call = detection_call(beside("t1", weight=2.0))
    progress, fresh = progress_of(call), progress_of(call)
    progress.step()
    total = torch.zeros(())
    for learner in fresh.learners:
        branch, rows = fresh.network.branch(learner.number), learner.batches.next()
        inputs, target = learner.data.inputs[rows], learner.data.targets[rows]
        if learner.number:
            losses = learner.task.loss(branch(inputs), target)
        else:
            losses = branch.decoder.loss(branch.encode(inputs), target)
            assert losses.valid.all()  # images without the label are left out beforehand
        total = total + learner.weight * losses.value.mean()
    total.backward()
    stepped, wanted = (dict(each.network.named_parameters()) for each in (progress, fresh))
    assert wanted["readouts.0.layer.weight"].grad.abs().sum() > 0
    for name, parameter in wanted.items():
        torch.testing.assert_close(stepped[name].grad, parameter.grad, rtol=1e-5, atol=1e-7)


def test_with_no_weight_an_own_loss_is_trained_as_alone_bit_by_bit():
    alone, beside_nothing = (
        train_arm(detection_call(*auxiliary)) for auxiliary in ((), (beside("t1", weight=0.0),))
    )
    one, other = (central_part(each.weights) for each in (alone, beside_nothing))
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    assert alone.record["tasks"][0] == beside_nothing.record["tasks"][0]


def test_test_images_are_measured_by_the_own_loss_and_the_metric_of_the_task():
    call = detection_call()
    trained = train_arm(call)
    network = progress_of(call).network.eval()
    network.load_state_dict(trained.weights)
    rows = arm_split(call).test
    rows = rows[labelled(call, slot(0))[rows]]
    data, branch = task_examples(call, 0, rows), network.branch(0)
    with torch.no_grad():
        own = branch.decoder.loss(branch.encode(data.inputs), data.targets).value.mean()
        metric = TASKS["t0"].measure(branch(data.inputs), data.targets).value.mean()
    record = trained.record["tasks"][0]
    assert record["tested"] == len(rows) > 5
    assert record["loss"] == pytest.approx(float(own), rel=1e-5)
    assert record["metric"] == pytest.approx(float(metric), rel=1e-5)


DETECTOR = "faster_rcnn"
TAXONOMY = {"study": "taxonomy", "name": "small", "dataset": "digits", "tasks": ["identity"]}
MULTITASK = {
    "study": "multitask",
    "name": "small",
    "dataset": "digits",
    "tasks": ["identity", "parity"],
    "schemes": ["shared"],
    "encoder": "mlp",
}
EXPERTS = [{**each, "decoder": DETECTOR} for each in recommend_job()["experts"]]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (cotraining_job(readout=DETECTOR), "readout"),
        (
            cotraining_job(auxiliary=[{"task": "rotation", "readout": DETECTOR}]),
            "auxiliary: rotation: readout",
        ),
        ({**TAXONOMY, "readout": DETECTOR}, "readout"),
        ({**MULTITASK, "readout": DETECTOR}, "readout"),
    ],
    ids=["central", "auxiliary", "taxonomy", "multitask"],
)
def test_a_detector_without_torchvision_is_refused_before_anything_is_computed(
    document, where, tmp_path, monkeypatch
):
    monkeypatch.setattr(_installed, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="'faster_rcnn' needs something") as caught:
        run(document, tmp_path)
    assert caught.value.where == where
    assert "pip install 'taskspace[vision]'" in str(caught.value)
    assert not list((tmp_path / "store").rglob("*.npz"))


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({**TAXONOMY, "readout": DETECTOR}, "readout"),
        ({**TAXONOMY, "decoder": DETECTOR}, "decoder"),
        ({**MULTITASK, "readout": DETECTOR}, "readout"),
        (discovery_job(readout=DETECTOR), "readout"),
        (recommend_job(experts=EXPERTS), "experts: decoder"),
    ],
    ids=["taxonomy", "taxonomy decoder", "multitask", "discovery", "recommend"],
)
def test_studies_of_the_losses_of_tasks_refuse_it(document, where, tmp_path, monkeypatch):
    monkeypatch.setattr(_installed, "find_spec", lambda name: object())
    with pytest.raises(InputError, match="'faster_rcnn' has a loss of its own") as caught:
        run(document, tmp_path)
    assert caught.value.where == where


def test_a_task_without_boxes_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(_installed, "find_spec", lambda name: object())
    with pytest.raises(InputError, match="cannot predict the task 'identity'") as caught:
        run(cotraining_job(readout=DETECTOR), tmp_path)
    assert caught.value.where == "tasks: identity"

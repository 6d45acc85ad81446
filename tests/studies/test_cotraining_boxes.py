"""Co-training around boxes: AP over the test images, smaller inputs, further metrics."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from boxed_images import SIDE, BoxedImages
from cotraining_cells import arm_call, beside
from test_cotraining_findings import findings_of, result_of

from taskspace.components.detection.average_precision import (
    DetectedBoxes,
    LabelledBoxes,
    average_precision,
)
from taskspace.components.detection.boxes import scores_of, unpack_boxes
from taskspace.errors import CellError
from taskspace.studies.cotraining.cells.arm import build_network, train_arm
from taskspace.studies.cotraining.cells.learners import arm_split, auxiliary_learner
from taskspace.studies.cotraining.job import AuxiliarySettings
from taskspace.studies.cotraining.result.answer import auxiliary_record
from taskspace.studies.cotraining.result.differences import differences
from taskspace.studies.cotraining.result.model import TaskOfArm
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.tasks.driving.angle_change import AngleChange
from taskspace_plugins.tasks.labels.detection import Detection
from taskspace_plugins.tasks.self_supervised.colorize_rgb import ColorizeRgb

TASKS = {"t0": Detection(), "turns": AngleChange(shrink=2), "colours": ColorizeRgb(shrink=3)}
TRAINING = {"steps": 60, "batch": 8, "learning_rate": 0.01}


def boxed_call(*names: str, depth: int = 2):
    return arm_call(
        *(beside(name) for name in names),
        dataset=BoxedImages(),
        tasks=TASKS,
        encoder=ConvPool(width=8, depth=depth),
        train=TRAINING,
    )


@pytest.fixture(scope="module")
def trained():
    call = boxed_call("turns", "colours")
    return call, train_arm(call)


def test_ap_is_of_the_labelled_test_images_against_their_own_boxes(trained):
    call, result = trained
    network = build_network(call)
    network.load_state_dict(result.weights)
    test = [row for row in arm_split(call).test.tolist() if row % 11 != 10]
    sample = BoxedImages().read(test)
    with torch.no_grad():
        decoded = TASKS["t0"].decode(network.eval().branch(0)(sample["image"]))
    found = unpack_boxes(decoded)
    labels, detections = [], []
    for place in range(len(test)):
        count = int(sample["box_count"][place])
        crowd = sample["box_crowd"][place, :count].numpy() == 1
        labels.append(
            LabelledBoxes(
                sample["boxes"][place, :count].double().numpy(),
                sample["box_class"][place, :count].numpy(),
                crowd,
            )
        )
        there = found.present[place]
        detections.append(
            DetectedBoxes(
                found.boxes[place, there].double().numpy(),
                found.classes[place, there].numpy(),
                scores_of(decoded)[place, there].double().numpy(),
            )
        )
    expected = average_precision(labels, detections, 2)
    central = result.record["tasks"][0]
    assert central["tested"] == len(test) < len(arm_split(call).test)
    assert central["overall"] == {"ap": expected.value, "ap50": expected.at_half}
    assert central["metric"] == expected.value
    assert 0 < expected.value < expected.at_half


def test_tasks_see_images_of_their_own_size(trained):
    _, result = trained
    sides = {name: array.shape[1:] for name, array in result.arrays.items()}
    assert sides["input0"] == sides["truth0"] == sides["predicted0"] == (3, *SIDE)
    # Four frames side by side.
    assert sides["input1"] == (3, 12, 4 * 20)
    assert sides["input2"] == sides["truth2"] == sides["predicted2"] == (3, 8, 14)


def test_an_encoder_that_cannot_see_small_images_is_named_with_what_to_do():
    with pytest.raises(CellError, match="'conv_pool' cannot see the 8x14 pixels") as error:
        train_arm(boxed_call("colours", depth=4))
    assert "a smaller `shrink`" in str(error.value) and "smaller `depth`" in str(error.value)


def test_a_metric_over_all_images_is_that_of_an_auxiliary_task_too():
    settings = AuxiliarySettings(task={"use": "detection", "as": "boxes"})
    record = auxiliary_record(settings, Detection())
    assert (record.name, record.metric, record.rising) == ("boxes", "ap", True)
    plain = auxiliary_record(AuxiliarySettings(task="colorize_rgb"), ColorizeRgb())
    assert (plain.metric, plain.rising) == ("l2", False)


def with_boxes(ap: float, tested: int = 100):
    """Return a result whose central metrics are AP, and AP at .5, in which arms differ more."""
    made = result_of({"turns": [0.01, 0.02, 0.03, 0.02, 0.02]})
    for trial in made.trials:
        gain = 0.1 if trial.arm == "turns" else 0.0
        overall = {"ap": ap, "ap50": ap + gain}
        values = {"base_rate": None, "metric": ap, "overall": overall, "tested": tested}
        trial.tasks[0] = TaskOfArm(**trial.central.model_dump() | values)
    central = made.central.model_copy(update={"metric": "ap", "further": ["ap50"]})
    rows = [row.model_copy(update={"metric": _constant(row.metric, ap)}) for row in made.summary]
    return made.model_copy(update={"central": central, "summary": rows})


def _constant(found, value: float):
    return found.model_copy(update={"mean": value, "low": value, "high": value})


def test_further_metrics_have_differences_of_their_own():
    trials = with_boxes(0.2).trials
    (first,), (further,) = (differences(trials, metric) for metric in ("ap", "ap50"))
    assert first.mean == pytest.approx(0) and further.mean == pytest.approx(0.1)
    assert (first.metric, further.metric) == ("ap", "ap50")


def test_an_ap_that_random_boxes_have_is_nothing_learnt():
    assert "central-not-learnt" in findings_of(with_boxes(0.004))
    assert "central-not-learnt" not in findings_of(with_boxes(0.02))
    assert "central-not-learnt" in findings_of(with_boxes(0.2, tested=8)), "by chance"


def test_a_control_has_the_boxes_of_other_images_and_the_images_of_its_own():
    call = arm_call(
        beside("boxes"),
        beside("boxes", shuffled=True),
        dataset=BoxedImages(),
        tasks={"t0": TASKS["colours"], "boxes": TASKS["t0"]},
        encoder=ConvPool(width=8, depth=2),
        train=TRAINING,
    )
    true, shuffled = (auxiliary_learner(call, number, arm_split(call)) for number in (1, 2))
    rows = torch.arange(len(true.data.targets))
    assert torch.equal(true.data.inputs[rows], shuffled.data.inputs[rows])
    tables = [learner.data.targets[rows].nan_to_num(-9).flatten(1) for learner in (true, shuffled)]
    assert not torch.equal(*tables)
    assert np.array_equal(*(np.unique(table.numpy(), axis=0) for table in tables))

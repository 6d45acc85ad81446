"""Detection by centres: targets against plain loops, boxes that come back, and learning."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from taskspace.components import BoxHead, Field
from taskspace.components.detection.boxes import pack_boxes, scores_of, unpack_boxes
from taskspace_plugins.detection.centres import boxes_of, centre_targets
from taskspace_plugins.detection.overlap import generalized_iou
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.readouts.small_detector import PRIOR, SmallDetector
from taskspace_plugins.tasks.labels.detection import BOX_WEIGHT, Detection

CLASSES = ("car", "bus", "sign")
FIELDS = {
    "image": Field((3, 32, 48)),
    "boxes": Field((4, 4), count="box_count"),
    "box_class": Field((4,), CLASSES, count="box_count"),
    "box_count": Field(()),
}
STRIDE = 4
SIDE = 8, 12


def packed(*images: list[tuple[float, ...]] | None) -> Tensor:
    """Return the target of images, each a list of (left, top, right, bottom, class[, crowd])."""
    boxes, classes = torch.full((len(images), 4, 4), torch.nan), torch.full((len(images), 4), -1)
    crowd, count = classes.clone(), torch.full((len(images),), torch.nan)
    for row, own in enumerate(images):
        if own is None:
            continue
        count[row] = len(own)
        for place, box in enumerate(own):
            boxes[row, place] = torch.tensor(box[:4])
            classes[row, place], crowd[row, place] = int(box[4]), len(box) > 5 and int(box[5])
    return pack_boxes(boxes, classes, count, crowd)


BIG = (6.0, 4.0, 34.0, 28.0, 0)
SMALL = (20.0, 10.0, 27.0, 17.0, 0)
SIGN = (40.0, 2.0, 45.0, 9.0, 2)
LABELS = packed([BIG, SMALL, SIGN], [], None, [(0.0, 0.0, 16.0, 16.0, 1, 1), SIGN])


def hill(box: tuple[float, ...], row: int, column: int) -> float:
    """Height of a box's hill at a place, by the formulas of the paper, number by number."""
    height = 1.0
    for low, high, place in ((box[0], box[2], column), (box[1], box[3], row)):
        radius = math.floor((high - low) / STRIDE / 2 * 0.54)
        away = abs(place - math.floor((low + high) / 2 / STRIDE))
        sigma = (2 * radius + 1) / 6
        height *= math.exp(-(away**2) / (2 * sigma**2)) if away <= radius else 0.0
    return height


def test_targets_are_those_of_plain_loops():
    wanted = centre_targets(unpack_boxes(LABELS), len(CLASSES), SIDE, STRIDE)
    for row in range(SIDE[0]):
        for column in range(SIDE[1]):
            heights = {box: hill(box, row, column) for box in (BIG, SMALL, SIGN)}
            cars = max(heights[BIG], heights[SMALL])
            assert wanted.heat[0, :, row, column].tolist() == pytest.approx(
                [cars, 0.0, heights[SIGN]], abs=1e-6
            )
            owners = [box for box in (SMALL, SIGN, BIG) if heights[box]]
            if owners:
                assert wanted.boxes[0, row, column].tolist() == list(owners[0][:4])
            assert (wanted.weights[0, row, column] > 0) == bool(owners)
    assert wanted.weights.sum(dim=(1, 2)).tolist() == pytest.approx([3, 0, 0, 1])
    assert wanted.number.tolist() == [3, 0, 0, 1]


def test_a_place_in_a_crowd_may_say_anything():
    wanted = centre_targets(unpack_boxes(LABELS), len(CLASSES), SIDE, STRIDE)
    assert wanted.heat[3, 1].max() == 0
    assert wanted.counts[0].all()
    inside = torch.zeros(SIDE, dtype=torch.bool)
    inside[:4, :4] = True
    assert torch.equal(wanted.counts[3], ~inside)
    prediction = torch.randn(4, 7, *SIDE)
    other = prediction.clone()
    other[3, 1, :4, :4] = 9.0
    task = Detection()
    assert torch.equal(task.loss(prediction, LABELS).value, task.loss(other, LABELS).value)
    other[3, 1, 5, 5] = 9.0
    assert task.loss(other, LABELS).value[3] > task.loss(prediction, LABELS).value[3]


def test_the_loss_of_an_image_is_worked_out_place_by_place():
    generator = torch.Generator().manual_seed(3)
    prediction = torch.randn(4, 7, *SIDE, generator=generator, dtype=torch.float64)
    found = Detection().loss(prediction, LABELS)
    assert found.valid.tolist() == [True, True, False, True]
    peaks = boxes = 0.0
    share = {box: sum(hill(box, r, c) for r in range(8) for c in range(12)) for box in (BIG, SIGN)}
    owned = {(r, c) for r in range(8) for c in range(12) if hill(SMALL, r, c)}
    share[BIG] -= sum(hill(BIG, *place) for place in owned)
    share[SMALL] = sum(hill(SMALL, *place) for place in owned)
    for row in range(8):
        for column in range(12):
            heights = [max(hill(BIG, row, column), hill(SMALL, row, column)), 0.0]
            heights.append(hill(SIGN, row, column))
            for number, height in enumerate(heights):
                p = 1 / (1 + math.exp(-prediction[0, number, row, column]))
                if height == 1:
                    peaks -= (1 - p) ** 2 * math.log(p)
                else:
                    peaks -= (1 - height) ** 4 * p**2 * math.log(1 - p)
            for box in (SMALL, SIGN, BIG):
                if weight := hill(box, row, column):
                    left, top, right, bottom = (
                        4 * torch.exp(prediction[0, 3:, row, column])
                    ).tolist()
                    x, y = 4 * (column + 0.5), 4 * (row + 0.5)
                    away = 1 - giou((x - left, y - top, x + right, y + bottom), box[:4])
                    boxes += weight / share[box] * away
                    break
    assert float(found.value[0]) == pytest.approx(peaks / 3 + BOX_WEIGHT * boxes / 3)


def giou(one, other) -> float:
    """The definition, for two boxes."""
    across = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    area = [(b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)]
    around = (max(one[2], other[2]) - min(one[0], other[0])) * (
        max(one[3], other[3]) - min(one[1], other[1])
    )
    union = sum(area) - across * down
    return across * down / union - (around - union) / around


def test_generalized_iou_is_its_definition_and_has_a_slope_apart():
    generator = torch.Generator().manual_seed(5)
    corner, size = torch.rand(2, 50, 2, generator=generator).mul(20).unbind()
    one = torch.cat([corner, corner + size + 0.1], dim=1)
    other = one.flip(0)
    found = generalized_iou(one, other)
    expected = [giou(a, b) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    assert found.tolist() == pytest.approx(expected, abs=1e-5)
    apart = torch.tensor([[0.0, 0.0, 1.0, 1.0]], requires_grad=True)
    away = generalized_iou(apart, torch.tensor([[5.0, 5.0, 6.0, 6.0]])).sum()
    (slope,) = torch.autograd.grad(away, apart)
    assert away < 0 and slope[0, 2] > 0 and slope[0, 3] > 0
    nothing = torch.zeros(1, 4)
    assert generalized_iou(nothing, nothing).isfinite().all()


def map_of(labels: Tensor) -> Tensor:
    """Return a map that says exactly what the labels say."""
    wanted = centre_targets(unpack_boxes(labels), len(CLASSES), SIDE, STRIDE)
    logits = torch.where(wanted.heat == 1, 8.0, -8.0)
    rows, columns = torch.meshgrid(torch.arange(8.0), torch.arange(12.0), indexing="ij")
    x, y = 4 * (columns + 0.5), 4 * (rows + 0.5)
    left, top, right, bottom = wanted.boxes.unbind(dim=3)
    away = torch.stack([x - left, y - top, right - x, bottom - y], dim=1)
    return torch.cat([logits, (away / STRIDE).clamp(min=1e-6).log()], dim=1)


def test_a_map_that_says_the_labels_is_decoded_to_them_and_has_an_ap_of_one():
    labels = packed([BIG, SIGN], [], None, [SMALL])
    task = Detection(most=5)
    decoded = task.decode(map_of(labels))
    assert decoded.shape == (4, 5, 7)
    detected, known = unpack_boxes(decoded), unpack_boxes(labels)
    sure = scores_of(decoded) > 0.5
    assert sure.sum(dim=1).tolist() == [2, 0, 0, 1]
    assert {tuple(b) for b in detected.boxes[0][sure[0]].round().tolist()} == {BIG[:4], SIGN[:4]}
    assert sorted(detected.classes[0][sure[0]].tolist()) == [0, 2]
    assert known.present.sum() == 3
    whole = task.measure_all(decoded, labels, FIELDS)
    assert whole == pytest.approx({"ap": 1.0, "ap50": 1.0})
    wrong = decoded.clone()
    wrong[..., 4] = 1
    assert task.measure_all(wrong, labels, FIELDS) == pytest.approx({"ap": 0.0, "ap50": 0.0})
    # What is detected in an image without labels counts neither for nor against.
    spoilt = decoded.clone()
    spoilt[2, :, :4] = torch.tensor([1.0, 1.0, 9.0, 9.0])
    spoilt[2, :, 6] = 1.0
    assert task.measure_all(spoilt, labels, FIELDS)["ap"] == pytest.approx(1.0)


def test_places_around_a_box_say_distances_from_their_middles():
    sides = torch.zeros(1, 4, 2, 3)
    sides[0, :, 1, 2] = torch.tensor([2.0, 1.0, 0.5, 4.0]).log()
    box = boxes_of(sides, 4)[0, 1, 2]
    assert box.tolist() == pytest.approx([10 - 8, 6 - 4, 10 + 2, 6 + 16])


def test_the_first_predictions_are_rare():
    network = SmallDetector(width=8).build((8, 4, 6), BoxHead.of(3, STRIDE), (3, 32, 48))
    prediction = network(torch.zeros(1, 8, 4, 6))
    assert prediction.shape == (1, 7, *SIDE)
    assert float(prediction[0, :3].sigmoid().mean().detach()) == pytest.approx(PRIOR, abs=0.02)


def test_a_small_network_learns_to_box_rectangles():
    generator = torch.Generator().manual_seed(1)
    images, targets = rectangles(generator, 96)
    torch.manual_seed(0)
    encoder = ConvPool(width=16, depth=3)
    task, shape = Detection(), (3, 32, 48)
    head = BoxHead.of(len(CLASSES), STRIDE)
    network = nn.Sequential(
        encoder.build(shape),
        SmallDetector(width=16).build(encoder.code_shape(shape), head, shape),
    )
    adam = torch.optim.Adam(network.parameters(), 5e-3)
    for _ in range(150):
        rows = torch.randint(0, 64, (16,), generator=generator)
        loss = task.loss(network(images[rows]), targets[rows]).value.mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    with torch.no_grad():
        decoded = task.decode(network(images[64:]))
    assert task.measure_all(decoded, targets[64:], FIELDS)["ap50"] > 0.6


def rectangles(generator: torch.Generator, count: int) -> tuple[Tensor, Tensor]:
    """Return images of one rectangle in one of three colours, and their targets."""
    images, labels = torch.zeros(count, 3, 32, 48), []
    for image in images:
        height, width = torch.randint(8, 20, (2,), generator=generator).tolist()
        top = int(torch.randint(0, 32 - height, (), generator=generator))
        left = int(torch.randint(0, 48 - width, (), generator=generator))
        number = int(torch.randint(0, 3, (), generator=generator))
        image[number, top : top + height, left : left + width] = 1
        labels.append([(left, top, left + width, top + height, number)])
    return images, packed(*labels)

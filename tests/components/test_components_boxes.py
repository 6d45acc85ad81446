"""Boxes as targets: images with different numbers of them, stored under one shape."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from taskspace.components import BoxHead, DenseHead
from taskspace.components.detection.boxes import ROW, pack_boxes, unpack_boxes
from taskspace.learning.examples import rows_of
from taskspace.learning.storing import compact, joined
from taskspace_plugins.readouts.linear import Linear

MOST = 4
counts = st.lists(st.integers(-1, MOST), min_size=1, max_size=6)
"""Boxes of each image; -1 where it was not labelled."""


def drawn(numbers: list[int]) -> tuple[torch.Tensor, ...]:
    """Boxes, classes, crowd and count of some images, padded as a dataset gives them."""
    generator = torch.Generator().manual_seed(len(numbers))
    count = torch.tensor([n if n >= 0 else torch.nan for n in numbers], dtype=torch.float32)
    present = torch.arange(MOST) < count.nan_to_num(0)[:, None]
    boxes = 100 * torch.rand(len(numbers), MOST, 4, generator=generator)
    classes = torch.randint(3, (len(numbers), MOST), generator=generator)
    crowd = torch.randint(2, (len(numbers), MOST), generator=generator)
    return (
        torch.where(present[..., None], boxes, torch.nan),
        torch.where(present, classes, -1),
        torch.where(present, crowd, -1),
        count,
    )


@given(counts)
def test_what_is_packed_is_unpacked(numbers):
    boxes, classes, crowd, count = drawn(numbers)
    target = pack_boxes(boxes, classes, count, crowd)
    assert target.shape == (len(numbers), MOST, ROW)
    assert target.dtype == torch.float32
    given_back = unpack_boxes(target)
    assert given_back.labelled.tolist() == [n >= 0 for n in numbers]
    assert given_back.present.sum(dim=1).tolist() == [max(n, 0) for n in numbers]
    assert torch.equal(given_back.boxes, boxes.nan_to_num(0))
    assert torch.equal(given_back.classes, classes)
    assert torch.equal(given_back.crowd, crowd == 1)


def test_an_image_without_objects_is_labelled_and_one_without_labels_is_not():
    boxes, classes, _, count = drawn([0, -1])
    unpacked = unpack_boxes(pack_boxes(boxes, classes, count))
    assert unpacked.labelled.tolist() == [True, False]
    assert not unpacked.present.any()
    assert not unpacked.crowd.any()


@given(counts, counts)
def test_the_store_keeps_boxes_to_the_bit(first, second):
    targets = []
    for numbers in (first, second):
        boxes, classes, crowd, count = drawn(numbers)
        targets.append(pack_boxes(boxes, classes, count, crowd))
    whole = torch.cat(targets)
    part = joined([compact(target) for target in targets])
    rows = rows_of([part], len(whole), np.arange(len(whole)), "cpu")
    assert torch.equal(rows[torch.arange(len(whole))].view(torch.int32), whole.view(torch.int32))


def test_whole_images_of_whole_boxes_stay_exact_though_they_fit_8_bits():
    # All places taken and every number a 255th: stored as 8 bits, beside a block that is not.
    boxes = torch.tensor([[[0.0, 0.0, 1.0, 1.0]]])
    full = pack_boxes(boxes, torch.tensor([[0]]), torch.tensor([1.0]))
    other = pack_boxes(boxes * 37.3, torch.tensor([[2]]), torch.tensor([1.0]))
    part = joined([compact(full), compact(other)])
    assert compact(full).levels == 255
    rows = rows_of([part], 2, np.arange(2), "cpu")
    assert torch.equal(rows[torch.arange(2)], torch.cat([full, other]))


@pytest.mark.parametrize(("stride", "side"), [(1, (30, 41)), (4, (8, 11)), (8, (4, 6))])
def test_a_head_of_boxes_is_a_map_with_a_logit_a_class_and_four_sides(stride, side):
    head = BoxHead.of(classes=10, stride=stride)
    assert isinstance(head, DenseHead)
    assert (head.classes, head.channels) == (10, 14)
    assert head.shape((3, 30, 41)) == (14, *side)
    assert head != DenseHead(14, stride)
    network = Linear().build((3, 8, 11), head, (3, 30, 41))
    assert network(torch.zeros(2, 3, 8, 11)).shape == (2, 14, *side)

"""What of the two-stage detector needs no torchvision: anchors, draws, refusals."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from taskspace.components import BoxHead, DenseHead, VectorHead
from taskspace.errors import InputError
from taskspace_plugins import _installed
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.encoders.small_resnet import SmallResnet
from taskspace_plugins.readouts._anchors import AnchorSizes, anchor_boxes, stride_of
from taskspace_plugins.readouts._sampler import BalancedSampler
from taskspace_plugins.readouts.faster_rcnn import FasterRcnn


def test_it_predicts_boxes_alone():
    detector = FasterRcnn()
    assert detector.misfit(BoxHead.of(10, 8)) is None
    assert detector.misfit(DenseHead(14, 8)) == detector.misfit(VectorHead(3))
    assert detector.misfit(VectorHead(3)) == "it predicts boxes alone"


def test_without_torchvision_it_is_neither_named_nor_built(monkeypatch):
    monkeypatch.setattr(_installed, "find_spec", lambda name: None)
    assert FasterRcnn().missing() == "pip install 'taskspace[vision]'"
    for attempt in (
        FasterRcnn().identity,
        lambda: FasterRcnn().build((8, 4, 4), BoxHead.of(2, 8), (3, 32, 32)),
    ):
        with pytest.raises(InputError, match="readout 'faster_rcnn' needs the package torchvision"):
            attempt()


# Two places of 17 pixels may be of 8 or 16 pixels; three are of one number alone.
@given(side=st.integers(48, 400), level=st.integers(1, 4))
def test_the_stride_is_by_how_much_an_encoder_shrinks(side, level):
    factor = 2**level
    image = (3, side, side)
    rounded_up = SmallResnet(factor=factor).code_shape(image)[1]
    rounded_down = ConvPool(depth=level).code_shape(image)[1]
    assert stride_of(rounded_up, side) == stride_of(rounded_down, side) == factor


def test_a_stride_that_is_no_power_of_two_is_the_ratio():
    assert stride_of(5, 15) == 3
    assert stride_of(8, 8) == 1
    assert stride_of(16, 8) == 0.5


def test_anchors_stand_around_the_middles_of_places_row_by_row():
    found = anchor_boxes((1, 2, 3), (3, 16, 24), AnchorSizes([0.5, 1.0], [1.0, 4.0]))
    assert found.shape == (2 * 3 * 4, 4)
    middles = (found[:, :2] + found[:, 2:]) / 2
    expected = [[x, y] for y in (4.0, 12.0) for x in (4.0, 12.0, 20.0) for _ in range(4)]
    assert middles.tolist() == expected
    width, height = (found[:4, 2:] - found[:4, :2]).unbind(1)
    assert (width * height).tolist() == [64, 256, 64, 256]  # 8 and 16 pixels: the rows are fewer
    assert (height / width).tolist() == [1, 1, 4, 4]


def test_the_default_anchors_are_those_of_800_pixels():
    found = anchor_boxes((1, 1, 1), (3, 800, 1200), AnchorSizes(FasterRcnn().sizes, [1.0]))
    sides = (found[:, 2:] - found[:, :2]).round()
    assert sides.tolist() == [[side, side] for side in (32.0, 64.0, 128.0, 256.0, 512.0)]


@given(
    labels=st.lists(st.sampled_from([-1, 0, 1, 3]), max_size=60),
    most=st.integers(1, 20),
    fraction=st.sampled_from([0.25, 0.5]),
)
def test_negatives_fill_what_positives_leave_and_what_is_neither_is_never_drawn(
    labels, most, fraction
):
    sampler = BalancedSampler({"batch_size_per_image": most, "positive_fraction": fraction})
    sampler.generator = torch.Generator().manual_seed(0)
    given_labels = torch.tensor(labels, dtype=torch.int64)
    (positive,), (negative,) = sampler([given_labels])
    positives = min(sum(label > 0 for label in labels), int(most * fraction))
    assert int(positive.sum()) == positives
    assert int(negative.sum()) == min(labels.count(0), most - positives)
    assert (given_labels[positive.bool()] > 0).all()
    assert (given_labels[negative.bool()] == 0).all()


def test_draws_follow_the_generator_alone():
    sampler = BalancedSampler({"batch_size_per_image": 8, "positive_fraction": 0.5})
    labels = [torch.tensor([0, 1] * 50)]
    drawn = []
    for process, own in ((0, 3), (1, 3), (1, 4)):
        torch.manual_seed(process)
        sampler.generator = torch.Generator().manual_seed(own)
        (positive,), (negative,) = sampler(labels)
        drawn.append(torch.stack([positive, negative]))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[1], drawn[2])

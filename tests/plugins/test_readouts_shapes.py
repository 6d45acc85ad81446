"""Readouts reach every head from every code."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from taskspace.components import DenseHead, Readout, VectorHead
from taskspace_plugins.readouts._spread import Spread, block_size
from taskspace_plugins.readouts.linear import Linear
from taskspace_plugins.readouts.two_conv import TwoConv

READOUTS = [Linear(), TwoConv(width=4)]
both = pytest.mark.parametrize("readout", READOUTS, ids=lambda readout: readout.name)
sides = st.integers(1, 40)


@both
@settings(max_examples=30)
@given(
    image=st.tuples(st.sampled_from([1, 3]), sides, sides),
    factor=st.integers(1, 50),
    sources=st.integers(1, 3),
    size=st.integers(1, 5),
)
def test_the_prediction_has_the_shape_of_the_head(
    readout: Readout, image: tuple[int, int, int], factor: int, sources: int, size: int
) -> None:
    code = (8 * sources, math.ceil(image[1] / factor), math.ceil(image[2] / factor))
    codes = torch.rand(2, *code)
    with torch.no_grad():
        vector = readout.build(code, VectorHead(size), image)(codes)
        dense = readout.build(code, DenseHead(size), image)(codes)
    assert vector.shape == (2, size)
    assert dense.shape == (2, size, *image[1:])


@given(sides, st.integers(0, 6))
def test_cells_stand_for_the_pixels_that_they_have_seen(image: int, halvings: int) -> None:
    factor = 1 << halvings
    code = math.ceil(image / factor)
    block = block_size(code, image)
    assert math.ceil(image / block) == code
    # With one cell all factors that reach over the image are the same.
    assert block == factor if code > 1 else block >= image


def test_a_spread_is_pixel_shuffle_where_that_is_defined() -> None:
    code = torch.rand(2, 3 * 16, 2, 3)
    spread = Spread((2, 3), (8, 12))
    assert torch.equal(spread(code), nn.functional.pixel_shuffle(code, 4))


def test_what_lies_beyond_the_image_is_cut_off() -> None:
    code = torch.rand(1, 16, 3, 3)
    whole = Spread((3, 3), (12, 12))(code)
    assert torch.equal(Spread((3, 3), (9, 11))(code), whole[..., :9, :11])


def test_a_readout_is_small() -> None:
    code, image = (8, 2, 2), (1, 8, 8)
    for head in (VectorHead(10), DenseHead(1)):
        network = TwoConv().build(code, head, image)
        assert sum(parameter.numel() for parameter in network.parameters()) < 15_000


@both
@pytest.mark.parametrize("head", [VectorHead(3), DenseHead(2)])
def test_equal_seeds_build_equal_readouts_and_every_parameter_learns(
    readout: Readout, head: VectorHead | DenseHead
) -> None:
    states = []
    for _ in range(2):
        torch.manual_seed(0)
        network = readout.build((8, 2, 2), head, (1, 8, 8))
        states.append(torch.cat([p.detach().flatten() for p in network.parameters()]))
    assert torch.equal(states[0], states[1])
    network(torch.randn(16, 8, 2, 2)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name

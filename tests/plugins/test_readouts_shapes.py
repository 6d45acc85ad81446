"""Readouts reach every head from every code."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from taskspace.components import DenseHead, Readout, VectorHead
from taskspace_plugins.readouts._linear_map import LinearMap, block_size
from taskspace_plugins.readouts.linear import Linear
from taskspace_plugins.readouts.two_branch import TwoBranch
from taskspace_plugins.readouts.two_conv import TwoConv

READOUTS = [Linear(), TwoConv(width=4), TwoBranch(width=3), TwoBranch(decoder="deconvolution")]
every = pytest.mark.parametrize(
    "readout", READOUTS, ids=["linear", "two_conv", "two_branch", "deconvolution"]
)
sides = st.integers(1, 40)


@every
@settings(max_examples=30)
@given(
    image=st.tuples(st.sampled_from([1, 3]), sides, sides),
    factor=st.integers(1, 50),
    stride=st.integers(1, 9),
    codes=st.integers(1, 3),
    size=st.integers(1, 5),
)
def test_the_prediction_has_the_shape_of_the_head(
    readout: Readout,
    image: tuple[int, int, int],
    factor: int,
    stride: int,
    codes: int,
    size: int,
) -> None:
    code = (8 * codes, math.ceil(image[1] / factor), math.ceil(image[2] / factor))
    head = DenseHead(size, stride)
    with torch.no_grad():
        vector = readout.build(code, VectorHead(size), image).eval()(torch.rand(2, *code))
        dense = readout.build(code, head, image).eval()(torch.rand(2, *code))
    assert vector.shape == (2, size)
    assert dense.shape == (2, size, math.ceil(image[1] / stride), math.ceil(image[2] / stride))
    assert vector.isfinite().all() and dense.isfinite().all()


@given(sides, st.integers(0, 6))
def test_cells_stand_for_the_pixels_that_they_have_seen(image: int, halvings: int) -> None:
    factor = 1 << halvings
    code = math.ceil(image / factor)
    block = block_size(code, image)
    assert math.ceil(image / block) == code
    # With one cell all factors that reach over the image are the same.
    assert block == factor if code > 1 else block >= image


def seen(readout: Readout, code: tuple[int, int, int], head: DenseHead, side: int) -> Tensor:
    """Return for each place of the map [side, side] how strongly it depends on the middle cell."""
    torch.manual_seed(0)
    network = readout.build(code, head, (3, 64, 64)).eval()
    middle = code[1] // 2
    codes = torch.zeros(2, *code)
    codes[1, :, middle, middle] = 1
    with torch.no_grad():
        none, one = network(codes)
    change = (one - none).abs().sum(dim=0)
    assert change.shape == (side, side)
    return change


@pytest.mark.parametrize(
    ("cells", "stride", "block"),
    [(4, 1, 16), (4, 2, 8), (16, 4, 1), (32, 4, 0.5), (32, 8, 0.25)],
)
def test_a_place_of_the_map_reads_the_cells_that_lie_there(
    cells: int, stride: int, block: float
) -> None:
    side = 64 // stride
    change = seen(Linear(), (8, cells, cells), DenseHead(2, stride), side)
    start = int(cells // 2 * block)
    size = max(int(block), 1)
    here = torch.zeros(side, side, dtype=torch.bool)
    here[start : start + size, start : start + size] = True
    assert torch.equal(change > 0, here)


@every
@pytest.mark.parametrize(("cells", "stride"), [(8, 1), (8, 2), (32, 4)])
def test_what_a_cell_says_is_said_around_its_place(
    readout: Readout, cells: int, stride: int
) -> None:
    side = 64 // stride
    change = seen(readout, (8, cells, cells), DenseHead(2, stride), side)
    where = (torch.arange(side) + 0.5) * stride
    centre = float((change.sum(dim=0) * where).sum() / change.sum())
    middle = (cells // 2 + 0.5) * 64 / cells
    assert abs(centre - middle) < 64 / cells


def test_a_linear_map_is_pixel_shuffle_where_that_is_defined() -> None:
    code = torch.rand(2, 5, 2, 3)
    network = LinearMap(5, (2, 3), 3, (8, 12))
    expected = nn.functional.pixel_shuffle(network.layer(code), 4)
    assert torch.allclose(network(code), expected, atol=1e-6)


def test_what_lies_beyond_the_map_is_cut_off() -> None:
    code = torch.rand(1, 5, 3, 3)
    maps = []
    for side in ((12, 12), (9, 11)):
        torch.manual_seed(0)
        maps.append(LinearMap(5, (3, 3), 2, side)(code))
    assert torch.equal(maps[1], maps[0][..., :9, :11])


def test_cells_beyond_the_last_place_count_as_zero() -> None:
    network = LinearMap(1, (5, 5), 1, (3, 3))
    with torch.no_grad():
        network.layer.weight.fill_(1)
        network.layer.bias.zero_()
        sums = network(torch.ones(1, 1, 5, 5))
    assert sums[0, 0].tolist() == [[4, 4, 2], [4, 4, 2], [2, 2, 1]]


@pytest.mark.parametrize("readout", [TwoConv(), TwoBranch(), TwoBranch(decoder="deconvolution")])
def test_a_readout_is_small(readout: Readout) -> None:
    code, image = (8, 2, 2), (1, 8, 8)
    for head in (VectorHead(10), DenseHead(1)):
        network = readout.build(code, head, image)
        assert sum(parameter.numel() for parameter in network.parameters()) < 15_000


def test_two_branches_have_the_weights_of_the_published_configuration() -> None:
    network = TwoBranch().build((8, 16, 16), VectorHead(63), (3, 256, 256))
    branch = 8 * 8 * 9 + 2 * 8 + 8 * 8 * 9 + 2 * 8
    decoder = 63 * (16 * 16 * 16) + 63
    expected = 2 * 8 + 2 * branch + 2 * 16 + decoder
    assert sum(parameter.numel() for parameter in network.parameters()) == expected


@pytest.mark.parametrize("decoder", ["linear", "deconvolution"])
def test_a_trained_readout_judges_each_image_alone(decoder: str) -> None:
    torch.manual_seed(0)
    network = TwoBranch(decoder=decoder).build((8, 4, 4), DenseHead(3), (3, 16, 16))
    codes = torch.randn(32, 8, 4, 4) * 3 + 1
    for _ in range(20):
        network.train()(codes)
    with torch.no_grad():
        fitted = network(codes)
        together = network.eval()(codes)
        alone = torch.cat([network(code[None]) for code in codes])
    assert torch.allclose(together, alone, atol=1e-5)
    # The running statistics have become those of the data.
    assert torch.allclose(together, fitted, rtol=0.2, atol=0.2)


def test_a_last_batch_of_one_image_with_one_cell_is_no_error() -> None:
    torch.manual_seed(0)
    network = TwoBranch().build((8, 1, 1), VectorHead(3), (1, 8, 8)).train()
    network(torch.rand(16, 8, 1, 1))
    before = {name: value.clone() for name, value in network.named_buffers()}
    network(torch.rand(1, 8, 1, 1)).sum().backward()
    for name, value in network.named_buffers():
        assert torch.equal(value, before[name]), name


@every
@pytest.mark.parametrize("head", [VectorHead(3), DenseHead(2), DenseHead(2, stride=2)])
def test_equal_seeds_build_equal_readouts_and_every_parameter_learns(
    readout: Readout, head: VectorHead | DenseHead
) -> None:
    states = []
    for _ in range(2):
        torch.manual_seed(0)
        network = readout.build((8, 2, 2), head, (1, 8, 8))
        states.append(torch.cat([p.detach().flatten() for p in network.parameters()]))
    assert torch.equal(states[0], states[1])
    (network(torch.randn(16, 8, 2, 2)) - 1).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_a_fresh_map_is_the_same_all_over_a_block() -> None:
    network = Linear().build((4, 3, 3), DenseHead(2), (3, 24, 24))
    blocks = network(torch.rand(2, 4, 3, 3)).reshape(2, 2, 3, 8, 3, 8)
    assert torch.equal(blocks, blocks[:, :, :, :1, :, :1].expand_as(blocks))
    assert not torch.equal(blocks[:, 0], blocks[:, 1])

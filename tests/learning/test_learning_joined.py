"""Codes of several map sizes as one: nothing is lost, one number stands everywhere."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from taskspace.learning.frozen.joined import JoinedRows, common_side, resized

SIDES = st.tuples(st.integers(1, 6), st.integers(1, 6))


@given(side=SIDES)
def test_one_number_stands_at_every_place(side):
    code = torch.arange(6.0).reshape(2, 3, 1, 1)
    assert torch.equal(resized(code, side), code.expand(2, 3, *side))


@given(side=SIDES, factor=st.integers(1, 3))
def test_whole_multiples_repeat_cells(side, factor):
    code = torch.rand(2, 3, *side)
    larger = resized(code, (factor * side[0], factor * side[1]))
    assert torch.equal(
        larger, code.repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)
    )


@given(code=SIDES, side=SIDES)
def test_a_place_has_a_mean_of_cells(code, side):
    values = torch.rand(2, 3, *code)
    placed = resized(values, side)
    assert placed.shape == (2, 3, *side)
    assert placed.min() >= values.min() - 1e-6
    assert placed.max() <= values.max() + 1e-6


def test_the_larger_map_decides_each_side():
    assert common_side([(1, 1), (4, 2), (2, 3)]) == (4, 3)


def test_rows_are_joined_channelwise_in_the_order_of_the_sources():
    vector, small, large = (torch.rand(5, c, s, s) for c, s in ((3, 1), (2, 2), (4, 4)))
    joined = JoinedRows([vector, small, large])
    assert joined.shape == (5, 9, 4, 4)
    rows = torch.tensor([4, 0, 0])
    taken = joined[rows]
    assert torch.equal(taken[:, :3], vector[rows].expand(3, 3, 4, 4))
    assert torch.equal(taken[:, 5:], large[rows])
    assert len(joined) == 5


@pytest.mark.parametrize("rows", [[], [2], [1, 1]])
def test_any_number_of_rows_can_be_read(rows):
    joined = JoinedRows([torch.rand(3, 1, 1, 1), torch.rand(3, 2, 2, 2)])
    assert joined[torch.tensor(rows, dtype=torch.int64)].shape == (len(rows), 3, 2, 2)

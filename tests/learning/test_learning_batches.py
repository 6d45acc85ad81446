"""Batches without end: passes are permutations, sizes constant, and a restored one goes on."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from taskspace.learning.fitting.batches import Batches


def batches(rows: int, size: int, seed: int = 0) -> Batches:
    return Batches(rows, size, torch.Generator().manual_seed(seed))


@given(rows=st.integers(1, 30), size=st.integers(1, 40), passes=st.integers(1, 4))
def test_every_pass_has_each_row_once_and_batches_have_one_size(rows, size, passes):
    drawn = batches(rows, size)
    taken = [drawn.next() for _ in range(passes * rows)]
    assert {len(batch) for batch in taken} == {min(rows, size)}
    every = torch.cat(taken)
    for start in range(0, len(every) - rows + 1, rows):
        assert sorted(every[start : start + rows].tolist()) == list(range(rows))


@given(rows=st.integers(1, 12), size=st.integers(1, 12), before=st.integers(0, 9))
def test_a_restored_one_goes_on_with_equal_batches(rows, size, before):
    one, other = batches(rows, size), batches(rows, size, seed=1)
    for _ in range(before):
        one.next()
    other.restore({name: tensor.clone() for name, tensor in one.saved().items()})
    for _ in range(5):
        assert torch.equal(one.next(), other.next())


def test_orders_of_passes_differ():
    drawn = batches(50, 50)
    assert not torch.equal(drawn.next(), drawn.next())

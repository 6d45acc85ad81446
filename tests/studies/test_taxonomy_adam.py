"""The optimiser against PyTorch's own, to the last bit."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from taskspace.learning.fitting.fit import Adam

SIZES = st.lists(st.integers(1, 70), min_size=1, max_size=4)


def tensors(sizes: list[int], seed: int) -> list[nn.Parameter]:
    random = torch.Generator().manual_seed(seed)
    return [nn.Parameter(torch.randn(size, generator=random)) for size in sizes]


@settings(max_examples=25, deadline=None)
@given(sizes=SIZES, steps=st.integers(1, 8), kept=st.integers(0, 3), seed=st.integers(0, 99))
def test_it_moves_as_that_of_torch_even_where_some_are_taken_out(sizes, steps, kept, seed):
    ours, theirs = tensors(sizes, seed), tensors(sizes, seed)
    adam, torchs = Adam(ours), torch.optim.Adam(theirs, fused=True)
    random = torch.Generator().manual_seed(seed + 1)
    for step in range(steps):
        if step == steps // 2:
            adam.keep([*ours[:kept], ours[-1]])
            torchs.param_groups[0]["params"] = [
                tensor for i, tensor in enumerate(theirs) if i < kept or i == len(theirs) - 1
            ]
        for one, other in zip(ours, theirs, strict=True):
            one.grad = torch.randn(one.shape, generator=random)
            other.grad = one.grad.clone()
        torchs.param_groups[0]["lr"] = rate = 0.1 / (step + 1)
        torchs.step()
        adam.step(rate)
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))

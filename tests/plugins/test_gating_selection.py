"""How many experts a task keeps, and which."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from taskspace_plugins.gating.gates._selection import most_likely, rounded, selected

tables = st.integers(1, 6).flatmap(
    lambda experts: st.lists(
        st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=experts, max_size=experts),
        min_size=1,
        max_size=4,
    )
)


@pytest.mark.parametrize(
    ("density", "count"), [(0.0, 1), (0.3, 1), (0.5, 1), (1.49, 1), (1.5, 2), (2.5, 3), (2.4, 2)]
)
def test_halves_are_rounded_up_and_none_becomes_one(density, count):
    assert float(rounded(torch.tensor(density))) == count


def test_ties_go_to_the_first():
    p = torch.tensor([[0.5, 0.9, 0.5, 0.5]])
    assert most_likely(p, torch.tensor([3])).tolist() == [[True, True, True, False]]
    many = most_likely(torch.full((2, 100), 0.5), torch.tensor([30, 70])).tolist()
    assert many == [[i < count for i in range(100)] for count in (30, 70)]


@given(tables)
def test_the_rules_keep_what_they_say(rows):
    p = torch.tensor(rows)
    tasks, experts = p.shape
    kept = {rule: selected(p, rule) for rule in ("task", "mean", "rounded", "all")}
    assert kept["all"].all()
    mean = min(max(1, int(sum(map(sum, rows)) / tasks + 0.5)), experts)
    for t, row in enumerate(rows):
        assert int(kept["task"][t].sum()) == max(1, int(sum(row) + 0.5))
        assert int(kept["mean"][t].sum()) == mean
        likely = [value >= 0.5 for value in row]
        first = [i == row.index(max(row)) for i in range(experts)]
        assert kept["rounded"][t].tolist() == (likely if any(likely) else first)
        for rule in ("task", "mean"):
            inside = [value for value, keep in zip(row, kept[rule][t], strict=True) if keep]
            outside = [value for value, keep in zip(row, kept[rule][t], strict=True) if not keep]
            assert min(inside) >= max(outside, default=0)


def test_logits_of_zero_keep_half_of_the_experts():
    assert selected(torch.zeros(2, 5).sigmoid(), "task").sum(dim=1).tolist() == [3, 3]

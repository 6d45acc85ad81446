"""The four splits are disjoint, whole, stable, and never divide a group."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.errors import DataError
from taskspace.learning.splits import random_part, split_indices
from taskspace.studies.taxonomy.job import SPLITS

SHARES = {"train": 0.5, "transfer": 0.15, "select": 0.15, "test": 0.2}


@given(size=st.integers(20, 500), seed=st.integers(0, 2**32 - 1))
def test_splits_are_disjoint_and_whole(size, seed):
    parts = split_indices(size, None, SHARES, seed)
    together = np.concatenate([parts[name] for name in SPLITS])
    assert sorted(together) == list(range(size))
    for name in SPLITS:
        assert abs(len(parts[name]) - SHARES[name] * size) <= 1
        assert (np.diff(parts[name]) > 0).all()


@given(groups=st.lists(st.sampled_from("abcdefghijklmnop"), min_size=60, max_size=300))
def test_no_group_stands_in_two_splits(groups):
    try:
        parts = split_indices(len(groups), groups, SHARES, 0)
    except DataError:
        assert len(set(groups)) < len(SPLITS)
        return
    homes = [{groups[i] for i in parts[name]} for name in SPLITS]
    assert sum(map(len, homes)) == len(set(groups))
    assert sorted(np.concatenate(list(parts.values()))) == list(range(len(groups)))


def test_the_same_seed_gives_the_same_splits_and_another_one_others():
    first, again, other = (split_indices(100, None, SHARES, seed) for seed in (1, 1, 2))
    assert all((first[name] == again[name]).all() for name in SPLITS)
    assert any((first[name] != other[name]).any() for name in SPLITS)


@given(groups=st.lists(st.sampled_from("abcde"), min_size=4, max_size=40))
def test_four_groups_are_enough_and_fewer_are_not(groups):
    if len(set(groups)) >= len(SPLITS):
        parts = split_indices(len(groups), groups, SHARES, 0)
        assert all(len(parts[name]) for name in SPLITS)
    else:
        with pytest.raises(DataError, match=f"at least 4 groups.* {len(set(groups))}: '"):
            split_indices(len(groups), groups, SHARES, 0)


def test_an_empty_split_is_an_error_with_advice():
    with pytest.raises(DataError, match=r"'transfer'.*larger share"):
        split_indices(3, None, SHARES, 0)


def test_a_part_of_a_dataset_sorted_by_class_has_every_class():
    classes = np.repeat(np.arange(10), 100)
    part = random_part(np.arange(1000), 200, seed=0)
    counts = np.bincount(classes[part], minlength=10)
    # Hypergeometric: 20 +- 3.8 a class.
    assert counts.min() > 5
    assert (np.diff(part) > 0).all()


def test_a_larger_part_holds_a_smaller_one():
    indices = np.arange(7, 300, 3)
    small, large = (set(random_part(indices, count, seed=4)) for count in (10, 60))
    assert small < large <= set(indices)

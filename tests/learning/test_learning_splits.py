"""Splits: training sets that grow by class, groups that stay whole, draws that never change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.components import Dataset, Field
from taskspace.errors import DataError
from taskspace.learning.samples import growing_order, strata_of
from taskspace.learning.splits import dealt, drawn_split, hold_out, random_part, split_of


class Published(Dataset):
    """Samples with parts."""

    name = "published"
    said: tuple[str, ...]

    def fingerprint(self):
        return "published"

    def fields(self):
        return {"image": Field((1, 1, 1))}

    def length(self):
        return len(self.said)

    def read(self, indices, fields=None):
        raise AssertionError("no sample is needed for a split")

    def parts(self):
        return self.said


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(0, 99))
def test_every_beginning_has_the_classes_in_proportion(labels, seed):
    strata = np.array(labels)
    order = growing_order(strata, seed)
    assert sorted(order) == list(range(len(labels)))
    sizes = np.bincount(strata, minlength=5)
    for end in range(1, len(labels) + 1):
        counts = np.bincount(strata[order[:end]], minlength=5)[sizes > 0]
        share = counts / sizes[sizes > 0]
        # There is one share of which each class has its own, but for one sample at most.
        within = 1 / sizes[sizes > 0]
        assert (share - within).max() <= (share + within).min()


@given(st.integers(0, 99))
def test_another_seed_is_another_order(seed):
    strata = np.zeros(40, dtype=np.int64)
    assert (growing_order(strata, seed) != growing_order(strata, seed + 1)).any()
    assert (growing_order(strata, seed) == growing_order(strata, seed)).all()


@given(st.lists(st.tuples(*[st.integers(-1, 2)] * 3), min_size=1, max_size=30))
def test_a_stratum_is_a_combination_of_labels(rows):
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    strata = strata_of(columns)
    for one, a in enumerate(rows):
        for other, b in enumerate(rows):
            assert (strata[one] == strata[other]) == (a == b)


def test_published_parts_are_kept_apart():
    split = split_of(Published(said=("train", "test", "val", "train")), 0.5, 0)
    assert split.train.tolist() == [0, 3] and split.test.tolist() == [1]
    drawn = split_of(Published(said=("train",) * 10), 0.3, 0)
    assert (len(drawn.train), len(drawn.test)) == (7, 3)


@given(st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=40), st.integers(0, 20))
def test_groups_stay_whole(groups, seed):
    if len(set(groups)) < 2:
        with pytest.raises(DataError, match="in 1 group leaves"):
            drawn_split(len(groups), groups, 0.4, seed)
        return
    split = drawn_split(len(groups), groups, 0.4, seed)
    assert len(split.train) and len(split.test)
    named = np.array(groups)
    assert not set(named[split.train]) & set(named[split.test])
    assert sorted([*split.train, *split.test]) == list(range(len(groups)))


@given(
    st.lists(st.tuples(st.sampled_from("abcdefg"), st.booleans()), min_size=2, max_size=40),
    st.integers(0, 20),
    st.booleans(),
)
def test_each_side_has_labels_where_the_labels_allow_it(samples, seed, grouped):
    groups = [name for name, _ in samples] if grouped else None
    labelled = np.array([has for _, has in samples])
    units = {name for name, has in samples if has} if grouped else np.flatnonzero(labelled)
    if len(units) < 2:
        with pytest.raises(DataError, match="labelled samples"):
            drawn_split(len(samples), groups, 0.4, seed, labelled)
        return
    split = drawn_split(len(samples), groups, 0.4, seed, labelled)
    assert labelled[split.train].any() and labelled[split.test].any()
    assert sorted([*split.train, *split.test]) == list(range(len(samples)))
    names = np.array([name for name, _ in samples])
    if grouped:
        assert not set(names[split.train]) & set(names[split.test])
    else:
        assert len(split.test) == round(0.4 * labelled.sum()) + round(0.4 * (~labelled).sum())


@given(st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=40), st.integers(0, 20))
def test_where_all_are_labelled_the_split_is_what_it_is_without_labels(groups, seed):
    if len(set(groups)) < 2:
        return
    for named in (groups, None):
        if named is None and round(0.4 * len(groups)) == 0:
            continue
        one = drawn_split(len(groups), named, 0.4, seed)
        other = drawn_split(len(groups), named, 0.4, seed, np.ones(len(groups), dtype=bool))
        assert one.test.tolist() == other.test.tolist()


@pytest.mark.parametrize(("size", "share"), [(1, 0.2), (3, 0.1), (3, 0.9)])
def test_an_empty_side_is_refused(size, share):
    with pytest.raises(DataError, match="leaves nothing to"):
        drawn_split(size, None, share, 0)


def test_drawn_numbers_are_what_they_were():
    everything, pairs = np.arange(8), [*"aabbccdd"]
    assert drawn_split(10, None, 0.3, 0).test.tolist() == [2, 4, 6]
    assert drawn_split(8, pairs, 0.3, 0).test.tolist() == [4, 5]
    hands = dealt(everything, pairs, {"x": 0.5, "y": 0.5}, np.random.default_rng(0))
    assert {name: chosen.tolist() for name, chosen in hands.items()} == {
        "x": [4, 5, 2, 3],
        "y": [0, 1, 6, 7],
    }
    held_out = hold_out(everything >= 0, np.array(pairs), 0.3, np.random.default_rng(0))
    assert held_out.nonzero()[0].tolist() == [4, 5]
    assert random_part(np.arange(20), 4, seed=3).tolist() == [4, 5, 9, 12]
    assert growing_order(np.array([0, 0, 1, 1, 1, 1]), 0).tolist() == [3, 0, 2, 5, 1, 4]

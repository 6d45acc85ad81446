"""Which compositions are unseen, and which images may learn, by a share, a list and groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zeroshot_labels import (
    COLOURS,
    THINGS,
    Labelled,
    all_rows,
    described,
    found_in,
    grids,
    stored,
    unseen_names,
)

from taskspace.errors import DataError
from taskspace.studies.zeroshot.cells.compositions import CompositionTable
from taskspace.studies.zeroshot.maths.compositions import drawn_unseen, listed_unseen


@settings(deadline=None)
@given(grids(), st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
def test_a_share_is_kept_while_each_word_stays_in_a_seen_pair(pairs, share, seed):
    wanted = max(1, round(share * len(pairs)))
    try:
        unseen = drawn_unseen(pairs, share, seed)
    except DataError as error:
        assert f"Of {len(pairs)} compositions" in str(error) and f"; {wanted} " in str(error)
        return
    assert unseen.shape == (len(pairs),) and unseen.sum() == wanted
    for column in pairs.T:
        assert set(column[~unseen]) == set(column)
    assert np.array_equal(drawn_unseen(pairs, share, seed), unseen)


@settings(deadline=None)
@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 1000))
def test_of_a_full_grid_as_many_are_unseen_as_can_be(attributes, things, seed):
    pairs = np.argwhere(np.ones((attributes, things)))
    most = attributes * things - max(attributes, things)
    assert drawn_unseen(pairs, most / len(pairs), seed).sum() == most
    text = rf"Of {len(pairs)} compositions {most} can be unseen .*; {most + 1} are asked for"
    with pytest.raises(DataError, match=text):
        drawn_unseen(pairs, (most + 1) / len(pairs), seed)


def test_other_seeds_leave_out_other_pairs():
    pairs = np.argwhere(np.ones((6, 7)))
    drawn = {drawn_unseen(pairs, 0.4, seed).tobytes() for seed in range(20)}
    assert len(drawn) == 20


def test_an_attribute_of_one_object_cannot_be_spared():
    pairs = np.array([[0, 0], [0, 1], [1, 0], [2, 1]])
    # Words 1 and 2 of the first field stand in one pair each, which always is seen.
    for seed in range(10):
        assert not drawn_unseen(pairs, 0.25, seed)[2:].any()


def test_one_object_leaves_nothing_to_recognise():
    rows = all_rows(4, (COLOURS, ("apple",)))
    with pytest.raises(DataError, match=r"Of 3 compositions none can be unseen.*; 1 is asked for"):
        found_in(Labelled(rows=rows))


def test_a_list_is_taken_in_the_order_of_the_fields():
    names = [("red", "apple"), ("red", "dog"), ("old", "dog")]
    assert listed_unseen(names, [["old", "dog"]]).tolist() == [False, False, True]
    with pytest.raises(
        DataError, match=r"shows 1 of the 2 .* 'dog old'.* need images to be tested with"
    ):
        listed_unseen(names, [["dog", "old"], ["red", "dog"]])
    with pytest.raises(DataError, match="All compositions are unseen"):
        listed_unseen(names, names)


def test_a_list_is_what_no_image_trains():
    table = found_in(Labelled(rows=all_rows(6)), [["old", "fire truck"], ["red", "dog"]])
    assert unseen_names(table) == {("old", "fire truck"), ("red", "dog")}
    hidden = ~table.seen[table.pair]
    assert hidden.sum() == 12 and (table.part[hidden] == 2).all()
    # Of the others half tests, composition by composition.
    for pair in np.flatnonzero(table.seen):
        assert np.bincount(table.part[table.pair == pair], minlength=3).tolist() == [3, 0, 3]


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=12, max_size=12),
    st.floats(0.001, 0.999),
    st.integers(0, 99),
)
def test_each_seen_pair_keeps_an_image_to_learn_from(counts, share, seed):
    kinds = all_rows(1)
    rows = tuple(row for row, count in zip(kinds, counts, strict=True) for _ in range(count))
    table = found_in(Labelled(rows=rows), 0.25, share=share, seed=seed)
    assert (~table.seen).sum() == 3
    assert set(table.pair[table.part == 0]) == set(np.flatnonzero(table.seen))
    assert not set(table.pair[table.part == 0]) & set(np.flatnonzero(~table.seen))


def test_images_without_a_word_are_left_out():
    rows = (*all_rows(4), ("red", None), (None, "dog"), (None, None))
    table = found_in(Labelled(rows=rows))
    assert table.pair[-3:].tolist() == [-1] * 3 and table.part[-3:].tolist() == [-1] * 3
    assert (table.pair[:-3] >= 0).all() and (table.part[:-3] >= 0).all()
    with pytest.raises(DataError, match="No image has a label in each of the fields colour, thing"):
        found_in(Labelled(rows=(("red", None), (None, "dog"))))


def test_groups_stay_whole():
    rows = all_rows(8)
    group = tuple(f"house {index % 4}" for index in range(len(rows)))
    table = found_in(Labelled(rows=rows, group=group), [["red", "apple"]])
    parts = {name: set(table.part[np.array(group) == name]) for name in set(group)}
    tests = {name for name, own in parts.items() if own == {2}}
    learns = parts.keys() - tests
    assert len(tests) == len(learns) == 2
    # In groups that learn, images of the unseen pair serve nothing.
    assert all(parts[name] == {0, -1} for name in learns)
    assert unseen_names(table) == {("red", "apple")}


def test_pairs_whose_images_are_all_in_groups_that_test_are_counted():
    rows = all_rows(4)
    group = tuple("this" if row[1] == "dog" else "that" for row in rows)
    counts = []
    for seed in range(8):
        kept = stored(Labelled(rows=rows, group=group), [["red", "apple"]], seed=seed)
        table = CompositionTable.of(kept)
        untaught = unseen_names(table) - {("red", "apple")}
        assert kept.record["untaught"] == len(untaught)
        counts.append(len(untaught))
    # Dogs are tested, or everything else is.
    assert set(counts) == {len(COLOURS), len(COLOURS) * len(THINGS) - 1 - len(COLOURS)}


def test_compositions_of_three_words():
    places = ("on", "under", "near")
    classes = (COLOURS, places, THINGS)
    names = ("subject", "predicate", "object")
    dataset = Labelled(names=names, classes=classes, rows=all_rows(2, classes))
    table = found_in(dataset, 0.4)
    assert table.words.shape == (36, 3) and (~table.seen).sum() == round(0.4 * 36)
    for field in range(3):
        assert set(table.words[table.seen, field]) == set(range(len(classes[field])))
    assert described(dataset).array("vectors").shape == (36, 3, 3)

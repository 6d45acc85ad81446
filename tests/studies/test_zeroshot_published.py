"""A split that was published is taken as it is, and refused where its images contradict it."""

from __future__ import annotations

import pytest
from zeroshot_jobs import job, run, word_vectors
from zeroshot_labels import Labelled, Row, found_in, stored, unseen_names

from composed_files import COMPOSITIONAL, NATURAL, write_pairs
from taskspace.errors import CellError, DataError


def published_pairs() -> tuple[Labelled, tuple[str, ...]]:
    listed = {
        "train": (("red", "apple"), ("green", "dog"), ("old", "apple")),
        "val": (("red", "apple"), ("red", "dog")),
        "test": (("green", "dog"), ("green", "apple"), ("old", "dog")),
    }
    rows: tuple[Row, ...] = (
        ("red", "apple"), ("green", "dog"), ("old", "apple"), ("red", None),
        ("red", "apple"), ("red", "dog"),
        ("green", "dog"), ("green", "apple"),
    )  # fmt: skip
    part = ("train",) * 4 + ("val",) * 2 + ("test",) * 2
    return Labelled(rows=rows, part=part, published=listed), part


def test_a_published_split_is_taken_as_it_is():
    dataset, _ = published_pairs()
    table = found_in(dataset, 0.9, share=0.9, seed=5)
    assert table.part.tolist() == [0, 0, 0, -1, 1, 1, 2, 2]
    assert table.phases == ["val", "test"]
    named = {
        phase: {name for name, own in zip(table.names, may, strict=True) if own}
        for phase, may in table.candidates.items()
    }
    train, val, test = (set(dataset.published[part]) for part in ("train", "val", "test"))
    assert named == {"val": train | val, "test": train | test}
    # ("old", "dog") has no image and may be predicted nevertheless.
    assert unseen_names(table) == {("red", "dog"), ("green", "apple"), ("old", "dog")}
    assert len(table.names) == 6


def test_a_published_pair_to_learn_from_without_images_is_counted():
    dataset, _ = published_pairs()
    listed = dataset.published | {"train": (*dataset.published["train"], ("old", "fire truck"))}
    kept = stored(dataset.model_copy(update={"published": listed}))
    assert kept.record["untaught"] == 1 and stored(dataset).record["untaught"] == 0


def test_a_part_without_unseen_images_validates_nothing():
    dataset, _ = published_pairs()
    rows = (*dataset.rows[:5], ("red", "apple"), *dataset.rows[6:])
    assert found_in(dataset.model_copy(update={"rows": rows})).phases == ["test"]


@pytest.mark.parametrize(
    ("place", "row", "message"),
    [
        (0, ("old", "dog"), "1 images of the part 'train' show"),
        (5, ("old", "dog"), "1 images of the part 'val' show"),
        (7, ("green", "fire truck"), "1 images of the part 'test' show"),
    ],
)
def test_a_published_part_shows_nothing_but_its_own_pairs(place, row, message):
    dataset, _ = published_pairs()
    rows = (*dataset.rows[:place], row, *dataset.rows[place + 1 :])
    with pytest.raises(DataError, match=message):
        found_in(dataset.model_copy(update={"rows": rows}))


def test_published_parts_have_known_names():
    dataset, part = published_pairs()
    other = tuple("validation" if own == "val" else own for own in part)
    with pytest.raises(DataError, match=r"has the parts test, train, validation.*train, val and"):
        found_in(dataset.model_copy(update={"part": other}))


def test_a_published_split_has_something_to_test():
    dataset, _ = published_pairs()
    rows = (*dataset.rows[:7], ("green", "dog"))
    with pytest.raises(CellError, match=r"No image tests an unseen.*that `train` lacks into"):
        found_in(dataset.model_copy(update={"rows": rows}))


@pytest.mark.parametrize(
    ("split", "pairs"), [("natural", NATURAL), ("compositional", COMPOSITIONAL)]
)
def test_published_splits_run_to_their_end(split, pairs, tmp_path):
    dataset = {"use": "mit_states", "split": split, "size": 8}
    dataset["root"] = str(write_pairs(tmp_path, pairs))
    lexicon = word_vectors(tmp_path / "words.txt", ("old", "young", "wet", "bear", "moss"))
    result = run(job(dataset=dataset, lexicon=lexicon, seeds=1), tmp_path).result
    assert result["missing"] == [] and result["split"] == split
    hidden = {part: set(own) - set(pairs["train"]) for part, own in pairs.items()}
    (counts,) = result["compositions"]
    assert counts["chance"] == {part: 1 / len(own) for part, own in hidden.items() if own}
    for trial in result["trials"]:
        tested = trial["evaluation"]
        assert set(tested) == set(pairs) - {"train"}
        for part, phase in tested.items():
            unseen, seen = len(hidden[part]), len(pairs[part]) - len(hidden[part])
            assert phase["images"] == {"seen": 2 * seen, "unseen": 2 * unseen}
            # Without an image of a seen pair there is no curve.
            assert (phase["auc"][0] is None) == (seen == 0)

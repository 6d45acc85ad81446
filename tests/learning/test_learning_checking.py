"""What is found where every sample of a dataset is read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pydantic
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from taskspace.components import Cell, CellFunction, Dataset, Field
from taskspace.errors import DataError
from taskspace.learning.checking.labels import label_findings
from taskspace.learning.checking.planned_splits import planned_splits
from taskspace.learning.checking.samples import FieldLabels, look_at
from taskspace.learning.splits import split_indices, split_of

CLASSES = ("bee", "cat", "dog")


class Listed(Dataset):
    """Samples as they are listed: class ids, numbers, and masks of two pixels."""

    name: ClassVar[str] = "listed"
    ids: list[int]
    numbers: list[float | None]
    broken: list[int] = pydantic.Field(default_factory=list)

    def fingerprint(self) -> str:
        return "listed"

    def fields(self) -> Mapping[str, Field]:
        return {
            "image": Field((1, 2, 2)),
            "kind": Field((), CLASSES),
            "size": Field(()),
            "mask": Field((1, 2), CLASSES),
        }

    def length(self) -> int:
        return len(self.ids)

    def read(self, indices, fields=None):
        rows = [int(i) for i in indices]
        if wrong := sorted(set(rows) & set(self.broken)):
            raise DataError(f"Samples {wrong} are broken.")
        ids = torch.tensor([self.ids[i] for i in rows])
        numbers = [float("nan") if self.numbers[i] is None else self.numbers[i] for i in rows]
        sample = {
            "image": torch.zeros(len(rows), 1, 2, 2),
            "kind": ids,
            "size": torch.tensor(numbers),
            "mask": torch.stack([ids, torch.full_like(ids, -1)], dim=1)[:, None],
        }
        return {name: sample[name] for name in sample if fields is None or name in fields}


SAMPLES = st.lists(
    st.tuples(st.integers(-1, 2), st.none() | st.integers(0, 9), st.booleans()),
    min_size=1,
    max_size=200,
)


@settings(deadline=None)
@given(SAMPLES)
def test_every_sample_is_counted_or_named_as_unreadable(samples):
    broken = [i for i, (*_, is_broken) in enumerate(samples) if is_broken]
    dataset = Listed(ids=[s[0] for s in samples], numbers=[s[1] for s in samples], broken=broken)
    told: list[tuple[int, int]] = []
    looked = look_at(dataset, None, lambda done, total: told.append((done, total)))
    assert [each.sample for each in looked.unreadable] == broken
    assert all(each.problem == f"Samples [{each.sample}] are broken." for each in looked.unreadable)
    readable = [s for s in samples if not s[2]]
    kind, size = looked.fields["kind"], looked.fields["size"]
    assert kind.counts() == {n: sum(s[0] == i for s in readable) for i, n in enumerate(CLASSES)}
    assert kind.labelled == sum(kind.counts().values()) == looked.fields["mask"].labelled
    assert sorted(size.present()) == sorted(s[1] for s in readable if s[1] is not None)
    assert told[-1] == (len(samples), len(samples))
    if readable:
        share = looked.fields["mask"].missing_share
        assert share == pytest.approx(1 - kind.labelled / (2 * len(readable)))


def test_only_what_is_asked_for_is_read():
    looked = look_at(Listed(ids=[0, 1], numbers=[1, 2]), {"kind"})
    assert set(looked.fields) == {"kind"} and looked.image == (1, 2, 2)


def field(values: list, classes: tuple[str, ...] | None = CLASSES) -> FieldLabels:
    array = np.array(values, dtype=float if classes is None else int)
    present = int(np.isfinite(array).sum() if classes is None else (array >= 0).sum())
    return FieldLabels(Field((), classes), "kind", present, array)


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        (field([0, 0, 1, 1, 2, 2]), []),
        (field([0, 0, 1, 1, 2, -1]), ["classes-of-one"]),
        (field([1, 1, -1]), ["labels-constant"]),
        (field([-1, -1]), ["labels-absent"]),
        (field([1.5, 2.5, np.nan], None), []),
        (field([7.0, 7.0, np.nan], None), ["labels-constant"]),
        (field([np.nan, np.nan], None), ["labels-absent"]),
    ],
)
def test_labels_that_teach_nothing_are_named(labels, codes):
    findings = list(label_findings({"kind": labels}))
    assert [finding.code for finding in findings] == codes
    assert all("'kind'" in finding.text for finding in findings)


def test_a_column_that_is_numbers_and_classes_is_told_once():
    numbers = replace(field([7.0, 7.0, np.nan], None), called="age")
    classes = replace(field([0, 0, -1]), called="age")
    (finding,) = label_findings({"age": numbers, "age (classes)": classes})
    assert finding.text.startswith("All 2 labels of 'age' are 7")


def test_a_class_without_a_sample_in_a_split_is_named_with_the_split():
    splits = {"train": np.array([0, 2]), "test": np.array([1, 3, 4, 5])}
    (finding,) = label_findings({"kind": field([0, 0, 1, 1, 2, 2])}, splits)
    assert finding.code == "classes-absent"
    assert finding.details == ("train (2 samples): 'dog'",)


def planned(parameters: dict) -> Cell:
    spec = Listed(ids=[0] * 40, numbers=[0] * 40).spec()
    return Cell("a", "k", CellFunction("m:f", 1), parameters, {"dataset": spec}, {}, {})


def test_the_splits_are_those_of_the_planned_cells():
    dataset = Listed(ids=[0] * 40, numbers=[0] * 40)
    shares = {"train": 0.5, "test": 0.5}
    own = planned_splits(
        [planned({}), planned({"splits": {"shares": list(shares.items()), "seed": 3}})], dataset
    )
    wanted = split_indices(40, None, shares, 3)
    assert set(own) == set(wanted) and all((own[n] == wanted[n]).all() for n in wanted)
    two = planned_splits([planned({"split": {"share": 0.25, "seed": 1}})], dataset)
    assert (two["test"] == split_of(dataset, 0.25, 1).test).all()
    assert planned_splits([planned({"split": "train"})], dataset) == {}


class Ragged(Listed):
    """Two boxes, none, one of which a side is missing, and an image without labels."""

    name: ClassVar[str] = "ragged"

    def fields(self) -> Mapping[str, Field]:
        boxes = Field((3, 4), count="count")
        return {"image": Field((1, 2, 2)), "boxes": boxes, "count": Field(())}

    def read(self, indices, fields=None):
        counts = torch.tensor([2.0, 0.0, 1.0, float("nan")])
        boxes = torch.full((4, 3, 4), float("nan"))
        boxes[0, :2] = 1.0
        boxes[2, 0, :3] = 1.0
        sample = {"image": torch.zeros(4, 1, 2, 2), "boxes": boxes, "count": counts}
        rows = torch.as_tensor([int(i) for i in indices])
        return {name: sample[name][rows] for name in sample if fields is None or name in fields}


@pytest.mark.parametrize("fields", [None, {"boxes"}])
def test_padding_of_a_field_with_several_entries_is_not_missing(fields):
    looked = look_at(Ragged(ids=[0] * 4, numbers=[]), fields)
    assert looked.fields["boxes"].missing_share == pytest.approx(1 / 12)
    assert looked.fields["boxes"].labelled == 2

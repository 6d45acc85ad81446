"""Every sample of a dataset read once: which cannot be, and what their labels are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np

from taskspace.components import Dataset, Field, Sample
from taskspace.components.exchanged.class_fields import own_name
from taskspace.errors import InputError

Listener = Callable[[int, int], None]
"""Called with how many samples are read and how many there are."""

MOST_SAMPLES = 64
MOST_NUMBERS = 1 << 22
"""What is read at once, at most: samples, and numbers in all their fields."""


@dataclass(frozen=True)
class Unreadable:
    """A sample that cannot be read, by its number, why, and what the dataset advises."""

    sample: int
    problem: str
    advice: str = ""


@dataclass
class FieldLabels:
    """What a field holds, over the samples that can be read.

    Attributes:
        field: as the dataset declares it.
        called: what people call it: the numbers of a column as class ids are called as the column.
        labelled: samples with a label; of maps and masks, with one in any pixel.
        values: of a field of one value a sample: every label [samples], missing where the sample
            cannot be read; None for maps and masks.
        missing_share: of a map, a mask or boxes: the share of its values without a label; what
            stands for no box counts as nothing.
    """

    field: Field
    called: str
    labelled: int = 0
    values: np.ndarray | None = None
    missing_share: float | None = None

    def present(self) -> np.ndarray:
        """Return the labels that are there [labelled], of a field of one value a sample."""
        if self.values is None:
            raise TypeError("Maps and masks have no list of labels.")
        present: np.ndarray = self.values[is_there(self.values)]
        return present

    def counts(self) -> dict[str, int]:
        """Return how many samples each class has, of a field of classes with one a sample."""
        names = self.field.classes or ()
        numbers = Counter(self.present().tolist())
        return {name: numbers[number] for number, name in enumerate(names)}


@dataclass(frozen=True)
class LookedAt:
    """A dataset of which every sample was read once.

    Attributes:
        image: the shape (C, H, W) of its images.
        fields: all that were read but the image, in the order of what they are called.
    """

    samples: int
    image: tuple[int, ...]
    fields: Mapping[str, FieldLabels]
    unreadable: tuple[Unreadable, ...] = field(default_factory=tuple)

    @property
    def advice(self) -> str:
        """Return what the dataset advises where samples cannot be read, each advice once."""
        return " ".join(dict.fromkeys(each.advice for each in self.unreadable if each.advice))


def is_there(values: np.ndarray) -> np.ndarray:
    """Return which labels are there: finite numbers, class ids from 0 on."""
    there: np.ndarray = np.isfinite(values) if values.dtype.kind == "f" else values >= 0
    return there


def look_at(
    dataset: Dataset, fields: Collection[str] | None = None, listener: Listener | None = None
) -> LookedAt:
    """Read every sample, blocks at a time, and those of a block that fails one by one.

    Args:
        fields: what is read; every field where None. The image always is.

    Raises:
        DataError: if the dataset itself cannot be opened.
    """
    declared = dataset.fields()
    order = list(declared)
    asked = set(declared if fields is None else fields) | {"image"}
    asked |= {each.count for name, each in declared.items() if name in asked and each.count}
    names = [name for name in declared if name in asked]
    names.sort(key=lambda name: order.index(own_name(declared, name)))
    called = {name: own_name(declared, name) for name in names if name != "image"}
    found = _Labels({name: declared[name] for name in called}, called, dataset.length())
    count = dataset.length()
    size = max(1, sum(prod(declared[name].shape) for name in names))
    step = max(1, min(MOST_SAMPLES, MOST_NUMBERS // size))
    unreadable: list[Unreadable] = []
    for start in range(0, count, step):
        rows = range(start, min(start + step, count))
        for row, sample in _read(dataset, rows, names, unreadable):
            found.add(row, sample)
        if listener is not None:
            listener(rows.stop, count)
    return LookedAt(count, declared["image"].shape, found.fields(), tuple(unreadable))


def _read(
    dataset: Dataset, rows: range, names: Collection[str], unreadable: list[Unreadable]
) -> Iterator[tuple[int, Sample]]:
    """Yield samples [B, ...] with the number of the first."""
    try:
        yield rows.start, dataset.read(rows, set(names))
    except InputError as error:
        if len(rows) == 1:
            unreadable.append(Unreadable(rows.start, error.what, error.advice or ""))
            return
        for row in rows:
            yield from _read(dataset, range(row, row + 1), names, unreadable)


class _Labels:
    """The labels of all samples as they are read."""

    def __init__(self, fields: Mapping[str, Field], called: Mapping[str, str], count: int) -> None:
        self._fields = fields
        self._called = called
        self._values = {name: _blank(f, count) for name, f in fields.items() if not f.shape}
        self._labelled: Counter[str] = Counter()
        self._pixels: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()

    def add(self, start: int, sample: Sample) -> None:
        for name in self._fields:
            values = sample[name].numpy()
            there = is_there(values)
            if name in self._values:
                self._values[name][start : start + len(values)] = values
            else:
                own = self._own(name, there, sample)
                self._pixels[name] += int(own.sum())
                self._missing[name] += int((own & ~there).sum())
            self._labelled[name] += int(np.any(there.reshape(len(there), -1), axis=1).sum())

    def _own(self, name: str, there: np.ndarray, sample: Sample) -> np.ndarray:
        """Return which entries are a sample's own, bool like `there`; the others are padding."""
        count = self._fields[name].count
        if count is None:
            return np.ones_like(there)
        counts = np.nan_to_num(sample[count].numpy())
        within = np.arange(there.shape[1]) < counts[:, None]
        return np.broadcast_to(within.reshape(*within.shape, *[1] * (there.ndim - 2)), there.shape)

    def fields(self) -> dict[str, FieldLabels]:
        return {
            name: FieldLabels(
                each,
                self._called[name],
                self._labelled[name],
                self._values.get(name),
                self._missing[name] / self._pixels[name] if self._pixels[name] else None,
            )
            for name, each in self._fields.items()
        }


def _blank(declared: Field, count: int) -> np.ndarray:
    if declared.classes is None:
        return np.full(count, np.nan)
    return np.full(count, -1, dtype=np.int64)

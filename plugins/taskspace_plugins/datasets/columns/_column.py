"""The labels of all samples in one field, as numbers and as classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from taskspace.components import Field, NumberSpan
from taskspace.components.exchanged.class_fields import class_ids_name

if TYPE_CHECKING:
    from collections.abc import Collection

    import torch


@dataclass(frozen=True)
class LabelColumn:
    """The labels of all samples in one field.

    Attributes:
        values: float32 [N] with NaN for missing (float64 where there is a span), or int64 [N] class
            ids with -1 for missing.
        classes: the class names, sorted; None where the values are numbers.
        as_classes: the same labels as class ids, where the values are whole numbers.
        no_numbers: why they are no numbers, with a place; of classes.
        no_classes: why they are no classes, with a place; of numbers.
        span: of numbers that 32 bits would merge.
    """

    values: np.ndarray
    classes: tuple[str, ...] | None
    as_classes: LabelColumn | None = None
    no_numbers: str = ""
    no_classes: str = ""
    span: NumberSpan | None = None

    def content(self) -> bytes:
        """Return what tells this column from others, for fingerprints: equal where all labels are.

        Class ids follow from the numbers, except where 64 bits merge numbers.
        """
        names = "" if self.span is None or self.as_classes is None else self.as_classes.classes
        return self.values.tobytes() + f"{names}".encode()


def classes_of(words: Sequence[str | None], no_numbers: str = "") -> LabelColumn:
    """Return class ids for words, in the order of the sorted words; None is missing."""
    classes = tuple(sorted({word for word in words if word is not None}))
    number = {word: index for index, word in enumerate(classes)}
    ids = [-1 if word is None else number[word] for word in words]
    return LabelColumn(np.array(ids, dtype=np.int64), classes, no_numbers=no_numbers)


def whole_classes(numbers: Sequence[int | None]) -> LabelColumn:
    """Return class ids for whole numbers, in their order; None is missing.

    A class is called like its number: `1`, whether that was written 1, 01 or 1.0.
    """
    present = sorted({number for number in numbers if number is not None})
    place = {number: index for index, number in enumerate(present)}
    ids = [-1 if number is None else place[number] for number in numbers]
    return LabelColumn(np.array(ids, dtype=np.int64), tuple(map(str, present)))


def fields_of(
    columns: Mapping[str, LabelColumn], descriptions: Mapping[str, str]
) -> dict[str, Field]:
    """Return a field for each column, and one for the class ids of each of whole numbers.

    A column that is called like the class ids of another one keeps its name; the other one is no
    field of classes then.
    """
    fields = {}
    for name, column in columns.items():
        ids = class_ids_name(name)
        named = column.as_classes is not None and ids not in columns
        taken = f"another column has the name of its classes, {ids!r}, and needs another one"
        fields[name] = Field(
            (),
            column.classes,
            descriptions[name],
            as_classes=ids if named else None,
            no_numbers=column.no_numbers,
            no_classes=taken if column.as_classes is not None and not named else column.no_classes,
            span=column.span,
        )
    for name, field in list(fields.items()):
        whole = columns[name].as_classes
        if field.as_classes is not None and whole is not None:
            described = f"The numbers of {name!r} as classes."
            fields[field.as_classes] = Field((), whole.classes, described)
    return fields


def labels_of(
    columns: Mapping[str, LabelColumn], rows: np.ndarray, wanted: Collection[str]
) -> dict[str, torch.Tensor]:
    """Return those of the fields of `fields_of` that are wanted, for some rows: [B] each."""
    import torch  # noqa: PLC0415  (reading needs it, listing does not)

    whole = {
        class_ids_name(name): column.as_classes
        for name, column in columns.items()
        if column.as_classes is not None
    }
    return {
        name: torch.from_numpy(column.values[rows])
        for name, column in (whole | dict(columns)).items()
        if name in wanted
    }

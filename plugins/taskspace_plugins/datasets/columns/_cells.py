"""From the cells of a column to labels: numbers where all of them are, else classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from taskspace.tables import NoNumber, Numbers
from taskspace_plugins.datasets.columns._column import LabelColumn, classes_of, whole_classes
from taskspace_plugins.datasets.columns._numbers import LARGEST, fractions, whole_numbers


@dataclass(frozen=True)
class LabelCell:
    """What stands in a column for one sample.

    Attributes:
        text: without the space around it, never missing.
        line: where it stands.
    """

    text: str
    line: int


@dataclass(frozen=True)
class _ReadCell:
    """A cell as a number, exactly where it is a whole one; `fault` where it is none."""

    cell: LabelCell
    value: float
    whole: int | None
    fault: str


def column_of(
    cells: Sequence[LabelCell | None], place: Callable[[int], str], numbers: Numbers
) -> tuple[LabelColumn, str]:
    """Return the labels, and what is odd about them: that numbers stand among words, or nothing.

    Args:
        cells: of all samples; None is missing. One is there at least.
        place: from a line to what errors call it.
        numbers: how numbers are written in the file.
    """
    readings = [None if cell is None else _read(cell, numbers) for cell in cells]
    present = sorted((r for r in readings if r is not None), key=lambda r: r.cell.line)
    words = [reading for reading in present if reading.fault]
    if words:
        found = f"{place(words[0].cell.line)} has {words[0].cell.text!r}, {words[0].fault}"
        texts = [None if cell is None else cell.text for cell in cells]
        some = f"{len(present) - len(words):,} of {len(present):,} labels are numbers"
        mixed = len(words) < len(present)
        return classes_of(texts, found), f"{some}; {found}" if mixed else ""
    values = np.array([math.nan if r is None else r.value for r in readings], dtype=np.float64)
    parts = [reading for reading in present if reading.whole is None]
    if parts:
        found = f"{place(parts[0].cell.line)} has {parts[0].cell.text!r}, which is no whole number"
        return fractions(values, found), ""
    whole = [None if reading is None else reading.whole for reading in readings]
    return whole_numbers(whole, whole_classes(whole)), ""


def _read(cell: LabelCell, numbers: Numbers) -> _ReadCell:
    try:
        value = numbers.parse(cell.text)
    except NoNumber as error:
        return _ReadCell(cell, math.nan, None, f"{error.fault}. {error.advice.rstrip('.')}")
    if value is None:
        return _ReadCell(cell, math.nan, None, "which is no number")
    if abs(value) > LARGEST:
        return _ReadCell(cell, math.nan, None, "which is too large for a 32-bit number")
    return _ReadCell(cell, value, _whole(cell.text, numbers), "")


def _whole(text: str, numbers: Numbers) -> int | None:
    """Return the whole number that a number's text writes, exactly; None for a fraction."""
    try:
        written = Decimal(text.replace(",", ".") if numbers.decimal_comma else text)
    except InvalidOperation:
        return None
    return int(written) if written == written.to_integral_value() else None

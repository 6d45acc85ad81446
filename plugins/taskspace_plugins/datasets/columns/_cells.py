"""From the cells of a column to labels: numbers where all of them are, else classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import numpy as np

from taskspace.tables import NoNumber, Numbers
from taskspace_plugins.datasets.columns._column import LabelColumn, classes_of, whole_classes
from taskspace_plugins.datasets.columns._numbers import LARGEST, fractions, whole_numbers


class LabelCell(NamedTuple):
    """What stands in a column for one sample.

    Attributes:
        text: without the space around it, never missing.
        line: where it stands.
    """

    text: str
    line: int


class _Written(NamedTuple):
    """A cell's text as a number, exactly where it is a whole one; `fault` where it is none."""

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
    texts = [None if cell is None else cell.text for cell in cells]
    # Cells repeat, as classes do, so each text is read once.
    written = {text: _read(text, numbers) for text in dict.fromkeys(texts) if text is not None}
    present = sorted((cell for cell in cells if cell is not None), key=lambda cell: cell.line)
    words = [cell for cell in present if written[cell.text].fault]
    if words:
        found = f"{place(words[0].line)} has {words[0].text!r}, {written[words[0].text].fault}"
        some = f"{len(present) - len(words):,} of {len(present):,} labels are numbers"
        mixed = len(words) < len(present)
        return classes_of(texts, found), f"{some}; {found}" if mixed else ""
    parts = [cell for cell in present if written[cell.text].whole is None]
    if parts:
        found = f"{place(parts[0].line)} has {parts[0].text!r}, which is no whole number"
        values = [math.nan if text is None else written[text].value for text in texts]
        return fractions(np.array(values, dtype=np.float64), found), ""
    whole = [None if text is None else written[text].whole for text in texts]
    return whole_numbers(whole, whole_classes(whole)), ""


def _read(text: str, numbers: Numbers) -> _Written:
    try:
        value = numbers.parse(text)
    except NoNumber as error:
        return _Written(math.nan, None, f"{error.fault}. {error.advice.rstrip('.')}")
    if value is None:
        # It would have been left out, unless the parameters of the dataset keep it.
        fault = (
            "a word because of `missing` in the dataset. Where it means missing, add it there, or "
            "name other columns alone there: `missing: {NAME: []}`"
        )
        return _Written(math.nan, None, fault)
    if abs(value) > LARGEST:
        return _Written(math.nan, None, "which is too large for a 32-bit number")
    return _Written(value, _whole(text, value, numbers), "")


def _whole(text: str, value: float, numbers: Numbers) -> int | None:
    """Return the whole number that a number's text writes, exactly; None for a fraction.

    Args:
        text: of the cell.
        value: the nearest 64-bit number.
        numbers: how numbers are written in the file.
    """
    if not value.is_integer():
        return None
    if text.isdecimal():
        return int(text)
    try:
        written = Decimal(text.replace(",", ".") if numbers.decimal_comma else text)
    except InvalidOperation:
        return None
    return int(written) if written == written.to_integral_value() else None

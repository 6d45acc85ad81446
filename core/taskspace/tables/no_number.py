"""What is wrong with a cell that should hold a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

PLAIN = (
    "Write a number such as 12.5, without a unit; leave the cell empty where nothing was measured."
)
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")

_GAPS = ",.'_ \N{RIGHT SINGLE QUOTATION MARK}\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
_GAPS += "\N{THIN SPACE}"
_GROUPED = re.compile(rf"[+-]?\d{{1,3}}([{_GAPS}])(?:\d{{2,3}}\1)*\d{{3}}(?:[.,]\d+)?")
_NUMBER = r"[+-]?(?:\d[\d.,]*|\.\d+)(?:[eE][+-]?\d+)?"
_BEFORE = re.compile(rf"([^\d\s.,+-]{{1,8}})\s*{_NUMBER}")
_AFTER = re.compile(rf"{_NUMBER}\s*([^\d\s.,+-]\S{{0,11}})")


class NoNumber(ValueError):
    """A cell that holds no number.

    Attributes:
        fault: as it follows the cell: `with a thousands separator`, `which is no number`.
        advice: what to write.
    """

    def __init__(self, fault: str, advice: str) -> None:
        super().__init__(fault, advice)
        self.fault, self.advice = fault, advice


def no_number(cell: str) -> NoNumber:
    """Return what is wrong with a cell that is neither blank nor a number."""
    fault, advice = next(_faults(cell.strip()))
    return NoNumber(fault, advice)


def _faults(text: str) -> Iterator[tuple[str, str]]:
    if text.startswith("\N{MINUS SIGN}"):
        yield "with a minus sign that is no hyphen", "Write -5 with the key `-`."
    if text.startswith("%") or text.endswith("%"):
        yield "with a percent sign", "Write the number alone."
    if _GROUPED.fullmatch(text):
        yield "with a thousands separator", "Write 1234.5 for 1,234.5."
    if DECIMAL_COMMA.fullmatch(text):
        advice = "Write 0.5 for 0,5, or save the table with semicolons between its columns."
        yield "with a decimal comma", advice
    if (after := _AFTER.fullmatch(text)) and not _is_read(text):
        yield f"with {after[1]!r} after the number", PLAIN
    if before := _BEFORE.fullmatch(text):
        yield f"with {before[1]!r} before the number", PLAIN
    if _is_read(text):
        yield ("with an underscore" if "_" in text else "which is no finite number"), PLAIN
    yield "which is no number", PLAIN


def _is_read(text: str) -> bool:
    """Return whether Python reads it as a number: `1_0`, `inf`, `1e999`."""
    try:
        float(text)
    except ValueError:
        return False
    return True

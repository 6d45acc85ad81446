"""Numbers as people write them in tables: which words mean none, and what is wrong with a cell."""

from __future__ import annotations

import math
from typing import Any

from taskspace.errors import TableError
from taskspace.tables.no_number import DECIMAL_COMMA, PLAIN, NoNumber, no_number

MISSING = frozenset(
    {
        *("", "nan", "+nan", "-nan", "na", "n/a", "null", "none", "<na>"),
        *("?", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}", "."),
        # What spreadsheets show for formulas without a value, and old Windows programs for NaN.
        *("#n/a", "#n/a n/a", "#na", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"),
        *("#spill!", "#calc!", "#getting_data", "#error!", "1.#ind", "-1.#ind", "1.#qnan"),
        *("-1.#qnan",),
    }
)
"""What a cell without a value says, in any case: what pandas, R and spreadsheets write."""


def is_missing(cell: str) -> bool:
    """Return whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING


class Numbers:
    """How numbers are written in one file.

    Args:
        decimal_comma: whether `0,5` is a half: where cells are parted by semicolons. `0.5` is one
            as well, but a file that has both is refused, because `1.234` would be a guess.
    """

    def __init__(self, *, decimal_comma: bool = False) -> None:
        self.decimal_comma = decimal_comma
        self._written: dict[str, str] = {}

    def parse(self, cell: Any) -> float | None:
        """Return the finite number of a cell, or of a JSON value; None where there is none.

        Raises:
            NoNumber: if there is something else.
        """
        if cell is None:
            return None
        if not isinstance(cell, str):
            return _json_number(cell)
        if self.decimal_comma and ("," in cell or "." in cell):
            return self._parse_local(cell)
        try:
            number = float(cell)
        except ValueError:
            if is_missing(cell):
                return None
            raise no_number(cell) from None
        if math.isfinite(number) and "_" not in cell:
            return number
        if math.isnan(number):
            return None
        raise no_number(cell)

    def _parse_local(self, cell: str) -> float | None:
        if is_missing(cell):
            return None
        text = cell.strip()
        number = _FROM_POINT.parse(
            text.replace(",", ".") if DECIMAL_COMMA.fullmatch(text) else text
        )
        mark = "," if "," in text else "."
        other = self._written.get("." if mark == "," else ",")
        if other is not None:
            raise NoNumber(
                f"and {other!r} in a row before: one has a decimal comma, the other a point",
                "Write all numbers of a file the same way.",
            )
        self._written.setdefault(mark, text)
        return number

    def cell(self, cell: Any, what: str, where: str) -> float | None:
        """Return the number of a cell as `parse` does.

        Args:
            cell: text, or a JSON value.
            what: of which it is the number, for the error.
            where: its place, for the error.

        Raises:
            TableError: if the cell holds something else.
        """
        try:
            return self.parse(cell)
        except NoNumber as error:
            raise TableError(
                f"The {what} is {cell!r}, {error.fault}.", where=where, advice=error.advice
            ) from error


_FROM_POINT = Numbers()


def _json_number(value: Any) -> float | None:
    try:
        number = math.inf if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.inf
    if math.isnan(number):
        return None
    if not math.isfinite(number):
        raise NoNumber("which is no finite number", PLAIN)
    return number

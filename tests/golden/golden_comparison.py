"""Two sets of golden numbers, number by number, each difference at its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from golden_numbers import is_number


@dataclass(frozen=True)
class Tolerance:
    """By how much two numbers that are not both whole may differ and count as equal."""

    relative: float = 0.0
    absolute: float = 0.0

    def allows(self, one: float, other: float) -> bool:
        """Return whether the numbers count as equal."""
        larger = max(abs(one), abs(other))
        return abs(one - other) <= self.absolute + self.relative * larger


EXACT = Tolerance()
OTHER_PROCESSOR = Tolerance(relative=1e-4, absolute=1e-6)
"""Other instructions add in another order, and rounding differs by some 1e-7."""


def differences(stored: Any, computed: Any, tolerance: Tolerance, path: str = "") -> Iterator[str]:
    """Yield a line for each place at which the values differ: its path, and both of them."""
    if isinstance(stored, Mapping) and isinstance(computed, Mapping):
        for key in [*stored, *(key for key in computed if key not in stored)]:
            where = f"{path}/{key}"
            if key not in computed or key not in stored:
                yield f"{where}: {'gone' if key in stored else 'new'}"
            else:
                yield from differences(stored[key], computed[key], tolerance, where)
    elif isinstance(stored, list) and isinstance(computed, list):
        if len(stored) != len(computed):
            yield f"{path}: {len(stored)} stored, {len(computed)} computed"
        for number, pair in enumerate(zip(stored, computed, strict=False)):
            yield from differences(*pair, tolerance, f"{path}/{number}")
    elif not _equal(stored, computed, tolerance):
        yield f"{path}: {stored!r} stored, {computed!r} computed"


def _equal(stored: Any, computed: Any, tolerance: Tolerance) -> bool:
    if not (is_number(stored) and is_number(computed)):
        return bool(stored == computed) and type(stored) is type(computed)
    if isinstance(stored, int) and isinstance(computed, int):
        return stored == computed
    return tolerance.allows(stored, computed)

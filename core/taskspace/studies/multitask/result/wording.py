"""Words for counts and lists in findings."""

from __future__ import annotations

from collections.abc import Sequence

COUNTS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count_word(count: int) -> str:
    """Return `three` for 3, and digits beyond ten."""
    return COUNTS[count] if count < len(COUNTS) else f"{count:,}"


def listed(names: Sequence[str]) -> str:
    """Return `a`, `a and b` or `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"

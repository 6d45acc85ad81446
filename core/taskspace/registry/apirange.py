"""Ranges of api numbers, as `>=1,<2` in registry.toml."""

from __future__ import annotations

import operator
import re

from taskspace.registry.bounded.shortened import brief

_CLAUSE = re.compile(r"(>=|<=|==|!=|<|>)\s*([0-9]{1,9})")
_COMPARE = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}


def parse_range(text: str) -> tuple[tuple[str, int], ...]:
    """Return the clauses of a range, each an operator and a whole number.

    Raises:
        ValueError: if a clause is not an operator and a whole number.
    """
    clauses = []
    for clause in text.split(","):
        match = _CLAUSE.fullmatch(clause.strip())
        if match is None:
            raise ValueError(f"Found {brief(clause.strip())} where '>=1' or the like was expected.")
        clauses.append((match[1], int(match[2])))
    return tuple(clauses)


def in_range(number: int, text: str) -> bool:
    """Return whether `number` satisfies every clause of the range `text`."""
    return all(_COMPARE[sign](number, bound) for sign, bound in parse_range(text))


def supports(api: int, text: str) -> bool:
    """Return whether a host of number `api` runs a plugin made for the range `text`.

    A host runs plugins of its own number and of the one before.
    """
    return any(in_range(number, text) for number in (api, api - 1) if number >= 1)

"""Names of tasks in a message."""

from __future__ import annotations

from collections.abc import Iterable

MOST_LISTED = 8
"""So many names are in a message; beyond it, their number."""


def listed_names(names: Iterable[str]) -> str:
    """Return names as an error message lists them."""
    listed = sorted(names)
    shown = ", ".join(repr(name) for name in listed[:MOST_LISTED])
    return shown if len(listed) <= MOST_LISTED else f"{shown} and {len(listed) - MOST_LISTED} more"

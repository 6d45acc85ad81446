"""The words that lexicons are tried with."""

from __future__ import annotations

ATTRIBUTES = ("red", "green", "blue", "old", "small", "wooden")
OBJECTS = ("apple", "table", "chair", "lamp", "car", "dog")


def sentences() -> tuple[str, ...]:
    """Return sentences in which each attribute stands beside some objects, some more often."""
    return tuple(
        f"the {attribute} {thing} is in the room"
        for i, attribute in enumerate(ATTRIBUTES)
        for j, thing in enumerate(OBJECTS)
        for _ in range((i * j + i + 2 * j) % 4)
    )

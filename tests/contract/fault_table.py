"""Which class breaks which check: filled in by the modules of planted faults."""

from __future__ import annotations

from taskspace.components import Component

TABLE: list[tuple[str, type[Component]]] = []


def breaks(check: str):
    """Enter a class in the table."""

    def entered(cls: type[Component]) -> type[Component]:
        TABLE.append((check, cls))
        return cls

    return entered

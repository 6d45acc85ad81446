"""Findings that every study of trained networks may have."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components import Finding, MissingCell

NAMED = 3
"""How many cells are named before the rest is dots."""


def missing_finding(missing: Sequence[MissingCell]) -> Finding:
    """Return the warning that some cells, have no result."""
    count = len(missing)
    names = ", ".join(row.cell for row in missing[:NAMED])
    more = ", ..." if count > NAMED else ""
    cells, them = ("cell has", "it") if count == 1 else ("cells have", "them")
    return Finding(
        "cells-missing",
        "warning",
        f"{count} {cells} no result ({names}{more}); what needs {them} is left out.",
    )

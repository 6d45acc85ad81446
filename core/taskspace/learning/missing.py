"""What every study of trained networks says of cells that have no result."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components import Finding, MissingCell
from taskspace.components.page import Block, Table

NAMED = 3
"""How many cells are named before the rest is dots."""


def missing_finding(missing: Sequence[MissingCell]) -> Finding:
    """Return the warning that some cells have no result."""
    count = len(missing)
    names = ", ".join(row.cell for row in missing[:NAMED])
    more = ", ..." if count > NAMED else ""
    cells, them = ("cell has", "it") if count == 1 else ("cells have", "them")
    return Finding(
        "cells-missing",
        "warning",
        f"{count} {cells} no result ({names}{more}); what needs {them} is left out.",
    )


def missing_blocks(missing: Sequence[MissingCell]) -> list[Block]:
    """Return the table of what has no result, for a page; empty where nothing is missing."""
    rows = [(row.cell, row.message) for row in missing]
    caption = "What has no result, and what waited for it."
    return [Table("missing", ("cell", "why"), rows, caption)] if rows else []

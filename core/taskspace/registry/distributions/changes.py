"""Which of a plugin's files are not the ones that were trusted, in words."""

from __future__ import annotations

import os
from importlib.metadata import Distribution
from pathlib import Path

from taskspace.registry.distributions.digest import Inventory, editable_tree
from taskspace.registry.distributions.record import recorded

SHOWN = 3
"""Files that a sentence names; the others are counted."""


def changes(metadata: Distribution, found: Inventory) -> tuple[str, ...]:
    """Return what happened to each file that is not as it was installed, by name of file.

    Empty where no single file differs from RECORD, and for an editable install, whose source tree
    has none.

    Args:
        metadata: of the distribution.
        found: its files as they are.

    Raises:
        RegistryError: if its RECORD cannot be read.
    """
    if editable_tree(metadata) is not None:
        return ()
    told = dict.fromkeys(found.missing, "is missing")
    told |= dict.fromkeys(found.strange, "was not installed with it")
    base = str(metadata.locate_file(""))
    for row in recorded(metadata):
        if row.path not in told and not row.agrees(Path(os.path.join(base, row.path)).read_bytes()):  # noqa: PTH118
            told[row.path] = "has changed"
    return tuple(f"{name} {what}" for name, what in sorted(told.items()))


def sentence(differences: tuple[str, ...], *, editable: bool) -> str:
    """Return what is to be said of changed files: a few by name, the others counted."""
    if editable:
        return "Its source tree is not the one that was trusted"
    if not differences:
        return (
            "No single file differs from its RECORD, so RECORD was changed too, or another build "
            "of the same version is installed"
        )
    named = ", ".join(differences[:SHOWN])
    others = len(differences) - SHOWN
    return f"{named} (and {others} more)" if others > 0 else named

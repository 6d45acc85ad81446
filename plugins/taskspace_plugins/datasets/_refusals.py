"""Errors that name files, up to ten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from taskspace.errors import DataError
from taskspace.layout.decoding import reason_of

LISTED = 10
"""How many wrong files or rows an error names."""

Wrong = tuple[str, BaseException]
"""The name of a file as the user writes it, and what reading it has raised."""


def refuse_files(
    root: Path,
    wrong: Sequence[Wrong],
    what: str,
    advice: str = "Repair or remove what is named.",
) -> None:
    """Raise an error that names the wrong files, where there are any.

    Raises:
        DataError: with up to ten names and what is wrong with each.
    """
    if not wrong:
        return
    count = len(wrong)
    named = "; ".join(f"{name} ({reason_of(error)})" for name, error in wrong[:LISTED])
    more = f"; and {count - LISTED} more" if count > LISTED else ""
    text = f"{named} {what}." if count == 1 else f"{count} files {what}: {named}{more}."
    raise DataError(text, where=str(root), advice=advice)

"""What a reader must know of the compositions, words and features that methods were given."""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.components import Finding
from taskspace.studies.zeroshot.result.model import ZeroshotResult


def material_findings(result: ZeroshotResult) -> Iterator[Finding]:
    """Yield the findings about what methods were given."""
    yield from _untaught(result)
    yield from _alike(result)
    yield from _encoder(result)


def _untaught(result: ZeroshotResult) -> Iterator[Finding]:
    counts = [each.untaught for each in result.compositions]
    if any(counts):
        least, most = min(counts), max(counts)
        number = f"{most}" if least == most else f"{least} to {most}"
        yield Finding(
            "compositions-untaught",
            "warning",
            f"Compositions that were to be seen, and count as unseen: {number} in a repetition. "
            "All of their images belong to groups or published parts that test. Label more groups, "
            "or set a smaller share in `test`.",
        )


def _alike(result: ZeroshotResult) -> Iterator[Finding]:
    if result.alike:
        yield Finding(
            "words-alike",
            "warning",
            f"The lexicon {result.lexicon} describes some classes alike, so that nothing tells "
            "their unseen compositions apart. Join these classes, rename them, or use another "
            "lexicon.",
            tuple(" = ".join(repr(name) for name in group) for group in result.alike),
        )


def _encoder(result: ZeroshotResult) -> Iterator[Finding]:
    if result.encoder.starts_from is not None:
        yield Finding(
            "encoder-published",
            "note",
            f"Features come from {result.encoder.starts_from}: its training may have shown objects "
            "and attributes of unseen compositions, though not their labels here.",
        )

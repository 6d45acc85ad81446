"""What a reader must know of the compositions, words and features that methods were given."""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.components import Finding
from taskspace.studies.zeroshot.result.model import ZeroshotResult


def material_findings(result: ZeroshotResult) -> Iterator[Finding]:
    """Yield the findings about what methods were given."""
    yield from _untaught(result)
    yield from _unseen_words(result)
    yield from _telling(result)
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


def _unseen_words(result: ZeroshotResult) -> Iterator[Finding]:
    words = sorted({word for each in result.compositions for word in each.unseen_words})
    if words:
        yield Finding(
            "words-unseen",
            "warning",
            "Some words stand in no composition that is seen, so that no image teaches what they "
            "look like: their vectors are all that is known.",
            (", ".join(words),),
        )


def _telling(result: ZeroshotResult) -> Iterator[Finding]:
    fields = sorted({field for each in result.compositions for field in each.telling})
    if fields:
        yield Finding(
            "told-by-one-word",
            "warning",
            f"No two unseen compositions share a word of {' or of '.join(fields)}, which alone "
            "tells them apart: accuracy on them says nothing about combinations. Leave out "
            "compositions that share words.",
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

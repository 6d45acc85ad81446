"""What a reader of results on drives must know of the recordings and the labels."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from taskspace.components import Finding, Tone
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.driving._samples import DriveIndex


def drive_findings(index: DriveIndex) -> Iterator[Finding]:
    """Yield what is not used as it stands; each kind once, with up to ten of its cases."""
    samples = index.samples
    unused = index.unused
    yield from _categories(
        "categories-unknown",
        "warning",
        unused.unknown,
        "left out: none of the ten detection classes",
    )
    yield from _categories(
        "categories-undecided",
        "note",
        unused.undecided,
        "kept as regions in which detections count neither as hits nor as misses",
    )
    cases: tuple[tuple[str, Tone, str, str, Sequence[str]], ...] = (
        (
            "labels-without-image",
            "warning",
            "labelled frames",
            "have no image and are left out",
            index.without_image,
        ),
        (
            "labels-repeated",
            "warning",
            "frames",
            "are labelled more than once; the first labels count",
            unused.repeated,
        ),
        (
            "frames-without-labels",
            "note",
            "frames",
            "have no entry in the labels: they are samples without boxes to learn from",
            index.without_labels,
        ),
        (
            "labels-without-box",
            "warning",
            "labels",
            "have no box of four numbers and are left out",
            unused.without_box,
        ),
        (
            "boxes-without-area",
            "warning",
            "boxes",
            "have no width or no height and are left out",
            unused.no_area,
        ),
        (
            "boxes-outside",
            "warning",
            "boxes",
            "lie outside of their frame and are left out",
            unused.outside,
        ),
        ("boxes-cut", "note", "boxes", "reach beyond their frame and end at its edge", unused.cut),
        (
            "boxes-of-polygons",
            "note",
            "labels",
            "are polygons: the box around one is its box",
            unused.polygons,
        ),
        (
            "frames-missing",
            "warning",
            "clips",
            "lack frames",
            [
                f"{clip.video}: {len(clip.missing)}, the first is {clip.missing[0] + 1}"
                for clip in index.clips
                if clip.missing
            ],
        ),
        (
            "windows-left-out",
            "warning",
            "windows",
            "of clips are left out, because one of their frames is missing",
            index.lost_windows,
        ),
        (
            "clips-without-motion",
            "warning",
            "clips",
            "have no labels of motion",
            [
                f"{video}: {recording.fault}"
                for (_, video), recording in index.recordings.items()
                if recording.fault
            ],
        ),
        (
            "files-not-read",
            "note",
            "files",
            "among the clips are no frame of theirs and are not read",
            [f"{file.parent.name}/{file.name}" for file in index.others],
        ),
    )
    for code, tone, noun, what, listed in cases:
        if listed:
            text = f"{len(listed):,} {noun} {what}."
            more = (f"and {len(listed) - LISTED:,} more",) if len(listed) > LISTED else ()
            yield Finding(code, tone, text, (*listed[:LISTED], *more))
    windows = [each.moved for each in samples if each.window is not None]
    turns = sum(not math.isnan(moved.angle) for moved in windows)
    ways = sum(not math.isnan(moved.metres) for moved in windows)
    if min(turns, ways) < len(windows):
        yield Finding(
            "motion-missing",
            "note",
            f"Of {len(windows):,} windows of clips, {turns:,} have a change of course and {ways:,} "
            "a distance: elsewhere the GPS has a gap, or no course or speed.",
        )


def _categories(code: str, tone: Tone, count: Counter[str], what: str) -> Iterator[Finding]:
    if count:
        details = tuple(f"{name}: {number:,}" for name, number in sorted(count.items()))
        yield Finding(code, tone, f"{count.total():,} labels are {what}.", details)

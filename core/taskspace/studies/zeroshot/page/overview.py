"""The report of a zero-shot run: which method names unseen compositions, and how it was checked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taskspace.components.page import Block, Figures, Page, Section, Text
from taskspace.learning.missing import missing_blocks
from taskspace.learning.records import IntervalRecord
from taskspace.studies.zeroshot.page.comparison import control_blocks, difference_blocks
from taskspace.studies.zeroshot.page.confusion import confusion_blocks
from taskspace.studies.zeroshot.page.curves import loss_curves, seen_unseen_curves
from taskspace.studies.zeroshot.page.examples import example_blocks
from taskspace.studies.zeroshot.page.features import quality_blocks
from taskspace.studies.zeroshot.page.maps import map_blocks
from taskspace.studies.zeroshot.page.methods import generalised_table, unseen_table
from taskspace.studies.zeroshot.page.published import published_blocks
from taskspace.studies.zeroshot.result.findings import best
from taskspace.studies.zeroshot.result.model import MethodKind, ZeroshotResult

Figure = tuple[str, str, str]

KINDS: dict[MethodKind, str] = {
    "generator": "best generator",
    "classifier": "best without a generator",
    "oracle": "oracle",
}


def zeroshot_page(result: ZeroshotResult, artifacts: Mapping[str, np.ndarray]) -> Page:
    """Return the page of a result; sections without content are left out.

    Args:
        result: of a run.
        artifacts: `example/...`, `map/<generator>/<kind>/...` and `prediction/...` of the answer.
    """
    sections = [
        Section("Which method names unseen compositions best", _answer(result)),
        Section("Images of unseen compositions", example_blocks(result, artifacts)),
        Section("Seen and unseen compositions together", _together(result)),
        Section("Differences between methods", difference_blocks(result)),
        Section("Controls", control_blocks(result)),
        Section("Generated features", quality_blocks(result) + map_blocks(result, artifacts)),
        Section("What is mistaken for what", confusion_blocks(result, artifacts)),
        Section("Training", loss_curves(result)),
        Section("Published results", published_blocks(result)),
        Section("Missing", missing_blocks(result.missing)),
    ]
    return Page(
        title=f"Compositions that nobody labelled: {result.name}",
        subtitle="Combinations of words without training images, recognised by generated features",
        sections=[section for section in sections if section.blocks],
        data=result.as_json(),
    )


def _answer(result: ZeroshotResult) -> list[Block]:
    blocks: list[Block] = [Text(_asked(result))] if result.compositions else []
    if not result.summary:
        return [*blocks, Text("No training has a result.", tone="warning")]
    blocks.append(Figures(_figures(result)))
    table = unseen_table(result)
    return [*blocks, table] if table.rows else blocks


def _asked(result: ZeroshotResult) -> str:
    counts = result.compositions[0]
    images = counts.images
    here = "trained here on the words of seen compositions"
    source = result.encoder.starts_from or (here if result.encoder.learns else "not trained")
    repetitions = len(result.compositions)
    how_often = "one repetition" if repetitions == 1 else f"{repetitions} repetitions"
    return (
        f"A composition is a combination of {' and '.join(result.fields)}. Methods learn from "
        f"{images.get('train', 0):,} images of {counts.seen} seen compositions. They are tested on "
        f"{images.get('test', 0):,} other images, among them all of {counts.unseen} unseen "
        f"compositions, which have no training image; {how_often}. Dataset: {result.dataset}. "
        f"Features: {result.encoder.name} ({source}). Word vectors: {result.lexicon}."
    )


def _figures(result: ZeroshotResult) -> list[Figure]:
    chance = result.chance()
    figures: list[Figure] = []
    for kind, label in KINDS.items():
        name = best(result, kind)
        found = None if name is None else result.measure(name, "unseen")
        if name is None or found is None:
            continue
        times = _over_chance(found, chance)
        shown = label if kind == "oracle" else f"{label}: {name}"
        meaning = f"of images of unseen compositions named{_interval(found)}{times}"
        if kind == "oracle":
            meaning = f"a classifier given real images of them{_interval(found)}{times}"
        figures.append((shown, f"{100 * found.mean:.1f} %", meaning))
    gap = _gap(result)
    if gap is not None:
        figures.append(gap)
    if chance is not None:
        counts = result.compositions[0]
        figures.append(("chance", f"{100 * chance:.1f} %", f"one of {counts.unseen} compositions"))
    return figures


def _over_chance(found: IntervalRecord, chance: float | None) -> str:
    if not chance:
        return ""
    if found.low is not None and found.low <= chance:
        return ", not shown to be above chance"
    return f", {found.mean / chance:.1f} times chance"


def _gap(result: ZeroshotResult) -> Figure | None:
    """Return the best generator minus the best method without one, paired."""
    names = best(result, "generator"), best(result, "classifier")
    for own in result.differences:
        if own.measure == "unseen" and None not in names and {own.first, own.second} == {*names}:
            sign = 1 if own.first == names[0] else -1
            ends = (sign * end for end in (own.over.low, own.over.high) if end is not None)
            shown = ", ".join(f"{100 * end:+z.1f}" for end in sorted(ends))
            meaning = f"{names[0]} minus {names[1]}, points" + (f" [{shown}]" if shown else "")
            return ("difference", f"{100 * sign * own.over.mean:+z.1f}", meaning)
    return None


def _interval(found: IntervalRecord) -> str:
    if found.low is None or found.high is None:
        return ""
    return f" [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _together(result: ZeroshotResult) -> list[Block]:
    tables = [generalised_table(result, part) for part in ("test", "val")]
    return [*(table for table in tables if table.rows), *seen_unseen_curves(result)]

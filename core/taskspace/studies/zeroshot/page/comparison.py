"""Which method is better than which, and what is left of a method that is told wrong words."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components.page import Block, Scalar, Table
from taskspace.learning.records import IntervalRecord
from taskspace.studies.zeroshot.result.comparison import control_gap
from taskspace.studies.zeroshot.result.findings import DESIGNS
from taskspace.studies.zeroshot.result.model import MethodDifference, VectorsKey, ZeroshotResult
from taskspace.studies.zeroshot.result.tables import percent

LEVEL = 0.05
"""A p-value up to which a difference counts as shown."""

CONTROLS: dict[VectorsKey, str] = {
    "own": "its own words",
    "exchanged": "unseen compositions described as each other",
    "shuffled": "vectors exchanged among words",
}


def difference_blocks(result: ZeroshotResult) -> list[Block]:
    """Return generators against each other in the order of Table 5.2, then against the rest."""
    designs = {
        each.name: DESIGNS.index(each.component)
        for each in result.methods
        if each.kind == "generator" and each.component in DESIGNS
    }
    order = {each.name: place for place, each in enumerate(result.methods)}
    kinds = {each.name: each.kind for each in result.methods}
    of_designs: list[tuple[Scalar, ...]] = []
    of_others: list[tuple[Scalar, ...]] = []
    found = _by_pair(result)
    for first, second in found:
        own = found[first, second]
        if first in designs and second in designs:
            pair = sorted((first, second), key=lambda name: (designs[name], order[name]))
            claim = designs[first] != designs[second]
            cells = _measures(own, better=pair[1])
            verdict = _verdict(own["unseen"], pair[1]) if claim and "unseen" in own else None
            of_designs.append((pair[1], pair[0], *cells, verdict))
        else:
            pair = sorted((first, second), key=lambda name: (kinds[name] == "generator", name))
            of_others.append((pair[1], pair[0], *_measures(own, better=pair[1])))
    of_designs.sort(key=lambda row: (designs[str(row[1])], designs[str(row[0])]))
    of_others.sort(key=lambda row: (order[str(row[0])], order[str(row[1])]))
    columns = ("method", "minus", "unseen top-1, points", "p", "AUC top-1, points", "p (AUC)")
    blocks: list[Block] = []
    if of_designs:
        caption = (
            "Generators in the order of Table 5.2 (SS < UDS < SS-MTC+ < SS-MTC* < TDS), whose claim"
            " is that each difference is positive; paired by repetition, p by t-test, corrected for"
            " all pairs of generators (Holm)."
        )
        head = (*columns, "claim on unseen top-1")
        blocks.append(Table("differences-designs", head, of_designs, caption, keys=2))
    if of_others:
        caption = "Other pairs of methods; p is not corrected for their number."
        blocks.append(Table("differences-others", columns, of_others, caption, keys=2))
    return blocks


def control_blocks(result: ZeroshotResult) -> list[Block]:
    """Return what controlled methods are worth with wrong words, beside chance."""
    chance = result.chance()
    rows: list[tuple[Scalar, ...]] = []
    for each in result.methods:
        found = {key: result.measure(each.name, "unseen", key) for key in CONTROLS}
        if found["exchanged"] is None and found["shuffled"] is None:
            continue
        for key, label in CONTROLS.items():
            own = found[key]
            lost = None if key == "own" else percent(control_gap(result.trials, each.name, key))
            if own is not None:
                rows.append((each.name, label, percent(own), _against(own, chance), lost))
    if not rows:
        return []
    shown = "" if chance is None else f" of {100 * chance:.1f} %"
    caption = (
        f"Unseen top-1 on test images, beside chance{shown}. Described as each other, unseen "
        "compositions should be named by chance alone; with vectors exchanged among words in "
        "training and test, what is lost is what the meaning of words adds."
    )
    columns = ("method", "described by", "unseen top-1, %", "interval and chance", "lost, points")
    return [Table("controls", columns, rows, caption, keys=2)]


def _by_pair(result: ZeroshotResult) -> dict[tuple[str, str], dict[str, MethodDifference]]:
    found: dict[tuple[str, str], dict[str, MethodDifference]] = {}
    for own in result.differences:
        found.setdefault((own.first, own.second), {})[own.measure] = own
    return found


def _measures(own: Mapping[str, MethodDifference], *, better: str) -> list[Scalar]:
    cells: list[Scalar] = []
    for measure in ("unseen", "auc_1"):
        each = own.get(measure)
        cells += [None, None] if each is None else [_points(each, better), each.p]
    return cells


def _points(own: MethodDifference, better: str) -> str:
    """Return a difference in points; of areas, which are smaller, with two decimals."""
    scale = 100 if own.first == better else -100
    digits = 1 if own.measure == "unseen" else 2
    ends = sorted(scale * end for end in (own.over.low, own.over.high) if end is not None)
    mean, *interval = (f"{value:+z.{digits}f}" for value in (scale * own.over.mean, *ends))
    return f"{mean} [{', '.join(interval)}]" if interval else mean


def _verdict(own: MethodDifference, better: str) -> str:
    if own.p is None or own.p > LEVEL:
        return "undecided"
    return "holds" if (own.over.mean > 0) == (own.first == better) else "reversed"


def _against(own: IntervalRecord, chance: float | None) -> str | None:
    if own.low is None or own.high is None or chance is None:
        return None
    if own.low <= chance <= own.high:
        return "contains chance"
    return "above chance" if own.low > chance else "below chance"

"""The tables that the terminal and the report share."""

from __future__ import annotations

from taskspace.components.page import Scalar, Table
from taskspace.learning.records import IntervalRecord
from taskspace.studies.zeroshot.result.model import VectorsKey, ZeroshotResult

SHOWN = {
    "unseen": "unseen top-1, %",
    "auc_1": "AUC, %",
    "best_seen": "best seen, %",
    "best_unseen": "best unseen, %",
    "harmonic_mean": "harmonic mean, %",
}
"""Measures of the table of methods, and how they are called."""

VECTORS: dict[VectorsKey, str] = {
    "own": "",
    "exchanged": ", unseen described as each other",
    "shuffled": ", vectors exchanged among words",
}


def percent(found: IntervalRecord | None) -> str | None:
    """Return a share with its interval as text, in percent; None where there is none."""
    if found is None:
        return None
    if found.low is None or found.high is None:
        return f"{100 * found.mean:z.1f}"
    return f"{100 * found.mean:z.1f} [{100 * found.low:z.1f}, {100 * found.high:z.1f}]"


def method_table(result: ZeroshotResult, part: str = "test") -> Table:
    """Return what each method and control is worth on a part, beside chance."""
    rows: list[tuple[Scalar, ...]] = []
    chance = result.chance(part)
    if chance is not None:
        rows.append(("(chance)", f"{100 * chance:.1f}", *(None,) * (len(SHOWN) - 1)))
    for row in result.summary:
        if row.part == part:
            shares = [percent(row.measures.get(name)) for name in SHOWN]
            rows.append((row.method + VECTORS[row.vectors], *shares))
    caption = f"Images of the part `{part}`; {result.interval}."
    return Table(f"methods-{part}", ("method", *SHOWN.values()), rows, caption)


def difference_table(result: ZeroshotResult) -> Table:
    """Return the paired differences of methods."""
    rows = [
        (own.first, own.second, SHOWN[own.measure], percent(own.over), own.p)
        for own in result.differences
    ]
    caption = "`first` minus `second`, in points, paired by repetition; p by t-test, of pairs of "
    caption += "generators corrected for their number (Holm)."
    return Table("differences", ("first", "second", "measure", "difference", "p"), rows, caption)

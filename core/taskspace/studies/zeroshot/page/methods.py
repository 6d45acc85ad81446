"""What each method is worth on unseen compositions, and on seen and unseen ones together."""

from __future__ import annotations

from taskspace.components.page import Scalar, Table
from taskspace.studies.zeroshot.result.model import ZeroshotResult
from taskspace.studies.zeroshot.result.tables import percent

GENERALISED = {
    "auc_1": "AUC top-1, %",
    "auc_2": "AUC top-2, %",
    "auc_3": "AUC top-3, %",
    "best_seen": "best seen, %",
    "best_unseen": "best unseen, %",
    "harmonic_mean": "harmonic mean, %",
    "geometric_mean": "geometric mean, %",
}


def unseen_table(result: ZeroshotResult) -> Table:
    """Return how often each method names unseen compositions, where only these may be predicted."""
    chance = result.chance()
    rows: list[tuple[Scalar, ...]] = []
    for each in result.methods:
        found = result.measure(each.name, "unseen")
        if found is not None:
            words = (percent(result.measure(each.name, f"word:{own}")) for own in result.fields)
            times = f"{found.mean / chance:.1f}" if chance else None
            rows.append((each.name, each.kind, percent(found), times, *words))
    if chance is not None and rows:
        blank = (None,) * len(result.fields)
        rows.append(("(chance)", None, f"{100 * chance:.1f}", "1.0", *blank))
    columns = ["method", "kind", "unseen top-1, %", "times chance"]
    columns += [f"{field} right, %" for field in result.fields]
    caption = (
        "Test images of unseen compositions, named among unseen compositions alone (closed world), "
        f"and how often each word of the answer is right; {result.interval}."
    )
    return Table("methods", columns, rows, caption)


def generalised_table(result: ZeroshotResult, part: str) -> Table:
    """Return the generalised evaluation on a part; without rows where it was not possible."""
    rows: list[tuple[Scalar, ...]] = []
    for each in result.methods:
        found = [result.measure(each.name, name, part=part) for name in GENERALISED]
        if any(own is not None for own in found):
            rows.append((each.name, *(percent(own) for own in found)))
    named = {"test": "Test images", "val": "Validation images"}[part]
    caption = (
        f"{named}, named among all compositions: area under the curve of seen over unseen accuracy,"
        " and the best point of the curve by each measure. The geometric mean is what published "
        "code prints as the harmonic one."
    )
    return Table(f"generalised-{part}", ("method", *GENERALISED.values()), rows, caption)

"""How near generated features are to real ones: a table."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components.page import Block, Scalar, Table
from taskspace.learning.records import interval_record
from taskspace.studies.zeroshot.result.model import ZeroshotResult
from taskspace.studies.zeroshot.result.tables import percent


def quality_blocks(result: ZeroshotResult) -> list[Block]:
    """Return, for each generator, how its features stand to real ones of unseen compositions."""
    rows: list[tuple[Scalar, ...]] = []
    for each in result.methods:
        trials = [row for row in result.trials if (row.method, row.vectors) == (each.name, "own")]
        found = [trial.quality for trial in trials if trial.quality is not None]
        if found:
            chance = sum(1 / own.compositions for own in found) / len(found)
            rows.append(
                (
                    each.name,
                    percent(interval_record([own.own_centroid for own in found])),
                    f"{100 * chance:.1f}",
                    _number([own.real_spread for own in found]),
                    _number([own.generated_spread for own in found]),
                    _number([trial.slope for trial in trials]),
                )
            )
    if not rows:
        return []
    columns = (
        "generator", "nearest real centroid is its own, %", "chance, %",
        "spread of real", "spread of generated", "critic's slope",
    )  # fmt: skip
    caption = (
        "Features generated for unseen compositions beside real test features of these. Spread is "
        "the variance within compositions over that between them: below that of real features, "
        "clusters are tighter than real ones. The critic's slope should be near 1."
    )
    return [Table("quality", columns, rows, caption)]


def _number(values: Sequence[float | None]) -> str | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    own = interval_record(known)
    if own.low is None or own.high is None:
        return f"{own.mean:.2f}"
    return f"{own.mean:.2f} [{own.low:.2f}, {own.high:.2f}]"

"""Is it worth letting the source's encoder learn on? The seconds, a finding and a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Finding
from taskspace.components.page import Scalar, Table
from taskspace.studies.taxonomy.plan.state import Cells, TaxonomyState
from taskspace.studies.taxonomy.result.model import TaxonomyResult

SECONDS = "adapt_seconds"
"""The array of wall times that is kept beside a result, which is equal for equal jobs."""


def adapt_seconds(known: TaxonomyState) -> NDArray[np.float64]:
    """Return the seconds that each compared transfer trained, [T, 2]: fine-tuned and frozen.

    Means over the repetitions; NaN where they were not measured.
    """
    rows = known.record(known.compared_adapt).get("transfers", [])
    pairs = [(row["source"], row["target"]) for row in rows]
    return np.array(
        [
            (
                _seconds(known, known.finetuned[source, target]),
                _seconds(known, known.timed[source, target]),
            )
            for source, target in pairs
        ]
    ).reshape(-1, 2)


def _seconds(known: TaxonomyState, cells: Cells) -> float:
    return float(np.mean([known.record(cell).get("seconds", np.nan) for cell in cells]))


def adapt_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Say for how many transfers it pays to fine-tune the encoder."""
    if result.adapt is None or result.adapt.mean_wins is None:
        return
    rates = [row.wins for row in result.adapt.transfers if row.wins]
    better, worse = [r for r in rates if r[0] > 0.5], [r for r in rates if r[0] < 0.5]
    share, low, high = result.adapt.mean_wins
    yield Finding(
        "adapt-compared",
        "note",
        f"Fine-tuning the source's encoder on the transfer images beats the frozen transfer for "
        f"{len(better)} of {len(rates)} first-order transfers ({sum(r[1] > 0.5 for r in better)} "
        f"shown) and loses for {len(worse)} ({sum(r[2] < 0.5 for r in worse)} shown): lower loss "
        f"on {share:.0%} [{low:.0%}, {high:.0%}] of the test images, mean over transfers. "
        "Tournaments and policies use the frozen ones.",
    )


def adapt_table(result: TaxonomyResult, seconds: NDArray[np.float64] | None) -> Table:
    """Return fine-tuned and frozen transfers beside each other, with the seconds they trained.

    Args:
        seconds: as `adapt_seconds` returns them; None where they were not kept.
    """
    rows: list[Sequence[Scalar]] = []
    for index, row in enumerate(result.adapt.transfers if result.adapt else ()):
        times = (np.nan, np.nan) if seconds is None else seconds[index]
        share = f"{row.wins[0]:.0%} [{row.wins[1]:.0%}, {row.wins[2]:.0%}]" if row.wins else None
        rows.append(
            (
                row.source,
                row.target,
                share,
                row.finetuned_metric,
                row.frozen_metric,
                *(None if np.isnan(time) else float(time) for time in times),
            )
        )
    return Table(
        "adapt",
        (
            "source",
            "target",
            "fine-tuned is better on",
            "metric, fine-tuned",
            "metric, frozen",
            "seconds, fine-tuned",
            "seconds, frozen",
        ),
        rows,
        "First-order transfers whose encoder learns on with the readout, beside those whose "
        "encoder is frozen: the same transfer images and steps, losses on test images. Seconds of "
        "training; frozen ones without the pass over the images, which all readouts of a source "
        "share.",
    )

"""The verdict in words: which auxiliary tasks are shown to help, and which to hurt."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components import Finding
from taskspace.components.exchanged.finding import Tone
from taskspace.studies.cotraining.result.differences import ALPHA, LEAST
from taskspace.studies.cotraining.result.model import ArmDifference, CotrainingResult, Outcome
from taskspace.studies.cotraining.result.tables import difference_with_ends


def verdict_finding(result: CotrainingResult) -> Finding | None:
    """Return what the comparison shows; None where nothing was measured.

    A warning where a control is shown to help.
    """
    rows = result.differences
    if not result.summary:
        return None
    if not rows:
        text = "No arm and the baseline have a result of the same repetition: nothing is compared."
        return Finding("verdict", "advice", text)
    most = max(row.repetitions for row in rows)
    if most < LEAST:
        few = "One repetition" if most == 1 else "Two repetitions"
        text = f"{few} cannot show whether anything helps {result.central.name}; set `seeds` to 3 "
        text += "or more, better 5."
        return Finding("few-repetitions", "note", text, tuple(_details(result)))
    helped = any(r.outcome == "helps" and result.kind_of(r.arm) == "control" for r in rows)
    tone: Tone = "warning" if helped else "advice"
    sentences = [_sentence(result, labels) for labels in result.label_counts()]
    text = f"{' '.join(filter(None, sentences))} {_method(rows)}"
    return Finding("verdict", tone, text, tuple(_details(result)))


def _sentence(result: CotrainingResult, labels: int) -> str:
    """Return what is shown with one number of labels, controls left to the details."""
    rows = [
        row
        for row in result.differences
        if row.labels == labels and result.kind_of(row.arm) != "control"
    ]
    if not rows:
        return ""
    by: dict[Outcome, list[ArmDifference]] = {"helps": [], "hurts": [], "undecided": []}
    for row in rows:
        by[row.outcome].append(row)
    helps, hurts = (listed([_named(row) for row in by[key]]) for key in ("helps", "hurts"))
    verb = "is" if len(by["helps"]) < 2 else "are"
    clauses = [f"{helps or 'nothing'} {verb} shown to help {result.central.name}"]
    if hurts:
        clauses.append(f"shown to hurt: {hurts}")
    if by["undecided"]:
        clauses.append(f"undecided: {listed([row.arm for row in by['undecided']])}")
    return f"With {labels:,} labels {'; '.join(clauses)}."


def _named(row: ArmDifference) -> str:
    return f"{row.arm} ({row.mean:+.3f})"


def _method(rows: Sequence[ArmDifference]) -> str:
    counts = sorted({row.repetitions for row in rows})
    repetitions = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    tests = "Paired t-test" if len(rows) == 1 else "Paired t-tests"
    corrected = f", corrected for {len(rows)} comparisons by Holm's method" * (len(rows) > 1)
    return f"({tests} over {repetitions} repetitions at the {100 * ALPHA:.0f} % level{corrected}.)"


def _details(result: CotrainingResult) -> list[str]:
    better = "higher" if result.central.rising else "lower"
    return [
        f"Differences from the baseline in {result.central.metric} ({better} is better), their "
        "pointwise 95 % intervals, and p values corrected for all comparisons:",
        *(_line(result, row) for row in result.differences),
    ]


def _line(result: CotrainingResult, row: ArmDifference) -> str:
    start = f"{row.arm}, {row.labels:,} labels: {difference_with_ends(row)}"
    if row.p_value is None:
        why = "one repetition" if row.repetitions == 1 else "equal in every repetition"
        return f"{start}, no interval ({why}): undecided"
    line = f"{start}, p = {row.p_value:.2g}: {row.outcome}"
    if row.outcome != "undecided" or result.kind_of(row.arm) == "control":
        return line
    if row.needed is None:
        return f"{line}; more than a million repetitions would be needed at this spread"
    what = "helps" if (row.mean > 0) == result.central.rising else "hurts"
    return (
        f"{line}; at this spread {row.needed:,} repetitions would show that it {what} (power 80 %)"
    )


def listed(names: Sequence[str]) -> str:
    """Return `a`, `a and b` or `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"

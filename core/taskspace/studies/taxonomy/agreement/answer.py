"""What `tasks agreement` says: runs against a table, runs against one another, and policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any

from taskspace.components import Answer, Finding
from taskspace.components.page import Scalar, Table
from taskspace.errors import InputError
from taskspace.studies.taxonomy.agreement.affinities import (
    Affinities,
    measured_affinities,
    published_affinities,
)
from taskspace.studies.taxonomy.agreement.compare import Agreement, compare
from taskspace.studies.taxonomy.agreement.overlap import PolicyOverlap, policy_overlaps
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.tables import whole


@dataclass(frozen=True)
class FinishedRun:
    """A run by its name, with its result and the job that it executed."""

    name: str
    result: TaxonomyResult
    job: Mapping[str, Any]


def agreement_answer(runs: Sequence[FinishedRun], table: Path | None) -> Answer:
    """Compare the first-order affinities of runs with a table and with one another.

    The agreement between runs that differ in their seed alone is the ceiling: no measurement can
    agree with another better than with itself. Beside a table, it counts only the transfers that
    the table has too.

    Raises:
        InputError: for a run without transfers, a run given twice, one run without a table, or too
            little in common.
        TableError: if the table cannot be read.
    """
    measured = _measured(runs, table)
    with_table: dict[str, Agreement] = {}
    if table is not None:
        published = published_affinities(table)
        with_table = {
            name: _compared(found, published, name, str(table)) for name, found in measured.items()
        }
        measured = {name: _also_in(found, published) for name, found in measured.items()}
    pairs = list(combinations(runs, 2))
    between = {
        (one.name, other.name): _compared(
            measured[one.name], measured[other.name], one.name, other.name
        )
        for one, other in pairs
    }
    overlaps = [
        (names, overlap)
        for names, (one, other) in zip(between, pairs, strict=True)
        for overlap in policy_overlaps(one.result, other.result)
    ]
    alike = [
        made.mean for made, pair in zip(between.values(), pairs, strict=True) if not _fault(*pair)
    ]
    ceiling = fmean(alike) if alike else None
    result = {
        "runs": [{"run": run.name, "seed": run.result.seed} for run in runs],
        "table": str(table) if table else None,
        "ceiling": ceiling,
        "with_table": [{"run": name} | made.as_json() for name, made in with_table.items()],
        "between_runs": [{"runs": names} | made.as_json() for names, made in between.items()],
        "policies": [{"runs": names} | asdict(overlap) for names, overlap in overlaps],
    }
    tables = (
        _overall(with_table, between),
        _by_target(with_table, between),
        _policies([overlap for _, overlap in overlaps]),
    )
    return Answer(
        result,
        tables=tuple(table for table in tables if table.rows),
        findings=tuple(_findings(pairs, with_table, ceiling)),
    )


def _measured(
    runs: Sequence[FinishedRun], table: Path | None
) -> dict[str, dict[str, dict[str, float]]]:
    """Return the affinities of each run, where there is something to compare them with."""
    measured = {}
    for run in runs:
        measured[run.name] = measured_affinities(run.result)
        if not measured[run.name]:
            raise InputError(
                f"The run {run.name} has no transfers.",
                advice="It must be a job that trains, executed to its end: `tasks run JOB`.",
            )
    names = [run.name for run in runs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(
            f"The run {twice} is given twice.", advice="It agrees with itself; name others."
        )
    if len(runs) == 1 and table is None:
        raise InputError(
            f"There is nothing to compare the run {names[0]} with.",
            advice="Name another run, or a published table with `--table CSV`.",
        )
    return measured


def _compared(first: Affinities, second: Affinities, one: str, other: str) -> Agreement:
    try:
        return compare(first, second)
    except InputError as error:
        raise InputError(error.what, where=f"{one}, {other}", advice=error.advice) from error


def _also_in(affinities: Affinities, table: Affinities) -> dict[str, dict[str, float]]:
    return {
        target: {s: value for s, value in sources.items() if s in table[target]}
        for target, sources in affinities.items()
        if target in table
    }


def _fault(one: FinishedRun, other: FinishedRun) -> str | None:
    """Return why the agreement of two runs is no ceiling, or None if it is one."""
    differing = sorted(
        key
        for key in {*one.job, *other.job} - {"seed", "name"}
        if one.job.get(key) != other.job.get(key)
    )
    if differing:
        return f"differ in more than the seed ({', '.join(differing)})"
    if one.result.seed == other.result.seed:
        return f"have the same seed, {one.result.seed}, and are one measurement"
    return None


def _findings(
    pairs: Sequence[tuple[FinishedRun, FinishedRun]],
    with_table: Mapping[str, Agreement],
    ceiling: float | None,
) -> Iterator[Finding]:
    for one, other in pairs:
        if fault := _fault(one, other):
            yield Finding(
                "agreement-no-ceiling",
                "warning",
                f"{one.name} and {other.name} {fault}: their agreement is no ceiling.",
            )
    if ceiling is None:
        yield Finding(
            "ceiling-unknown",
            "note",
            "No ceiling: it takes at least two runs of the job with different seeds "
            "(`tasks run JOB --set seed=1`).",
        )
    if with_table:
        mean = fmean(made.mean for made in with_table.values())
        beside = "" if ceiling is None else f"; the ceiling, between seeds, is {ceiling:.2f}"
        yield Finding(
            "agreement-with-table",
            "note",
            f"Spearman with the table, mean over targets: {mean:.2f}{beside}.",
        )


def _overall(
    with_table: Mapping[str, Agreement], between: Mapping[tuple[str, str], Agreement]
) -> Table:
    named = [(name, "table", made) for name, made in with_table.items()]
    named += [(*names, made) for names, made in between.items()]
    rows: list[Sequence[Scalar]] = [
        (
            one,
            other,
            len(made.targets),
            made.pairs,
            f"{made.mean:.2f} [{made.interval[0]:.2f}, {made.interval[1]:.2f}]",
            made.median,
            made.pooled,
            made.p,
        )
        for one, other, made in named
    ]
    return Table(
        "agreement",
        ("run", "with", "targets", "transfers", "mean", "median", "pooled", "p"),
        rows,
        "Spearman's correlation of first-order affinities by target. mean: over targets, with its "
        "95 % bootstrap interval over targets; pooled: of all ranks within targets; p: against "
        "sources relabelled at random.",
    )


def _by_target(
    with_table: Mapping[str, Agreement], between: Mapping[tuple[str, str], Agreement]
) -> Table:
    sides = {"with the table": [*with_table.values()], "between runs": [*between.values()]}
    sides = {title: made for title, made in sides.items() if made}
    names = sorted({t.target for made in sides.values() for one in made for t in one.targets})
    rows: list[Sequence[Scalar]] = []
    for name in names:
        found = {
            title: [t for one in made for t in one.targets if t.target == name]
            for title, made in sides.items()
        }
        sources = min(t.sources for every in found.values() for t in every)
        means = (fmean(t.spearman for t in every) if every else None for every in found.values())
        rows.append((name, sources, *means))
    return Table(
        "agreement-by-target",
        ("target", "sources", *sides),
        rows,
        "Spearman's correlation of each target's sources, mean over runs or pairs of runs.",
    )


def _policies(overlaps: Sequence[PolicyOverlap]) -> Table:
    rows: list[Sequence[Scalar]] = []
    for budget in sorted({overlap.budget for overlap in overlaps}):
        found = [overlap for overlap in overlaps if overlap.budget == budget]
        always = frozenset.intersection(*(frozenset(overlap.both) for overlap in found))
        rows.append(
            (
                whole(budget),
                fmean(overlap.jaccard for overlap in found),
                fmean(overlap.chance for overlap in found),
                ", ".join(sorted(always)) or None,
            )
        )
    return Table(
        "policy-agreement",
        ("budget", "Jaccard", "by chance", "labelled by all"),
        rows,
        "How far the policies of two runs label the same tasks: the share of the tasks that "
        "either labels which both label, mean over pairs; by chance: sets of these sizes at "
        "random.",
        digits=2,
    )

"""Mistakes that a `--set` made of lines that are right without it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from taskspace.errors import Problem
from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.text.nodes import Node, scalars
from taskspace.jobs.text.overrides import LABEL
from taskspace.jobs.text.places import printable


def blame_arguments(
    findings: Findings,
    arguments: Sequence[tuple[int, str]],
    findings_with: Callable[[int], Findings],
) -> None:
    """Move each mistake that stands in the job, and is none without the arguments, to its `--set`.

    Where the job names no study by itself, it is taken with the arguments that do.

    Args:
        findings: of the job with all arguments; changed in place.
        arguments: of `--set`, each with its number, in the order in which they are applied.
        findings_with: makes the findings of the job with only the first so many arguments.
    """
    if not findings.of_the_job():
        return
    first = 0
    before = set(findings_with(0).of_the_job())
    if any(problem.path == "study" for problem in before):
        first = sum(argument.partition("=")[0] == "study" for _, argument in arguments)
        before = set(findings_with(first).of_the_job())
    causes: dict[Problem, int] = {}
    for count in range(first + 1, len(arguments) + 1):
        after = set(findings_with(count).of_the_job())
        causes |= dict.fromkeys(after - before, count - 1)
        before = after
    for problem, index in causes.items():
        order, argument = arguments[index]
        findings.replace(problem, _at_argument(problem, argument), (order, 1, 1))


def blame_last_argument(findings: Findings, known: Collection[Problem], part: Node) -> None:
    """Move the mistakes of a part of a job to the last `--set` that changed something in it.

    Args:
        findings: changed in place.
        known: problems that were there before, which stay.
        part: of the tree with the arguments applied.
    """
    places = [scalar.place for _, scalar in scalars(part) if scalar.place.source.order]
    if not places:
        return
    last = max(places, key=lambda place: place.source.order)
    for problem in findings.of_the_job():
        if problem not in known:
            moved = _at_argument(problem, last.source.lines[0])
            findings.replace(problem, moved, (last.source.order, 1, 1))


def _at_argument(problem: Problem, argument: str) -> Problem:
    line = printable(argument.partition("\n")[0])
    where = f"line {problem.line} of {problem.file}" if problem.line else problem.file
    return replace(
        problem,
        message=f"{problem.message} That is in {where}, which is right without this `--set`.",
        file=LABEL,
        line=1,
        column=1,
        suggestion=problem.suggestion if problem.code == Code.UNKNOWN_NAME else None,
        source_line=line,
        width=max(len(line), 1),
    )

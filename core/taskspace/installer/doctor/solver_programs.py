"""Whether the programs and libraries that solvers need are there, asked where it can do no harm."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from taskspace.python_process import ending
from taskspace.registry.bounded.shortened import cut
from taskspace.registry.bounded.strict_json import parsed
from taskspace.registry.descriptions.contained import read_answer
from taskspace.registry.descriptions.described import REASON
from taskspace.registry.descriptions.description import Description
from taskspace.registry.processes.supervised import run_contained

TIME_LIMIT = 60.0
"""Seconds that the solvers of one plugin may take to say what they miss."""

_CHILD = "taskspace.installer.doctor.solver_child"


def missing_programs(
    solvers: Sequence[Description], *, seconds: float = TIME_LIMIT
) -> dict[str, str | None]:
    """Return, for each solver by name, what must be installed before it can solve, or None.

    They are asked in a child process: importing a solver is slow, and may crash. One that ends the
    child has an answer that says so, and those after it are asked in another.

    Args:
        solvers: the solvers of one plugin.
        seconds: after this time a child is killed.
    """
    answers: dict[str, str | None] = {}
    pending = list(solvers)
    while pending:
        given, end = _asked(pending, seconds)
        answers |= given
        pending = [solver for solver in pending if solver.name not in given]
        if pending:
            answers[pending.pop(0).name] = f"It did not say what it misses {end}."
    return answers


def _asked(solvers: Sequence[Description], seconds: float) -> tuple[dict[str, str | None], str]:
    """Return the answers of one child, and how it ended."""
    request = json.dumps([[solver.name, solver.target, solver.plugin] for solver in solvers])
    with tempfile.TemporaryDirectory(
        prefix="taskspace-solvers-", ignore_cleanup_errors=True
    ) as folder:
        answer = Path(folder) / "answers"
        answer.touch()
        status = run_contained(
            [_CHILD, str(answer), request],
            folder=Path(folder),
            seconds=seconds,
        )
        end = (
            f"within {seconds:g} s"
            if status is None
            else f"and ended the process ({ending(status)})"
        )
        try:
            given = dict(map(_answer, read_answer(answer).splitlines()))
        except (OSError, ValueError) as error:
            given, end = {}, f"in a way that can be used: {error}"
    return {solver.name: given[solver.name] for solver in solvers if solver.name in given}, end


def _answer(line: bytes) -> tuple[str, str | None]:
    match parsed(line):
        case [str(name), None | str() as missing]:
            return name, None if missing is None else cut(missing, REASON)
    raise ValueError("it is no pair of a name and a text")

"""GLPK from the swiglpk wheel, in a child process."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskspace.components import Limits, Solution
from taskspace.python_process import python_command, python_environment
from taskspace_plugins.solvers._glpk_log import last_bound
from taskspace_plugins.solvers._values import with_unused

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

GRACE = 5.0
"""Seconds beyond the limit before a child that does not heed it is killed."""

CHILD = Path(__file__).with_name("_glpk_child.py")


def solve_with_library(model: ConcreteModel, limits: Limits) -> Solution:
    """Maximise `model` with the GLPK library."""
    from pyomo.repn.plugins.lp_writer import LPWriter  # noqa: PLC0415  heavy

    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="taskspace-glpk-") as folder:
        lp_file, answer_file = Path(folder, "model.lp"), Path(folder, "answer.json")
        with lp_file.open("w", encoding="utf-8") as stream:
            symbols = LPWriter().write(model, stream).symbol_map
        left = max(0.01, limits.seconds - (time.perf_counter() - started))
        command = python_command(CHILD, lp_file, answer_file, str(left), str(limits.gap))
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                env=python_environment(),
                text=True,
                timeout=left + GRACE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Solution(
                "unknown",
                seconds=time.perf_counter() - started,
                message="GLPK was stopped: one relaxation took longer than the limit.",
            )
        if done.returncode or not answer_file.exists():
            return Solution(
                "error",
                seconds=time.perf_counter() - started,
                message=f"GLPK ended with status {done.returncode}: {_tail(done)}",
            )
        answer = json.loads(answer_file.read_text(encoding="utf-8"))
    status, objective = answer["status"], answer.get("objective")
    values = answer.get("values")
    if status == "optimal":
        bound = objective + limits.gap / 4 * (1 + abs(objective))  # as the child stops and prunes
    else:
        bound = last_bound(done.stdout)
        bound = None if bound is None else bound / answer["stretch"]
    return Solution(
        status=status,
        objective=objective,
        bound=None if status in ("infeasible", "error") else bound,
        values={} if values is None else _named(model, symbols, values),
        seconds=time.perf_counter() - started,
        version=f"GLPK {answer['version']} (library)",
        message=answer.get("message", ""),
    )


def _named(model: ConcreteModel, symbols: Any, values: dict[str, float]) -> dict[str, float]:
    found = {id(part): values.get(symbol, 0.0) for symbol, part in symbols.bySymbol.items()}
    return with_unused(model, found)


def _tail(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1] if lines else "it said nothing."

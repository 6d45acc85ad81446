"""GLPK's program `glpsol`, through Pyomo's interface to it."""

from __future__ import annotations

import math
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskspace.components import Limits, Solution, Status
from taskspace_plugins.solvers._glpk_log import last_bound, says_unbounded
from taskspace_plugins.solvers._values import kept_values, variables, with_unused

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

PROGRAM_TOLERANCE = 1e-7
"""glpsol drops what is not better by this times 1 + |objective|, and cannot be told otherwise."""

STRETCH = 100
"""How much finer than the gap the second run looks: relaxations are only as good as 1e-7 each."""


def solve_with_program(model: ConcreteModel, limits: Limits) -> Solution:
    """Maximise `model` with glpsol.

    A first optimum is good to 1e-7 only. A second run, with the objective moved and stretched
    such that 1e-7 of it means `limits.gap` of the first, proves it or finds the better one.
    """
    started = time.perf_counter()
    first = _run(model, limits)
    if first.status != "optimal" or first.objective is None:
        return replace(first, seconds=time.perf_counter() - started)
    left = limits.seconds - (time.perf_counter() - started)
    second = _run_near(model, replace(limits, seconds=left), first.objective) if left > 0 else None
    if second is None or second.status != "optimal":
        margin = PROGRAM_TOLERANCE * (1 + abs(first.objective))
        first = replace(
            first,
            status="feasible",
            bound=first.objective + margin,
            message="The limit was hit before the last seven digits were proven.",
        )
    else:
        first = second
    return replace(first, seconds=time.perf_counter() - started)


def _run_near(model: ConcreteModel, limits: Limits, objective: float) -> Solution:
    import pyomo.environ as pyo  # noqa: PLC0415  heavy

    (active,) = model.component_data_objects(pyo.Objective, active=True)
    stretch = STRETCH * PROGRAM_TOLERANCE / (limits.gap * max(abs(objective), 1e-6))
    active.deactivate()
    model.near = pyo.Objective(expr=stretch * active.expr - stretch * objective, sense=pyo.maximize)
    try:
        found = _run(model, limits)
    finally:
        model.del_component(model.near)
        active.activate()
    if found.objective is None:
        return found
    value = objective + found.objective / stretch
    margin = PROGRAM_TOLERANCE * (1 + abs(found.objective)) / stretch
    return replace(found, objective=value, bound=value + margin)


def _run(model: ConcreteModel, limits: Limits) -> Solution:
    import pyomo.environ as pyo  # noqa: PLC0415  heavy

    optimiser = pyo.SolverFactory("glpk")
    version = "GLPK " + ".".join(str(part) for part in optimiser.version()[:2]) + " (program)"
    with tempfile.TemporaryDirectory(prefix="taskspace-glpsol-") as folder:
        log_file = Path(folder, "glpsol.log")
        results = optimiser.solve(
            model,
            load_solutions=False,
            logfile=str(log_file),
            timelimit=max(1, math.ceil(limits.seconds)),
            options={"mir": "", "mipgap": limits.gap},
        )
        log = log_file.read_text(encoding="utf-8", errors="replace")
    status = _status(results)
    if status == "unknown" and says_unbounded(log):
        return Solution("error", version=version, message="The model is unbounded.")
    if status not in ("optimal", "feasible"):
        return Solution(
            status, bound=last_bound(log) if status == "unknown" else None, version=version
        )
    (objective,) = (entry["Value"] for entry in results.solution(0).objective.values())
    with kept_values(model):
        model.solutions.load_from(results)
        found = {id(v): float(v.value) for v in variables(model) if not (v.stale or v.fixed)}
    return Solution(
        status=status,
        objective=float(objective),
        bound=None if status == "optimal" else last_bound(log),
        values=with_unused(model, found),
        version=version,
    )


def _status(results: Any) -> Status:
    condition = str(results.solver.termination_condition)
    known: dict[str, Status] = {
        "infeasible": "infeasible",
        "optimal": "optimal",
        "feasible": "feasible",
        "unbounded": "error",
    }
    return known.get(condition, "unknown")

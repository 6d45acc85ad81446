"""HiGHS, through highspy.

The program goes over in one call, as the arrays that Pyomo's standard form gives. Pyomo's own
interfaces to HiGHS add it row by row and take no start.
"""

from __future__ import annotations

import importlib.util
import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from taskspace.components import Limits, Solution, Solver, Status
from taskspace.errors import SolverMissing
from taskspace_plugins.solvers._values import with_unused

if TYPE_CHECKING:
    import highspy
    from pyomo.environ import ConcreteModel

    from taskspace_plugins.solvers._matrices import MatrixProgram, Vector

LEAST_TOLERANCE = 1e-10
"""The smallest tolerance that HiGHS accepts."""

LEAST_SECONDS = 0.01
"""What HiGHS gets where reading the model took all the time there was."""

FEASIBLE = 2
"""What HiGHS calls the state of a solution that satisfies the program."""

INFINITE = 1e30
"""From here on a bound says nothing."""

LARGEST_GAIN = 2.0**13
"""Near this the largest coefficient of the objective is when HiGHS sees it."""

START_SHARE = 0.1
"""The share of the time that may go into completing a start."""


class Highs(Solver):
    """HiGHS (MIT), a branch-and-cut solver in this process; strong on large models.

    `limits.gap` becomes its relative gap, and also its feasibility tolerance where that is
    smaller: HiGHS cuts off every solution that is not better by that tolerance, 1e-6 unless told.
    The objective is multiplied such that its largest coefficient is near 8192: under so small a
    tolerance and with coefficients near 1, HiGHS took no relaxation for solved on some models of
    150 tasks and 19,800 transfers, and its bound stayed at the sum of all values.

    A start whose integer values can be completed to a solution is given to HiGHS, which then
    searches for no others: on models of 100 tasks and 9,900 transfers most of its time went into
    heuristics that found what the start was already.
    """

    name: ClassVar[str] = "highs"

    def solve(self, model: ConcreteModel, limits: Limits) -> Solution:
        """Maximise `model`; see `Solver.solve`."""
        if (reason := self.missing()) is not None:
            raise SolverMissing("The solver highs is not installed.", advice=reason)
        from highspy import HighsModelStatus  # noqa: PLC0415  heavy

        from taskspace_plugins.solvers._highs_call import (  # noqa: PLC0415  heavy
            run_highs,
            silent_highs,
        )
        from taskspace_plugins.solvers._matrices import matrix_program  # noqa: PLC0415  heavy

        started = time.perf_counter()

        def left() -> float:
            return max(LEAST_SECONDS, limits.seconds - (time.perf_counter() - started))

        program = matrix_program(model)
        if program is None:
            found = Solution("infeasible")
        elif not program.variables:
            found = _constant(model, program)
        else:
            stretch = _stretch(program)
            program = replace(program, cost=program.cost * stretch, offset=program.offset * stretch)
            start = _start(program, limits, START_SHARE * left())
            highs = run_highs(program, _options(limits, left(), start), start)
            if highs.getModelStatus() == HighsModelStatus.kUnboundedOrInfeasible:
                options = _options(limits, left(), start) | {"presolve": "off"}
                highs = run_highs(program, options, start)  # presolve does not settle which
            found = _solution(model, program, highs, stretch)
        version = f"HiGHS {silent_highs().version()}"
        return replace(found, seconds=time.perf_counter() - started, version=version)

    def missing(self) -> str | None:
        """Return how to install highspy, or None."""
        if importlib.util.find_spec("highspy") is None:
            return "Install it with `pip install highspy`."
        return None


def _tolerance(limits: Limits) -> float:
    return min(1e-6, max(LEAST_TOLERANCE, limits.gap / 4))


def _options(limits: Limits, seconds: float, start: Vector | None = None) -> dict[str, Any]:
    from taskspace_plugins.solvers._highs_call import WITH_A_START  # noqa: PLC0415  heavy

    return {
        "time_limit": seconds,
        "threads": limits.threads,
        "random_seed": limits.seed % 2**31,
        "mip_rel_gap": limits.gap / 2,
        "mip_abs_gap": 0.0,
        "mip_feasibility_tolerance": _tolerance(limits),
        **(WITH_A_START if start is not None else {}),
    }


def _start(program: MatrixProgram, limits: Limits, seconds: float) -> Vector | None:
    """Return the start that the model's values tell, completed where needed, if it is feasible."""
    from taskspace_plugins.solvers._highs_call import completed  # noqa: PLC0415  heavy
    from taskspace_plugins.solvers._matrices import told_start  # noqa: PLC0415  heavy

    tolerance = _tolerance(limits)
    told = told_start(program)
    if told is None or program.allows(told, tolerance):
        return told
    options = _options(limits, seconds) | {"primal_feasibility_tolerance": tolerance}
    found = completed(program, told, options)
    return found if found is not None and program.allows(found, tolerance) else None


def _constant(model: ConcreteModel, program: MatrixProgram) -> Solution:
    """Return the answer where all variables are fixed, which HiGHS calls an empty model."""
    if not ((program.row_lower <= 0) & (program.row_upper >= 0)).all():
        return Solution("infeasible")
    return Solution("optimal", program.offset, program.offset, with_unused(model, {}))


def _stretch(program: MatrixProgram) -> float:
    """Return the power of two that brings the largest coefficient near `LARGEST_GAIN`."""
    largest = float(abs(program.cost).max())
    return LARGEST_GAIN / 2.0 ** math.frexp(largest)[1] if largest else 1.0


def _solution(
    model: ConcreteModel, program: MatrixProgram, highs: highspy.Highs, stretch: float
) -> Solution:
    """Return what a run has ended with, in the units of the model."""
    info, state = highs.getInfo(), highs.getModelStatus()
    status = _status(state.name, has_solution=info.primal_solution_status == FEASIBLE)
    message = "" if status == "optimal" else highs.modelStatusToString(state)
    if status in ("infeasible", "error"):
        return Solution(status, message=message)
    relaxed = not program.integer.any()
    proven = info.objective_function_value if relaxed else info.mip_dual_bound
    says_nothing = abs(proven) >= INFINITE or (relaxed and status != "optimal")
    bound = None if says_nothing else float(proven) / stretch
    if status == "unknown":
        return Solution(status, bound=bound, message=message)
    columns = zip(program.variables, highs.getSolution().col_value, strict=True)
    return Solution(
        status=status,
        objective=float(info.objective_function_value) / stretch,
        bound=bound,
        values=with_unused(model, {id(variable): value for variable, value in columns}),
        message=message,
    )


def _status(state: str, *, has_solution: bool) -> Status:
    """Return the status for the name of a `HighsModelStatus`; other names mean a limit."""
    if state in ("kInfeasible", "kUnboundedOrInfeasible"):
        return "infeasible"
    if state == "kOptimal":
        return "optimal"
    if state in ("kNotset", "kUnbounded") or state.endswith("Error"):
        return "error"
    return "feasible" if has_solution else "unknown"

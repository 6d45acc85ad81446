"""The solver `scipy_milp`."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, ClassVar

from taskspace.components import Limits, Solution, Solver, Status

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel
    from scipy.optimize import OptimizeResult

    from taskspace_sketch._linear_form import LinearForm

OUT_OF_TIME, INFEASIBLE, UNCLEAR = 1, 2, 4
"""Of scipy's statuses: 4 is also said where presolve cannot tell infeasible from unbounded."""


class ScipyMilp(Solver):
    """HiGHS through `scipy.optimize.milp`: no other program, and no interface of Pyomo's.

    `limits.seconds` counts from the call, reading the model included; `limits.gap` becomes HiGHS's
    relative gap. scipy passes on neither a number of threads nor a seed: it uses one thread and
    always the same seed.
    """

    name: ClassVar[str] = "scipy_milp"

    def missing(self) -> str | None:
        """Return None: taskspace itself needs scipy."""
        return None

    def solve(self, model: ConcreteModel, limits: Limits) -> Solution:
        """Maximise `model`; see `Solver.solve`.

        Raises:
            SolverError: if the model is not linear, or has not one objective.
        """
        # Heavy, and whoever lists components does without.
        import scipy
        from pyomo.common.errors import InfeasibleConstraintException

        from taskspace_sketch._linear_form import linear_form

        started = time.perf_counter()
        version = f"scipy {scipy.__version__}"
        try:
            form = linear_form(model)
        except InfeasibleConstraintException as error:
            seconds = time.perf_counter() - started
            return Solution("infeasible", seconds=seconds, version=version, message=str(error))
        if not form.names:
            # Everything is fixed, and scipy takes no empty problem.
            seconds = time.perf_counter() - started
            return Solution("optimal", form.constant, form.constant, {}, seconds, version)
        stretch = _stretch(form)
        found = _optimised(form, stretch, limits, started)
        if found.status == UNCLEAR:
            found = _optimised(form, stretch, limits, started, presolve=False)
        status = _status(found)
        has_point = status in ("optimal", "feasible")
        bound = _bound(form, found, stretch)
        return Solution(
            status=status,
            objective=form.objective(found.x) if has_point else None,
            bound=None if status in ("infeasible", "error") else bound,
            values=form.nonzero(found.x) if has_point else {},
            seconds=time.perf_counter() - started,
            version=version,
            message="" if status == "optimal" else str(found.message),
        )


def _optimised(
    form: LinearForm, stretch: float, limits: Limits, started: float, **options: Any
) -> OptimizeResult:
    from scipy.optimize import milp

    left = max(0.0, limits.seconds - (time.perf_counter() - started))
    return milp(
        -form.gains * stretch,  # scipy minimises
        integrality=form.is_integer,
        bounds=form.bounds,
        constraints=form.rows,
        options={"time_limit": left, "mip_rel_gap": limits.gap, **options},
    )


def _stretch(form: LinearForm) -> float:
    """Return the power of two that brings the largest gain near 1e4.

    HiGHS stops at an absolute gap of 1e-6 too, which scipy does not let one change; in the
    stretched objective that is the tenth digit.
    """
    largest = max(map(abs, form.gains), default=0.0)
    return 2.0 ** (13 - math.frexp(largest)[1]) if largest else 1.0


def _status(found: OptimizeResult) -> Status:
    if found.status == INFEASIBLE:
        return "infeasible"
    if found.status == OUT_OF_TIME:
        return "unknown" if found.x is None else "feasible"
    return "optimal" if found.success else "error"


def _bound(form: LinearForm, found: OptimizeResult, stretch: float) -> float | None:
    """Return the proven upper bound; of a model without whole numbers it is the optimum."""
    if not form.is_integer.any():
        return form.objective(found.x) if found.success else None
    bound = found.get("mip_dual_bound")
    if bound is None or not math.isfinite(bound):
        return None
    return form.constant - float(bound) / stretch

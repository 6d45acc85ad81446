"""HiGHS, through Pyomo's current solver interface (`pyomo.contrib.solver`).

Of Pyomo's two interfaces this is the one that is developed; the older `appsi` gives the same
figures and differs in nothing that matters here.
"""

from __future__ import annotations

import importlib.util
import time
from typing import TYPE_CHECKING, Any, ClassVar

from taskspace.components import Limits, Solution, Solver, Status
from taskspace.errors import SolverMissing
from taskspace_plugins.solvers._values import nonzero_values

if TYPE_CHECKING:
    from pyomo.contrib.solver.common.results import Results
    from pyomo.environ import ConcreteModel

LEAST_TOLERANCE = 1e-10
"""The smallest tolerance that HiGHS accepts."""


class Highs(Solver):
    """HiGHS (MIT), a branch-and-cut solver in this process; strong on large models.

    `limits.gap` becomes its relative gap, and also its feasibility tolerance where that is
    smaller: HiGHS cuts off every solution that is not better by that tolerance, 1e-6 unless told.
    """

    name: ClassVar[str] = "highs"

    def solve(self, model: ConcreteModel, limits: Limits) -> Solution:
        """Maximise `model`; see `Solver.solve`."""
        if (reason := self.missing()) is not None:
            raise SolverMissing("The solver highs is not installed.", advice=reason)
        from pyomo.contrib.solver.common.factory import SolverFactory  # noqa: PLC0415  heavy

        started = time.perf_counter()
        _allow_threads()
        optimiser = SolverFactory("highs")
        results = optimiser.solve(model, **_options(limits))
        status = _status(results)
        if status == "infeasible" and _may_be_unbounded(results):
            results = optimiser.solve(model, **_options(limits, presolve="off"))
            status = _status(results)
        has_policy = status in ("optimal", "feasible")
        if has_policy:
            results.solution_loader.load_vars()
        return Solution(
            status=status,
            objective=results.incumbent_objective if has_policy else None,
            bound=_bound(results) if status != "infeasible" else None,
            values=nonzero_values(model) if has_policy else {},
            seconds=time.perf_counter() - started,
            version="HiGHS " + ".".join(map(str, results.solver_version or ())),
            message="" if status == "optimal" else results.termination_condition.name,
        )

    def missing(self) -> str | None:
        """Return how to install highspy, or None."""
        if importlib.util.find_spec("highspy") is None:
            return "Install it with `pip install highspy`."
        return None


def _options(limits: Limits, **more: Any) -> dict[str, Any]:
    return {
        "load_solutions": False,
        "raise_exception_on_nonoptimal_result": False,
        "time_limit": limits.seconds,
        "threads": limits.threads,
        "rel_gap": limits.gap / 2,
        "abs_gap": 0.0,
        "solver_options": {
            "random_seed": limits.seed % 2**31,
            "mip_feasibility_tolerance": min(1e-6, max(LEAST_TOLERANCE, limits.gap / 4)),
            **more,
        },
    }


def _may_be_unbounded(results: Results) -> bool:
    """Return whether presolve stopped at "infeasible or unbounded", which settles nothing."""
    return bool(results.termination_condition.name == "infeasibleOrUnbounded")


def _allow_threads() -> None:
    """Let this solve have another number of threads than the one before, which HiGHS refuses."""
    import highspy  # noqa: PLC0415  heavy

    highspy.Highs.resetGlobalScheduler(True)


def _status(results: Results) -> Status:
    from pyomo.contrib.solver.common.results import (  # noqa: PLC0415  heavy
        SolutionStatus,
        TerminationCondition,
    )

    condition = results.termination_condition
    if condition in (
        TerminationCondition.provenInfeasible,
        TerminationCondition.infeasibleOrUnbounded,
    ):
        return "infeasible"
    if condition == TerminationCondition.convergenceCriteriaSatisfied:
        return "optimal"
    if condition in (TerminationCondition.error, TerminationCondition.unbounded):
        return "error"
    found = results.solution_status in (SolutionStatus.feasible, SolutionStatus.optimal)
    return "feasible" if found else "unknown"


def _bound(results: Results) -> float | None:
    bound = results.objective_bound
    return None if bound is None or abs(bound) >= 1e30 else float(bound)

"""The default solver: GLPK for small models, HiGHS for large ones.

Measured on generated instances (benchmarks/policy.py and larger ones of its kind), one thread:
GLPK with MIR cuts took 0.2-0.5 s against 0.5-1.2 s of HiGHS at 6,300 transfers, as long or less
at 9,900, and stood at a smaller gap after 40 s at 18,000; at 25,000 (500 tasks) it had no solution
after 45 s, where HiGHS had one within 0.1-0.3 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from taskspace.components import Limits, Solution, Solver
from taskspace_plugins.solvers.glpk import Glpk
from taskspace_plugins.solvers.highs import Highs

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel


class Auto(Solver):
    """GLPK up to `glpk_variables` variables where it is installed, else HiGHS."""

    name: ClassVar[str] = "auto"

    glpk_variables: int = Field(
        20_000, ge=0, description="Models with at most so many variables go to GLPK."
    )

    def solve(self, model: ConcreteModel, limits: Limits) -> Solution:
        """Maximise `model`; see `Solver.solve`."""
        return self.choice(model).solve(model, limits)

    def choice(self, model: ConcreteModel) -> Solver:
        """Return the solver that the rule picks for a model."""
        glpk = Glpk()
        small = model.nvariables() <= self.glpk_variables
        return glpk if small and glpk.missing() is None else Highs()

    def missing(self) -> str | None:
        """Return None where HiGHS is there, which has no limit of size."""
        return Highs().missing()

"""The default solver: GLPK for small models, HiGHS for large ones.

Measured on generated instances of the kind of benchmarks/policy.py, one thread, with a greedy
start that HiGHS uses and GLPK does not; CPU seconds of GLPK and of HiGHS until proven:

    1,200 variables, 2 seeds     0.1          0.5
    6,300, 3 seeds               0.3-0.6      0.7-1.2
    10,000, 6 seeds              0.6-3.7      0.7-9.9
    22,500, 2 seeds              1.6-2.1      2.2-3.3
    62,500                       23           22

Harder ones of 20,000 variables were not proven in 20 s: both bounds stood within 0.1 % of each
other, GLPK had the better policy once and one below the start once. At 30,000 of that kind GLPK
had no solution after 45 s, where HiGHS had the start at least.
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

"""GLPK: the program `glpsol` where it is, else the library of the swiglpk wheel."""

from __future__ import annotations

import importlib.util
import shutil
from typing import TYPE_CHECKING, ClassVar

from taskspace.components import Limits, Solution, Solver
from taskspace.errors import SolverMissing

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel


class Glpk(Solver):
    """GLPK (GPL), a branch-and-cut solver in a process of its own; quick on small models.

    It has one thread and no randomness: `limits.threads` and `limits.seed` change nothing. Nor does
    a start: with its value as a row that cuts off what is worse, models of 6,300 and of 9,900
    transfers took 1.6 to 4.5 times as long.
    """

    name: ClassVar[str] = "glpk"

    def solve(self, model: ConcreteModel, limits: Limits) -> Solution:
        """Maximise `model`; see `Solver.solve`."""
        if (reason := self.missing()) is not None:
            raise SolverMissing("The solver glpk is not installed.", advice=reason)
        if shutil.which("glpsol") is not None:
            from taskspace_plugins.solvers._glpk_program import (  # noqa: PLC0415  one of two
                solve_with_program,
            )

            return solve_with_program(model, limits)
        from taskspace_plugins.solvers._glpk_library import (  # noqa: PLC0415  one of two
            solve_with_library,
        )

        return solve_with_library(model, limits)

    def missing(self) -> str | None:
        """Return how to install GLPK, or None."""
        if shutil.which("glpsol") is None and importlib.util.find_spec("swiglpk") is None:
            return (
                "Install it with `pip install 'taskspace[glpk]'` (GLPK is GPL), or put `glpsol` "
                "on the PATH, or use the solver highs."
            )
        return None

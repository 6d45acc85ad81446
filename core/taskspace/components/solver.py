"""Solvers: optimisers of a Pyomo model."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from taskspace.components.base import Installable

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

Status = Literal["optimal", "feasible", "infeasible", "unknown", "error"]
"""optimal: proven; feasible: a limit was hit with a solution in hand; unknown: with none."""


@dataclass(frozen=True)
class Limits:
    """What a solver may spend.

    Attributes:
        seconds: wall time for one solve.
        gap: relative gap at which a solution counts as optimal.
    """

    seconds: float = 60.0
    gap: float = 1e-9
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Solution:
    """What a solver found; it is checked again by whoever asked.

    Attributes:
        bound: proven upper bound of a maximisation.
        values: variable name to value, for the variables that are not zero.
    """

    status: Status
    objective: float | None = None
    bound: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    version: str = ""
    message: str = ""


class Solver(Installable):
    """An optimiser of mixed-integer linear Pyomo models."""

    kind: ClassVar[str] = "solver"

    @abstractmethod
    def solve(self, model: ConcreteModel, limits: Limits) -> Solution:
        """Maximise `model` and return the best solution found within `limits`.

        Values that are set on the variables are a start. A solver may use it and must not trust
        it: it may be infeasible, or lack values. The model is left as it was, its variables'
        values too; what was found is in `Solution.values`.

        Raises:
            SolverMissing: if its program or library is not installed.
        """

    @abstractmethod
    def missing(self) -> str | None:
        """Return what must be installed before it can solve, or None."""

"""A linear Pyomo model as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.environ import ConcreteModel, maximize
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy.optimize import Bounds, LinearConstraint
from taskspace.errors import SolverError


@dataclass(frozen=True)
class LinearForm:
    """Maximise gains.x + constant over x [V] within bounds and rows, some of x whole numbers.

    Variables that are fixed are part of the constants; those that nothing depends on are left out.
    """

    names: tuple[str, ...]
    gains: np.ndarray
    constant: float
    is_integer: np.ndarray
    bounds: Bounds
    rows: LinearConstraint

    def objective(self, x: np.ndarray) -> float:
        """Return the objective at a point."""
        return float(self.gains @ x) + self.constant

    def nonzero(self, x: np.ndarray) -> Mapping[str, float]:
        """Return name to value of the variables that are not zero at a point."""
        return {name: float(v) for name, v in zip(self.names, x, strict=True) if v}


def linear_form(model: ConcreteModel) -> LinearForm:
    """Return a model as arrays.

    Raises:
        SolverError: if the model is not linear, or has not one objective.
        InfeasibleConstraintException: if a constraint without variables does not hold.
    """
    try:
        form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=maximize)
    except ValueError as error:
        raise SolverError(
            f"The solver scipy_milp cannot read the model: {error}",
            advice="It solves linear models; choose another solver.",
        ) from error
    if len(form.objectives) != 1:
        raise SolverError(f"The model has {len(form.objectives)} objectives; it must have one.")
    kinds = np.array([kind for _, kind in form.rows])
    lower, upper = zip(*map(_range, form.columns), strict=True) if form.columns else ((), ())
    return LinearForm(
        names=tuple(variable.name for variable in form.columns),
        gains=form.c.toarray()[0],
        constant=float(form.c_offset[0]),
        is_integer=np.array([not variable.is_continuous() for variable in form.columns]),
        bounds=Bounds(lower, upper),
        # A row is `<=` (1), `>=` (-1) or `==` (0) its right side.
        rows=LinearConstraint(
            form.A,
            np.where(kinds <= 0, form.rhs, -np.inf),
            np.where(kinds >= 0, form.rhs, np.inf),
        ),
    )


def _range(variable: Any) -> tuple[float, float]:
    lower, upper = variable.bounds
    return -np.inf if lower is None else lower, np.inf if upper is None else upper

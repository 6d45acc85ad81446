"""A Pyomo model as arrays, for solvers that take a whole program at once, and its start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel
    from scipy.sparse import csc_array

Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

WHOLE = 1e-5
"""How far from an integer a value may be to be meant as that: the widest tolerance in use."""


@dataclass(frozen=True, eq=False)
class MatrixProgram:
    """Optimise cost.x + offset subject to row_lower <= matrix x <= row_upper, lower <= x <= upper.

    Attributes:
        variables: the Pyomo variables of the columns: those that are used and not fixed. [N]
        cost, lower, upper: [N]; an absent bound is infinite.
        integer: which columns are integer. [N]
        matrix: [M, N], by columns.
        row_lower, row_upper: [M]
    """

    variables: list[Any]
    maximise: bool
    offset: float
    cost: Vector
    lower: Vector
    upper: Vector
    integer: Mask
    matrix: csc_array
    row_lower: Vector
    row_upper: Vector

    def value(self, x: Vector) -> float:
        """Return the objective at a point [N]."""
        return float(self.cost @ x) + self.offset

    def allows(self, x: Vector, tolerance: float) -> bool:
        """Return whether a point [N] satisfies every row, bound and integrality to `tolerance`."""
        if not np.isfinite(x).all():
            return False
        rows = self.matrix @ x
        whole = x[self.integer]
        return bool(
            (x >= self.lower - tolerance).all()
            and (x <= self.upper + tolerance).all()
            and (rows >= self.row_lower - tolerance).all()
            and (rows <= self.row_upper + tolerance).all()
            and (np.abs(whole - np.round(whole)) <= tolerance).all()
        )


def matrix_program(model: ConcreteModel) -> MatrixProgram | None:
    """Return the arrays of a model as it stands, or None where a constant row is violated.

    Values of mutable parameters and of fixed variables are those of this moment; inactive
    components are left out. A row with two different bounds becomes two rows.

    Raises:
        ValueError: if more than one objective is active, or a component is not linear.
    """
    from pyomo.common.errors import InfeasibleConstraintException  # noqa: PLC0415  heavy
    from pyomo.environ import maximize  # noqa: PLC0415  heavy
    from pyomo.repn.plugins.standard_form import (  # noqa: PLC0415  heavy
        LinearStandardFormCompiler,
    )

    try:
        form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    except InfeasibleConstraintException:
        return None
    if len(form.objectives) > 1:
        names = ", ".join(objective.name for objective in form.objectives)
        raise ValueError(f"Of several objectives one may be active; these are: {names}.")
    objective = form.objectives[0] if form.objectives else None
    bounds = np.array([v.bounds for v in form.columns], dtype=float).reshape(-1, 2)
    side = np.fromiter((row.bound_type for row in form.rows), dtype=int, count=len(form.rows))
    right = np.asarray(form.rhs, dtype=float)
    return MatrixProgram(
        variables=form.columns,
        maximise=objective is not None and objective.sense == maximize,
        offset=float(form.c_offset[0]) if objective is not None else 0.0,
        cost=form.c.toarray()[0] if objective is not None else np.zeros(len(form.columns)),
        lower=np.nan_to_num(bounds[:, 0], nan=-np.inf, posinf=np.inf, neginf=-np.inf),
        upper=np.nan_to_num(bounds[:, 1], nan=np.inf, posinf=np.inf, neginf=-np.inf),
        integer=np.array([v.is_integer() for v in form.columns], dtype=bool),
        matrix=form.A,
        row_lower=np.where(side == 1, -np.inf, right),
        row_upper=np.where(side == -1, np.inf, right),
    )


def told_start(program: MatrixProgram) -> Vector | None:
    """Return the values [N] of a program's variables, NaN for those without.

    Integer values are rounded. None where an integer variable has no value, one that is not
    whole, or one beyond its bounds, and where nothing is integer: such a start is of no use.
    """
    if not program.integer.any():
        return None
    told = [variable.value for variable in program.variables]
    x = np.array([math.nan if value is None else value for value in told], dtype=float)
    whole = x[program.integer]
    near = np.round(whole)
    allowed = (
        (np.abs(whole - near) <= WHOLE)
        & (near >= program.lower[program.integer])
        & (near <= program.upper[program.integer])
    )
    if not allowed.all():
        return None
    x[program.integer] = near
    return x

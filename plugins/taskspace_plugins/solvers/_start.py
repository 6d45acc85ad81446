"""A start: the values that are set on a model's variables, taken only where they check out."""

from __future__ import annotations

import math

import numpy as np

from taskspace_plugins.solvers._matrices import MatrixProgram, Vector

WHOLE = 1e-5
"""How far from an integer a value may be to be meant as that: the widest tolerance in use."""


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

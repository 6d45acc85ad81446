"""The coefficients p_i of the objective, from what a transfer was measured to be worth."""

from __future__ import annotations

import math
from typing import Literal

from taskspace.errors import InputError

Coefficient = Literal["affinity", "sqrt_affinity", "gain", "quality"]
"""Which measurement the objective adds up, and how."""

LEAST, MOST = 1e-5, 1.0
"""The range to which the authors' public solver clips affinities before the square root."""


def measured_by(coefficient: Coefficient) -> Literal["affinity", "gain", "quality"]:
    """Return the measurement that a coefficient is made from."""
    return "affinity" if coefficient == "sqrt_affinity" else coefficient


def coefficient_value(coefficient: Coefficient, measured: float) -> float:
    """Return p_i for a measured affinity, gain or quality.

    `sqrt_affinity` is the root of the affinity clipped to [1e-5, 1], as in the authors' public
    solver: affinities of different targets are not on one scale, and the root weakens that.

    Raises:
        InputError: if the measurement is negative or not finite.
    """
    if not (math.isfinite(measured) and measured >= 0):
        raise InputError(f"The {measured_by(coefficient)} is {measured!r}; it is at least 0.")
    if coefficient == "sqrt_affinity":
        return math.sqrt(min(max(measured, LEAST), MOST))
    return measured

"""Small maximisation programs with their exact optimum, found by enumeration."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from pyomo import environ as pyo


@dataclass(frozen=True)
class BinaryProgram:
    """max gains.x + constant subject to rows.x <= bounds, x binary."""

    gains: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]
    bounds: tuple[int, ...]
    constant: float = 0.0

    def model(self) -> pyo.ConcreteModel:
        """Return it as a Pyomo model whose variables are x[0], x[1], ..."""
        model = pyo.ConcreteModel()
        model.x = pyo.Var(range(len(self.gains)), domain=pyo.Binary)
        model.rows = pyo.ConstraintList()
        for row, bound in zip(self.rows, self.bounds, strict=True):
            model.rows.add(sum(a * model.x[i] for i, a in enumerate(row)) <= bound)
        objective = sum(g * model.x[i] for i, g in enumerate(self.gains)) + self.constant
        model.objective = pyo.Objective(expr=objective, sense=pyo.maximize)
        return model

    def value(self, x: Sequence[float]) -> float:
        """Return the objective at a point."""
        return sum(g * v for g, v in zip(self.gains, x, strict=True)) + self.constant

    def allows(self, x: Sequence[float]) -> bool:
        """Return whether a point is binary and satisfies every row, to 1e-6."""
        binary = all(min(abs(v), abs(v - 1)) < 1e-6 for v in x)
        return binary and all(
            sum(a * v for a, v in zip(row, x, strict=True)) <= bound + 1e-6
            for row, bound in zip(self.rows, self.bounds, strict=True)
        )

    def optimum(self) -> float | None:
        """Return the largest objective over all 2^n points, or None if none is allowed."""
        points = itertools.product((0, 1), repeat=len(self.gains))
        return max((self.value(x) for x in points if self.allows(x)), default=None)


def random_program(seed: int, *, variables: int = 8, rows: int = 3) -> BinaryProgram:
    """Return a feasible program in which gains and weights of both signs compete."""
    draw = random.Random(seed)
    weights = tuple(tuple(draw.randint(-3, 9) for _ in range(variables)) for _ in range(rows))
    return BinaryProgram(
        gains=tuple(draw.randint(-4, 12) for _ in range(variables)),
        rows=weights,
        bounds=tuple(max(1, sum(row) // 3) for row in weights),
        constant=2.5,
    )


def impossible_program() -> BinaryProgram:
    """Return a program whose relaxation has points and which itself has none: 2x = 1."""
    return BinaryProgram(gains=(1, 1), rows=((2, 2), (-2, -2)), bounds=(1, -1))


def hard_program() -> BinaryProgram:
    """Return a program that takes much longer than a moment to prove optimal."""
    draw = random.Random(5)
    rows = tuple(tuple(draw.randint(20, 120) for _ in range(90)) for _ in range(8))
    gains = tuple(sum(row[i] for row in rows) // 8 + draw.randint(0, 9) for i in range(90))
    return BinaryProgram(gains=gains, rows=rows, bounds=tuple(sum(row) // 2 for row in rows))

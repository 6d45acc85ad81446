"""What holds for a solver."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from pyomo import environ as pyo

from taskspace.components import Limits, Solution, Solver
from taskspace.testing.subject import NotApplicable, Subject, require, returned

_SEEDS = range(5)


def missing_is_said_in_words(subject: Subject) -> None:
    """Nothing is missing, or it is said what to install."""
    missing = subject.made(Solver).missing()
    require(missing is None or bool(missing.strip()), f"What is missing is {missing!r}.")


def optimum_matches_enumeration(subject: Subject) -> None:
    """Random binary programs: the optimum is the best of all points, and the point is allowed."""
    solver = _installed(subject)
    for seed in _SEEDS:
        program = random_program(seed)
        found = _solved(solver, program.model())
        require(found.status == "optimal", f"Program {seed}: {found.status} {found.message}")
        _agrees(program, found, f"Program {seed}")
        best = program.optimum()
        require(
            best is not None and _close(found.objective, best),
            f"Program {seed}: found {found.objective}, the best of all points has {best}.",
        )


def mixed_program_is_solved(subject: Subject) -> None:
    """Max 3x + 4y - 2z, x + 2y <= 7.5 + z, x in [0, 2.25], y in 0..5, z in {0, 1}: the optimum."""
    solver = _installed(subject)
    model = pyo.ConcreteModel()
    model.x = pyo.Var(bounds=(0, 2.25))
    model.y = pyo.Var(domain=pyo.Integers, bounds=(0, 5))
    model.z = pyo.Var(domain=pyo.Binary)
    model.row = pyo.Constraint(expr=model.x + 2 * model.y <= 7.5 + model.z)
    model.objective = pyo.Objective(
        expr=3 * model.x + 4 * model.y - 2 * model.z, sense=pyo.maximize
    )
    best = max(
        3 * min(2.25, 7.5 + z - 2 * y) + 4 * y - 2 * z
        for y in range(6)
        for z in range(2)
        if 7.5 + z - 2 * y >= 0
    )
    found = _solved(solver, model)
    require(found.status == "optimal", f"{found.status} {found.message}")
    require(_close(found.objective, best), f"Found {found.objective}; the optimum is {best}.")
    fractional = found.values.get("x", 0.0)
    require(abs(fractional - round(fractional)) > 0.1, f"The continuous x came back {fractional}.")


def infeasible_is_said(subject: Subject) -> None:
    """A program without a solution is infeasible, and has no objective."""
    found = _solved(_installed(subject), impossible_program().model())
    require(found.status == "infeasible", f"The status is {found.status!r}.")
    require(found.objective is None and not found.values, "It has a solution all the same.")


def limit_is_not_infeasible(subject: Subject) -> None:
    """Out of time, it has a solution in hand or does not know; it claims nothing else."""
    program = hard_program()
    found = _solved(_installed(subject), program.model(), Limits(seconds=0.05))
    require(found.status in ("optimal", "feasible", "unknown"), f"The status is {found.status!r}.")
    require(found.seconds < 20, f"It took {found.seconds:.0f} s of the 0.05 s it had.")
    if found.status == "unknown":
        require(found.objective is None, "It knows nothing, and has an objective.")
    else:
        _agrees(program, found, "Out of time")


def bound_is_proven(subject: Subject) -> None:
    """The bound is not below the best of all points, nor far above a proven optimum."""
    solver = _installed(subject)
    for seed in _SEEDS:
        program = random_program(seed)
        found, best = _solved(solver, program.model()), program.optimum()
        require(
            found.bound is not None and _close(found.bound, best),
            f"Program {seed}: proven optimal at {best} with the bound {found.bound}.",
        )


def model_can_be_solved_again(subject: Subject) -> None:
    """Solving leaves the model as it was, but for the variables' values."""
    solver, model = _installed(subject), random_program(0).model()
    first = _solved(solver, model)
    fixed = [v.name for v in model.component_data_objects(pyo.Var) if v.fixed]
    require(not fixed, f"It leaves variables fixed: {', '.join(fixed)}.")
    second = _solved(solver, model)
    require(
        first.status == second.status and _close(first.objective, second.objective),
        f"First {first.status} {first.objective}, then {second.status} {second.objective}.",
    )


def _installed(subject: Subject) -> Solver:
    solver = subject.made(Solver)
    missing = solver.missing()
    if missing is not None:
        raise NotApplicable(missing)
    return solver


def _solved(solver: Solver, model: pyo.ConcreteModel, limits: Limits | None = None) -> Solution:
    found = solver.solve(model, limits or Limits())
    return returned("solve()", found, Solution, "a taskspace.components.Solution")


def _agrees(program: BinaryProgram, found: Solution, where: str) -> None:
    names = [f"x[{i}]" for i in range(len(program.gains))]
    strange = sorted(set(found.values) - set(names))
    require(not strange, f"{where}: the model has no variable {strange[:1]}.")
    point = [found.values.get(name, 0.0) for name in names]
    require(program.allows(point), f"{where}: the point it found breaks a constraint.")
    require(
        _close(found.objective, program.value(point)),
        f"{where}: it says {found.objective}, its point has {program.value(point)}.",
    )


def _close(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return False
    return abs(found - expected) <= 1e-6 * max(1.0, abs(expected))


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

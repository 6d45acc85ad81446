"""The least that labels cost which serve every target."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from taskspace.components import Limits, Solver
from taskspace.policy.bounds.arrays import OptionArrays
from taskspace.policy.model.formulation import LARGEST_EXACT_COST, constraints, linear

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyomo.environ import ConcreteModel

TOLERANCE = 1e-6
"""How far a bound may be off, in units of the model's costs."""

_SUPERVISED = re.compile(r"y\[(\d+)\]")


@dataclass(frozen=True)
class Cover:
    """Labels that serve every target, as cheap as a solver could make them in time.

    Attributes:
        inside: the tasks [S]; None where none were found.
        cost: theirs, in the units of `OptionArrays.cost`.
        at_least: what no labels that serve every target cost less than.
        proven: whether `cost` is the least, as exactly as the solver can see.
    """

    inside: NDArray[np.bool_] | None
    cost: int | None
    at_least: int
    proven: bool = False


def cheapest_cover(options: OptionArrays, solver: Solver, limits: Limits) -> Cover:
    """Return the cheapest labels that serve every target, whatever the transfers are worth.

    A transfer from one source needs no variable here: its target is served where the source is
    supervised. So the program has a row a target, and not one a target and source.
    """
    model, unit = build_cover(options)
    solution = solver.solve(model, limits)
    at_least = 0
    if solution.bound is not None:
        # The model maximises what is saved.
        least = (Fraction(-solution.bound) - Fraction(TOLERANCE)) * unit
        at_least = max(0, math.ceil(least))
    inside = np.zeros(len(options.own), dtype=bool)
    for name, value in solution.values.items():
        match = _SUPERVISED.fullmatch(name)
        if match is not None and int(match[1]) < len(inside):
            inside[int(match[1])] = value > 0.5
    if not serves(options, inside):
        return Cover(None, None, at_least)
    cost = int(options.cost[inside].sum())
    return Cover(inside, cost, min(at_least, cost), solution.status == "optimal")


def serves(options: OptionArrays, inside: NDArray[np.bool_]) -> bool:
    """Return whether a set [S] is allowed and serves every target."""
    allowed = not (options.required & ~inside).any() and not (options.forbidden & inside).any()
    return bool(allowed and options.state(inside).now.min() > options.unserved / 2)


def build_cover(options: OptionArrays) -> tuple[ConcreteModel, int]:
    """Return the model, and the unit of its costs.

    maximise  - sum_k l_k y_k
    serve     sum of y over single sources, of x over sets, of y_t >= 1   for each target t
    admit     x_i <= y_s                                                  for s in S_i
    """
    import pyomo.environ as pyo  # noqa: PLC0415  listing the study does without Pyomo

    tasks, costs = len(options.own), options.cost.tolist()
    unit = 1 if sum(costs) <= LARGEST_EXACT_COST else max(costs)
    own = {int(t): k for k, t in enumerate(options.own) if t >= 0}
    alone = options.size == 1
    serves_alone = np.zeros(len(options.pair_first), dtype=bool)
    serves_alone[options.pair[alone[options.option]]] = True
    needless = options.sums(serves_alone[options.pair]) > 0
    joint = np.flatnonzero((options.size > 1) & ~needless)
    model = pyo.ConcreteModel()
    model.y = pyo.Var(range(tasks), domain=pyo.Binary)
    model.x = pyo.Var(range(len(joint)), domain=pyo.NonNegativeReals, bounds=(0, 1))
    y, x = list(model.y.values()), list(model.x.values())
    served = [
        [y[k] for k in options.member[options.first[:-1][begin:end][alone[begin:end]]]]
        for begin, end in zip(options.start[:-1], options.start[1:], strict=True)
    ]
    for target, task in own.items():
        served[target].append(y[task])
    readers: dict[int, list[Any]] = {}
    for variable, option in zip(x, joint.tolist(), strict=True):
        served[int(options.target[option])].append(variable)
        for entry in range(options.first[option], options.first[option + 1]):
            readers.setdefault(int(options.pair[entry]), []).append(variable)
    needs = [
        linear([1.0] * len(by) + [-1.0], [*by, y[options.member[options.pair_first[pair]]]]) <= 0.0
        for pair, by in readers.items()
    ]
    decided = [y[k] == 1.0 for k in np.flatnonzero(options.required)]
    decided += [y[k] == 0.0 for k in np.flatnonzero(options.forbidden)]
    model.objective = pyo.Objective(
        expr=linear([-cost / unit for cost in costs], y), sense=pyo.maximize
    )
    model.serve = constraints([linear([1.0] * len(by), by) >= 1.0 for by in served])
    model.admit = constraints(needs)
    model.decided = constraints(decided)
    return model, unit


def least_costs(options: OptionArrays) -> NDArray[np.int64]:
    """Return what it costs at least to serve each target alone, with what is required. [T]."""
    most = int(options.cost.sum()) + 1
    required = int(options.cost[options.required].sum())
    further = np.where(options.required, 0, options.cost)
    if options.cost.dtype == object:
        by_option = np.zeros(len(options.size), dtype=object)
        np.add.at(by_option, options.option, further[options.member])
    else:
        total = np.concatenate([[0], np.cumsum(further[options.member])])
        by_option = total[options.first[1:]] - total[options.first[:-1]]
    by_option[options.row < 0] = most
    least = np.minimum.reduceat(by_option, options.start[:-1])
    for task in np.flatnonzero(options.own >= 0):
        target = options.own[task]
        if options.required[task]:
            least[target] = 0
        elif not options.forbidden[task]:
            least[target] = min(least[target], further[task])
    found: NDArray[np.int64] = least + required
    return found

"""The policy program as a Pyomo model (Zamir et al. 2018, Sec. 3.4, in its strong form)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from taskspace.studies.taxonomy.policy.instance import Instance, Option, bits

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

LARGEST_EXACT_COST = 10_000
"""Up to this, integer costs stay exact under the tolerances of any solver."""


def build_strong(instance: Instance) -> ConcreteModel:
    """Return the model `strong`, whose parameter `budget` may be set again for every solve.

    y[k] in {0, 1}: task k is supervised. x[i] in [0, 1]: option i is used.

        maximise   sum_i r_t p_i x_i                                    `objective`
        serve      sum_{i: t_i = t} x_i = 1      (rule own: + y_t)      for each target t
        admit      sum_{i: t_i = t, s in S_i} x_i <= y_s                for each t and source s
        budget     sum_k l_k y_k <= gamma

    `admit` is valid because a target takes one transfer, and much tighter than one row a
    transfer. With y binary x may be continuous: for fixed y the model falls apart by target, and
    a best admissible option is a vertex. Under rule `own` y_t itself stands for ({t}, t).

    Values are divided by `value_unit`, a power of two near the largest, because solvers prune by
    absolute tolerances. The model also has `cheapest`, an inactive objective that is minus the
    cost, and an empty list of constraints `cuts`. Positions, not names of tasks, index the
    variables: a name may hold any character.
    """
    import pyomo.environ as pyo  # noqa: PLC0415  listing the study does without Pyomo

    rows = _rows(instance)
    model = pyo.ConcreteModel()
    model.y = pyo.Var(range(len(instance.sources)), domain=pyo.Binary)
    model.x = pyo.Var(range(len(rows)), domain=pyo.NonNegativeReals, bounds=(0, 1))
    y, x = list(model.y.values()), list(model.x.values())

    own_rule = instance.problem.rule == "own"
    serve: dict[str, list[Any]] = {target: [] for target in instance.targets}
    admit: dict[tuple[str, int], list[Any]] = {}
    gains = [option.weight / instance.scale for _, option in rows]
    counted = list(x)
    for variable, (target, option) in zip(x, rows, strict=True):
        serve[target].append(variable)
        for source in bits(option.mask):
            admit.setdefault((target, source), []).append(variable)
    if own_rule:
        for target, own in instance.own.items():
            supervised = y[instance.sources.index(target)]
            serve[target].append(supervised)
            gains.append(own.weight / instance.scale)
            counted.append(supervised)

    model.value_unit = 2.0 ** math.frexp(max(map(abs, gains), default=0.0))[1]
    gains = [gain / model.value_unit for gain in gains]
    model.objective = pyo.Objective(expr=_linear(gains, counted), sense=pyo.maximize)
    costs, unit = _row_costs(instance)
    spent = _linear(costs, y)
    model.cheapest = pyo.Objective(expr=-spent, sense=pyo.maximize)
    model.cheapest.deactivate()
    model.budget = pyo.Param(mutable=True, initialize=0.0, domain=pyo.Reals)
    model.within_budget = pyo.Constraint(expr=spent <= model.budget)
    model.cost_unit = unit
    model.total_cost = sum(costs) + 0.5
    model.serve = pyo.Constraint(
        range(len(serve)),
        rule=_each([_linear([1.0] * len(v), v) == 1.0 for v in serve.values()]),
    )
    model.admit = pyo.Constraint(
        range(len(admit)),
        rule=_each(
            [
                _linear([1.0] * len(v) + [-1.0], [*v, y[source]]) <= 0.0
                for (_, source), v in admit.items()
            ]
        ),
    )
    model.cuts = pyo.ConstraintList()
    return model


def set_budget(model: ConcreteModel, instance: Instance, budget: float) -> None:
    """Set the budget of a model, and take its cuts back."""
    capacity = min(instance.capacity(budget), sum(instance.costs))
    # Between two integers, so that no set is decided by a solver's tolerance. Costs too long for
    # that are settled exactly by whoever reads the solution.
    whole = model.cost_unit == 1
    model.budget.set_value(capacity + 0.5 if whole else capacity / model.cost_unit + 1e-9)
    model.cuts.clear()


def forbid_supersets(model: ConcreteModel, mask: int) -> None:
    """Forbid every set that contains all of these tasks, themselves included."""
    chosen = [model.y[k] for k in bits(mask)]
    model.cuts.add(_linear([1.0] * len(chosen), chosen) <= len(chosen) - 1.0)


def forbid(model: ConcreteModel, mask: int) -> None:
    """Forbid one set."""
    inside = {*bits(mask)}
    signs = [-1.0 if k in inside else 1.0 for k in model.y]
    model.cuts.add(_linear(signs, list(model.y.values())) >= 1.0 - len(inside))


@contextmanager
def cheapest(model: ConcreteModel) -> Iterator[None]:
    """Let the model ask for the least cost that serves every target, at any budget."""
    before = model.budget.value
    model.cuts.clear()
    model.budget.set_value(model.total_cost)
    model.objective.deactivate()
    model.cheapest.activate()
    try:
        yield
    finally:
        model.cheapest.deactivate()
        model.objective.activate()
        model.budget.set_value(before)


def _row_costs(instance: Instance) -> tuple[list[float], int]:
    unit = 1 if sum(instance.costs) <= LARGEST_EXACT_COST else max(instance.costs)
    return [cost / unit for cost in instance.costs], unit


def _rows(instance: Instance) -> list[tuple[str, Option]]:
    return [(target, option) for target, found in instance.options.items() for option in found]


def _linear(coefficients: list[float], variables: list[Any]) -> Any:
    from pyomo.core.expr.numeric_expr import LinearExpression  # noqa: PLC0415  as above

    return LinearExpression(constant=0, linear_coefs=coefficients, linear_vars=variables)


def _each(expressions: list[Any]) -> Any:
    return lambda _, position: expressions[position]

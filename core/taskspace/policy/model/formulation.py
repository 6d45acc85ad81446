"""The policy program as a Pyomo model (Zamir et al. 2018, Sec. 3.4), in three formulations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from taskspace.policy.model.instance import Instance, bits
from taskspace.policy.model.serving import Option

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

Formulation = Literal["strong", "per_source", "paper"]
"""How the model says that a transfer needs its sources; the optimum is the same."""

FORMULATIONS: tuple[Formulation, ...] = get_args(Formulation)

LARGEST_EXACT_COST = 10_000
"""Up to this, integer costs stay exact under the tolerances of any solver."""


def build(instance: Instance, formulation: Formulation = "strong") -> ConcreteModel:
    """Return the model, whose parameter `budget` may be set again for every solve.

    y[k] in {0, 1}: task k is supervised. x[i] in {0, 1}: option i is used.

        maximise   sum_i r_t p_i x_i                                    `objective`
        serve      sum_{i: t_i = t} x_i = 1      (rule own: + y_t)      for each target t
        admit      no x_i without its sources                           see `admission_rows`
        budget     sum_k l_k y_k + sum_i l_i x_i <= gamma
        decided    y_k = 1 (required), y_k = 0 (forbidden)              for each such task k

    Under rule `own` y_t itself stands for ({t}, t). x is continuous where that is exact, which
    leaves the solver less to decide: with `strong` and `per_source`, and no transfer that costs
    anything. With y binary the model then falls apart by target, and a best admissible option is
    a vertex of what is left. Not so with `paper`, whose rows let x_i be 1/2 where one of two
    sources is supervised; nor where transfers cost something, because the budget then couples the
    targets, and half of a dear transfer and half of a cheap one may be better than either.

    Values are divided by `value_unit`, a power of two near the largest, because solvers prune by
    absolute tolerances. The model also has `cheapest`, an inactive objective that is minus the
    cost, and an empty list of constraints `cuts`. Positions, not names of tasks, index the
    variables: a name may hold any character.
    """
    import pyomo.environ as pyo  # noqa: PLC0415  listing the study does without Pyomo

    rows = instance.rows
    whole_x = instance.coupled or formulation == "paper"
    model = pyo.ConcreteModel()
    model.y = pyo.Var(range(len(instance.sources)), domain=pyo.Binary)
    model.x = pyo.Var(
        range(len(rows)),
        domain=pyo.Binary if whole_x else pyo.NonNegativeReals,
        bounds=(0, 1),
    )
    y, x = list(model.y.values()), list(model.x.values())

    serve: dict[str, list[Any]] = {target: [] for target in instance.targets}
    gains = [option.weight / instance.scale for _, option in rows]
    counted = list(x)
    for variable, (target, _) in zip(x, rows, strict=True):
        serve[target].append(variable)
    if instance.problem.rule == "own":
        for target, own in instance.own.items():
            supervised = y[instance.position[target]]
            serve[target].append(supervised)
            gains.append(own.weight / instance.scale)
            counted.append(supervised)

    model.value_unit = 2.0 ** math.frexp(max(map(abs, gains), default=0.0))[1]
    gains = [gain / model.value_unit for gain in gains]
    model.objective = pyo.Objective(expr=linear(gains, counted), sense=pyo.maximize)
    most, largest = instance.most_cost(), instance.largest_cost()
    model.cost_unit = 1 if most <= LARGEST_EXACT_COST else largest
    dear = [(option.cost, v) for v, (_, option) in zip(x, rows, strict=True) if option.cost]
    spent = linear(
        [cost / model.cost_unit for cost in (*instance.costs, *(cost for cost, _ in dear))],
        [*y, *(v for _, v in dear)],
    )
    model.cheapest = pyo.Objective(expr=-spent, sense=pyo.maximize)
    model.cheapest.deactivate()
    model.budget = pyo.Param(mutable=True, initialize=0.0, domain=pyo.Reals)
    model.within_budget = pyo.Constraint(expr=spent <= model.budget)
    model.total_cost = most / model.cost_unit + 0.5
    model.serve = constraints([linear([1.0] * len(v), v) == 1.0 for v in serve.values()])
    model.admit = constraints(
        [
            linear(
                [row.factor] * len(row.options) + [-1.0] * len(row.sources),
                [*(x[i] for i in row.options), *(y[k] for k in row.sources)],
            )
            <= 0.0
            for row in admission_rows(rows, formulation)
        ]
    )
    # Rows and not bounds: in the files that solvers read, a binary variable has no others.
    model.decided = constraints(
        [y[k] == 1.0 for k in bits(instance.required)]
        + [y[k] == 0.0 for k in bits(instance.forbidden)]
    )
    model.cuts = pyo.ConstraintList()
    return model


@dataclass(frozen=True, slots=True)
class AdmissionRow:
    """factor * sum of x over `options` <= sum of y over `sources`; positions in the model."""

    factor: float
    options: Sequence[int]
    sources: Sequence[int]


def admission_rows(
    rows: Sequence[tuple[str, Option]], formulation: Formulation
) -> Iterator[AdmissionRow]:
    """Yield the rows of a formulation.

        strong       sum_{i: t_i = t, s in S_i} x_i <= y_s     for each target t and source s
        per_source   x_i <= y_s                                for each i and s in S_i
        paper        |S_i| x_i <= sum_{s in S_i} y_s           for each i (constraint I)

    `strong` is valid because a target takes one transfer. It has the fewest rows, and its
    relaxation is by far the tightest: every point of it is one of `per_source`, and adding up
    the rows of `per_source` for one transfer gives that of `paper`.

    Args:
        rows: target and option, in the order of the variables x.
    """
    if formulation == "paper":
        for i, (_, option) in enumerate(rows):
            sources = list(bits(option.mask))
            yield AdmissionRow(float(len(sources)), [i], sources)
    elif formulation == "per_source":
        for i, (_, option) in enumerate(rows):
            for source in bits(option.mask):
                yield AdmissionRow(1.0, [i], [source])
    else:
        readers: dict[tuple[str, int], list[int]] = {}
        for i, (target, option) in enumerate(rows):
            for source in bits(option.mask):
                readers.setdefault((target, source), []).append(i)
        for (_, source), options in readers.items():
            yield AdmissionRow(1.0, options, [source])


def set_budget(model: ConcreteModel, instance: Instance, budget: float) -> None:
    """Set the budget of a model, and take its cuts back."""
    set_capacity(model, instance.capacity(budget), instance.most_cost())


def set_capacity(model: ConcreteModel, capacity: int, most: int) -> None:
    """Set what a policy may cost in the instance's units, and take the cuts back.

    Args:
        most: what no policy costs more than; numbers beyond it would only be large.
    """
    capacity = min(capacity, most)
    # Between two integers, so that no set is decided by a solver's tolerance. Costs too long for
    # that are settled exactly by whoever reads the solution.
    whole = model.cost_unit == 1
    model.budget.set_value(capacity + 0.5 if whole else capacity / model.cost_unit + 1e-9)
    model.cuts.clear()


def forbid_supersets(model: ConcreteModel, mask: int, options: Iterable[int] = ()) -> None:
    """Forbid every set that contains all of these tasks, themselves included.

    Args:
        options: positions of x; then only where all of these are used too.
    """
    chosen = [*(model.y[k] for k in bits(mask)), *(model.x[i] for i in options)]
    model.cuts.add(linear([1.0] * len(chosen), chosen) <= len(chosen) - 1.0)


def forbid(model: ConcreteModel, mask: int) -> None:
    """Forbid one set."""
    inside = {*bits(mask)}
    signs = [-1.0 if k in inside else 1.0 for k in model.y]
    model.cuts.add(linear(signs, list(model.y.values())) >= 1.0 - len(inside))


def supervise_at_most(model: ConcreteModel, number: int) -> None:
    """Limit how many tasks are supervised."""
    y = list(model.y.values())
    model.cuts.add(linear([1.0] * len(y), y) <= float(number))


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


@contextmanager
def started_from(model: ConcreteModel, instance: Instance, mask: int | None) -> Iterator[None]:
    """Set the variables to the policy of a set of tasks meanwhile, for solvers that use a start.

    Args:
        mask: a set that serves every target; with None, the model says nothing.
    """
    chosen = None if mask is None else instance.served(mask)
    if mask is None or chosen is None:
        yield
        return
    for k, y in model.y.items():
        y.set_value(mask >> k & 1)
    for (target, option), x in zip(instance.rows, model.x.values(), strict=True):
        x.set_value(int(chosen[target] is option))
    try:
        yield
    finally:
        for variable in (*model.y.values(), *model.x.values()):
            variable.set_value(None)


def linear(coefficients: list[float], variables: list[Any]) -> Any:
    """Return sum_i c_i v_i as Pyomo's expression."""
    from pyomo.core.expr.numeric_expr import LinearExpression  # noqa: PLC0415  as above

    return LinearExpression(constant=0, linear_coefs=coefficients, linear_vars=variables)


def constraints(expressions: list[Any]) -> Any:
    """Return expressions as one Pyomo component."""
    from pyomo.environ import Constraint  # noqa: PLC0415  as above

    return Constraint(range(len(expressions)), rule=lambda _, position: expressions[position])

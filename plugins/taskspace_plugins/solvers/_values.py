"""What solvers read from the variables of a Pyomo model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel


def variables(model: ConcreteModel) -> Iterator[Any]:
    """Yield the variables of a model."""
    from pyomo.environ import Var  # noqa: PLC0415  heavy

    yield from model.component_data_objects(Var, descend_into=True)


@contextmanager
def kept_values(model: ConcreteModel) -> Iterator[None]:
    """Give the variables their values back after something was loaded into them."""
    before = [(variable, variable.value, variable.stale) for variable in variables(model)]
    try:
        yield
    finally:
        for variable, value, stale in before:
            variable.set_value(value, skip_validation=True)
            variable.stale = stale


def with_unused(model: ConcreteModel, found: Mapping[int, float]) -> dict[str, float]:
    """Return name to value for all variables that are not zero.

    Args:
        found: `id` of a variable to its value. Those that are not in it are fixed, or in no row
            and not in the objective: their value is the fixed one, or the one nearest zero.
    """
    values = {}
    for variable in variables(model):
        value = found.get(id(variable))
        if value is None:
            value = variable.value if variable.fixed else _nearest_zero(*variable.bounds)
        if value:
            values[variable.name] = float(value)
    return values


def _nearest_zero(lower: float | None, upper: float | None) -> float:
    if lower is not None and lower > 0:
        return lower
    return upper if upper is not None and upper < 0 else 0.0

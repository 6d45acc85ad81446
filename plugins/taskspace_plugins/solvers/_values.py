"""What solvers read back from a Pyomo model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel


def variables(model: ConcreteModel) -> Iterator[Any]:
    """Yield the variables of a model."""
    from pyomo.environ import Var  # noqa: PLC0415  heavy

    yield from model.component_data_objects(Var, descend_into=True)


def nonzero_values(model: ConcreteModel) -> dict[str, float]:
    """Return name to value for the variables whose loaded value is not zero."""
    return {v.name: float(v.value) for v in variables(model) if v.value}

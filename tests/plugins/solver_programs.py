"""Small programs for the tests of the solvers."""

from __future__ import annotations

import random

import pyomo.environ as pyo


def knapsack(weights, gains, capacity, constant=0.0):
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(len(gains)), domain=pyo.Binary)
    model.row = pyo.Constraint(expr=sum(w * model.x[i] for i, w in enumerate(weights)) <= capacity)
    model.value = pyo.Objective(
        expr=sum(g * model.x[i] for i, g in enumerate(gains)) + constant, sense=pyo.maximize
    )
    return model


def hard():
    """Return a knapsack of eight rows that no solver proves in a second."""
    draw = random.Random(5)
    rows = [[draw.randint(20, 120) for _ in range(120)] for _ in range(8)]
    gains = [sum(row[i] for row in rows) // 8 + draw.randint(0, 9) for i in range(120)]
    model = knapsack(rows[0], gains, sum(rows[0]) // 2)
    model.more = pyo.ConstraintList()
    for row in rows[1:]:
        model.more.add(sum(a * model.x[i] for i, a in enumerate(row)) <= sum(row) // 2)
    return model


def state(model):
    """Return all that a solver must leave as it was."""
    parts = [(part.name, part.active) for part in model.component_data_objects()]
    variables = model.component_data_objects(pyo.Var)
    return parts, [(v.name, v.value, v.stale, v.fixed, v.bounds) for v in variables]

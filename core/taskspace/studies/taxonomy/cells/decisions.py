"""Cells that decide: affinities from losses on `select`, policies and what is around them."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from taskspace.components import JSON, Call, Limits, Result, Solver
from taskspace.errors import CellError
from taskspace.policy import (
    Policy,
    UncheckedProblem,
    around_optima,
    compare_with_random,
    solve_policies,
)
from taskspace.studies.taxonomy.maths.tournament import affinities, beats, win_rates
from taskspace.studies.taxonomy.plan.competitors import present_losses

RIVALS = {"gain": "scratch", "quality": "supervised"}
"""What each statistic is a win rate against."""
FLOORS = ("scratch", "constant")
"""What needs nobody's labels."""

PARTS = ("alternatives", "sensitivity")


def tournament(call: Call) -> Result:
    """Return affinity, loss, and win rates against scratch and supervised, of each competitor.

    One tournament a target with every order in it; an image counts where all have a loss. Scratch
    and the constant take no part in it; what they are worth on the same images is in `baselines`.
    """
    names = call.parameters["competitors"]
    rivals = [rival for rival in ("scratch", "supervised", "constant") if rival in call.inputs]
    stacked = present_losses(
        [
            *(call.inputs[f"competitor{i}"].array("loss") for i in range(len(names))),
            *(call.inputs[rival].array("loss") for rival in rivals),
        ]
    )
    losses = stacked[: len(names)]
    opponents = dict(zip(rivals, stacked[len(names) :], strict=True))
    rates = win_rates(losses)
    strength = affinities(rates, call.parameters["normaliser"])

    def measured(of: np.ndarray) -> dict[str, list[float] | None]:
        """Return the mean loss of each row [C, N] and its win rates."""
        found: dict[str, list[float] | None] = {"loss": _row_means(of)}
        for statistic, rival in RIVALS.items():
            wins = beats(of, opponents[rival]) if rival in opponents else None
            found[statistic] = None if wins is None else _row_means(wins)
        return found

    baselines: dict[str, JSON] = {
        kind: {name: values and values[0] for name, values in measured(found[None]).items()}
        for kind, found in opponents.items()
        if kind in FLOORS
    }
    return Result(
        {
            "competitors": names,
            "images": losses.shape[1],
            "affinity": strength.tolist(),
            **measured(losses),
            "baselines": baselines,
        },
        {"win_rates": rates},
    )


def _row_means(values: np.ndarray) -> list[float]:
    means: list[float] = np.asarray(np.mean(values, axis=1, dtype=np.float64)).tolist()
    return means


def solve(call: Call) -> Result:
    """Return the policies of the program, one a budget; times stay out of the record."""
    problem = UncheckedProblem.from_json(call.parameters["problem"])
    policies = solve_policies(
        problem,
        call.parameters["budgets"],
        call.component("solver", Solver),
        Limits(**call.parameters["limits"], threads=call.cpus),
        formulation=call.parameters["formulation"],
    )
    records = [policy.as_json() for policy in policies]
    for record in records:
        if record["status"] == "error":  # not a result: the solver may be there the next time
            raise CellError(str(record["message"]), where=f"budget {record['budget']}")
    return Result(
        {
            "policies": [
                {name: value for name, value in record.items() if name != "seconds"}
                for record in records
            ],
        }
    )


def random_policies(call: Call) -> Result:
    """Return, for each budget, how its policy compares with random ones (the paper's Fig. 13).

    Policies beside which no other set costs as much are left out: they have no rivals.
    """
    problem = UncheckedProblem.from_json(call.parameters["problem"])
    budgets: list[JSON] = []
    for policy in call.parameters["policies"]:
        null = compare_with_random(
            problem,
            policy["budget"],
            policy["transfers"],
            count=call.parameters["count"],
            seed=call.parameters["seed"],
        )
        if null.source_sets == 1:
            continue
        drawn = asdict(null)
        by_serving: dict[str, dict[str, JSON]] = {"random": {}, "best": {}}
        for comparison in drawn.pop("comparisons"):
            by_serving[comparison["serving"]][comparison["statistic"]] = comparison
        budgets.append(drawn | by_serving)
    return Result({"budgets": budgets})


def around(call: Call) -> Result:
    """Return what stands around each policy of the input, in their order."""
    found = around_optima(
        UncheckedProblem.from_json(call.parameters["problem"]),
        [
            Policy(record["budget"], record["status"], supervised=tuple(record["supervised"]))
            for record in call.inputs["policies"].record["policies"]
        ],
        call.component("solver", Solver),
        Limits(**call.parameters["limits"], threads=call.cpus),
        alternatives=call.parameters["alternatives"],
        sensitivity=call.parameters["sensitivity"],
    )
    return Result({"policies": [{part: asdict(one)[part] for part in PARTS} for one in found]})

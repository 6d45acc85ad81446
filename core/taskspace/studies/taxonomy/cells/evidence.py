"""Cells that judge on the test images whether transfers are worth having, new tasks included."""

from __future__ import annotations

import numpy as np

from taskspace.components import Call, Result
from taskspace.learning.statistics import Comparison, compare
from taskspace.studies.taxonomy.maths.evidence import (
    SIGNIFICANT,
    better_of,
    corrected,
    share_below,
)
from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.maths.novel import mean_wins, novel_task
from taskspace.studies.taxonomy.plan.repeated import values


def beats_floor(call: Call) -> Result:
    """Return whether competitors are better than their target's floor, in loss or in metric.

    The parameter `competitors` lists {target: [competitor]}, the most promising on `select` first,
    and `rising` {target: whether more of its metric is better}; the inputs are the targets'
    assessments. A difference is shown where the corrected p (see `corrected`) is below 0.05 and all
    seeds agree.
    """
    judged: dict[str, list[Comparison]] = {}
    names: dict[str, list[str]] = {}
    for target, competitors in call.parameters["competitors"].items():
        assessed = call.inputs[target]
        rows = {name: row for row, name in enumerate(assessed.record["competitors"])}
        losses, metrics = (np.asarray(assessed.array(name)) for name in ("loss", "metric"))
        if call.parameters["rising"][target]:
            metrics = -metrics
        for name in competitors:
            compared = better_of(
                *(compare(of[:, rows[FLOOR]] - of[:, rows[name]]) for of in (losses, metrics))
            )
            if compared is not None:
                judged.setdefault(target, []).append(compared)
                names.setdefault(target, []).append(name)
    p_values = corrected({target: [one.p for one in found] for target, found in judged.items()})
    return Result(
        {
            "comparisons": [
                {
                    "target": target,
                    "competitor": name,
                    **one._asdict(),
                    "p_corrected": p,
                    "shown": bool(p < SIGNIFICANT and one.agree),
                }
                for target, found in judged.items()
                for name, one, p in zip(names[target], found, p_values[target], strict=True)
            ]
        }
    )


def below_constant(call: Call) -> Result:
    """Return the share of transfers whose mean loss on `test` is above the best constant's.

    The parameter `transfers` lists {target: {competitor: whether it is admitted}}; the inputs are
    the targets' assessments. `all` is over all of them, `admitted` over those that are.
    """
    excess: list[np.ndarray] = []
    admitted: list[bool] = []
    for target, names in call.parameters["transfers"].items():
        assessed = call.inputs[target]
        rows = {name: row for row, name in enumerate(assessed.record["competitors"])}
        losses, constant = (np.asarray(assessed.array(name)) for name in ("loss", "constant"))
        for name, admits in names.items():
            excess.append(losses[:, rows[name]] - constant)
            admitted.append(admits)
    seed = call.parameters["seed"]
    chosen = [found for found, admits in zip(excess, admitted, strict=True) if admits]
    return Result(
        {
            "all": {"count": len(excess), "share": share_below(excess, seed)},
            "admitted": {
                "count": len(chosen),
                "share": share_below(chosen, seed) if chosen else None,
            },
        }
    )


def novel_tasks(call: Call) -> Result:
    """Return, for each target, the win rates of its best transfer over its rivals on `test`.

    The parameter `competitors` lists {target: {competitor: input}}; each input gives losses [N] in
    every repetition.
    """
    seed = call.parameters["seed"]
    losses = {
        target: {name: values(call.inputs, slot, "loss") for name, slot in competitors.items()}
        for target, competitors in call.parameters["competitors"].items()
    }
    return Result(
        {
            "targets": {target: novel_task(found, seed) for target, found in losses.items()},
            "mean_wins": mean_wins(list(losses.values()), seed),
        }
    )

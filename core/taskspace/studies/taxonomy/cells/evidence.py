"""Cells that judge on the test images whether transfers are worth having, new tasks included."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Call, Result
from taskspace.learning.statistics import compare, holm
from taskspace.studies.taxonomy.maths.evidence import (
    SIGNIFICANT,
    Claim,
    against_all,
    share_below,
)
from taskspace.studies.taxonomy.maths.novel import mean_wins, novel_task
from taskspace.studies.taxonomy.plan.repeated import values

BASELINES = ("scratch", "constant")
"""What needs nobody else's labels."""


def beats_floor(call: Call) -> Result:
    """Return whether competitors are better than scratch and than the constant, in their metric.

    Which of the two is the floor follows from a loss on other images; a competitor that beats that
    one may be no better than the other. So both have to be beaten on the images that are told of.

    The parameter `competitors` lists {target: [competitor]}, and `rising` {target: whether more of
    its metric is better}; the inputs are the targets' assessments. Shown is what has a p below
    0.05, corrected for all claims of the job (Holm), and is better with every seed.
    """
    claims: dict[tuple[str, str], Claim] = {}
    for target, competitors in call.parameters["competitors"].items():
        assessed = call.inputs[target]
        rows = {name: row for row, name in enumerate(assessed.record["competitors"])}
        metrics = _better_is_less(call, target, "metric")
        baselines = {
            kind: _better_is_less(call, target, f"{kind}_metric")
            for kind in BASELINES
            if kind in assessed.record["metrics"]
        }
        for name in competitors:
            compared = {
                kind: compare(metric - metrics[:, rows[name]]) for kind, metric in baselines.items()
            }
            if (claim := against_all(compared)) is not None:
                claims[target, name] = claim
    p_values = holm({key: claim.compared.p for key, claim in claims.items()})
    return Result(
        {
            "comparisons": [
                {
                    "target": target,
                    "competitor": name,
                    **claim.compared._replace(agree=claim.agree, of="metric")._asdict(),
                    "against": claim.against,
                    "p_corrected": p_values[target, name],
                    "shown": bool(p_values[target, name] < SIGNIFICANT and claim.agree),
                }
                for (target, name), claim in claims.items()
            ]
        }
    )


def _better_is_less(call: Call, target: str, array: str) -> NDArray[np.float32]:
    """Return metrics of an assessment, those of which more is better with the other sign."""
    metrics: NDArray[np.float32] = np.asarray(call.inputs[target].array(array))
    return -metrics if call.parameters["rising"][target] else metrics


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

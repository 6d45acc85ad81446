"""The cell that treats each target as a new task with few labels."""

from __future__ import annotations

from taskspace.components import Call, Result
from taskspace.studies.taxonomy.maths.novel import mean_wins, novel_task
from taskspace.studies.taxonomy.plan.repeated import values


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

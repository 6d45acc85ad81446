"""Cells that look at the test images, after everything is decided."""

from __future__ import annotations

import numpy as np
import torch

from taskspace.components import Call, Result
from taskspace.studies.taxonomy.cells.data import task_inputs, task_targets
from taskspace.studies.taxonomy.cells.measuring import PREVIEW, as_bytes, first_rows, shown
from taskspace.studies.taxonomy.intervals import beats, mean_interval

RIVALS = ("scratch", "supervised", "constant", "probe")


def assess(call: Call) -> Result:
    """Return gain, quality and loss of each competitor, and the sanity of the supervised network.

    Arrays `gain` and `quality` [C, N] hold each image's beat (1, 0.5, 0; NaN without a label), so
    that policies can be assessed with intervals over images.
    """
    names = call.parameters["competitors"]
    seed = call.parameters["seed"]
    measured = [call.inputs[f"competitor{i}"] for i in range(len(names))]
    losses = np.stack([cell.array("loss") for cell in measured])
    rivals = {rival: call.inputs[rival] for rival in RIVALS if rival in call.inputs}
    gain, quality = (
        beats(losses, rivals[rival].array("loss"))
        if rival in rivals
        else np.full_like(losses, np.nan)
        for rival in ("scratch", "supervised")
    )
    return Result(
        {
            "competitors": names,
            "gain": [mean_interval(row, seed) for row in gain],
            "quality": [mean_interval(row, seed) for row in quality],
            "loss": [cell.record["loss"] for cell in measured],
            "metric": [cell.record["metric"] for cell in measured],
            "sanity": {
                rival: mean_interval(
                    beats(rivals["supervised"].array("loss"), cell.array("loss")), seed
                )
                for rival, cell in rivals.items()
                if "supervised" in rivals and rival != "supervised"
            },
            "losses": {rival: cell.record["loss"] for rival, cell in rivals.items()},
            "metrics": {rival: cell.record["metric"] for rival, cell in rivals.items()},
        },
        {"gain": gain, "quality": quality},
    )


def preview(call: Call) -> Result:
    """Return the first test images as the task shows them, and their truth."""
    images = first_rows(task_inputs(call, "test", PREVIEW))
    views = torch.cat(list(images.unbind(1)), dim=3) if images.ndim == 5 else images
    truth = shown(call, first_rows(task_targets(call, "test", PREVIEW)))
    grey = views if views.shape[1] in (1, 3) else views.mean(dim=1, keepdim=True)
    return Result(truth.record, {"input": as_bytes(grey.expand(-1, 3, -1, -1)), **truth.arrays})


def evaluate(call: Call) -> Result:
    """Return mean gain and quality on `test` of each policy, over all targets, with intervals.

    The supervised targets are included, at their own gain and quality 0.5. The parameter
    `policies` lists {target: competitor}; the inputs are the targets' assessments.
    """
    seed = call.parameters["seed"]
    rows = {
        target: {name: row for row, name in enumerate(cell.record["competitors"])}
        for target, cell in call.inputs.items()
    }

    def mean(policy: dict[str, str], statistic: str) -> list[float] | None:
        return mean_interval(
            np.stack(
                [
                    call.inputs[target].array(statistic)[rows[target][competitor]]
                    for target, competitor in policy.items()
                ]
            ),
            seed,
        )

    return Result(
        {
            "policies": [
                {statistic: mean(policy, statistic) for statistic in ("gain", "quality")}
                for policy in call.parameters["policies"]
            ]
        }
    )

"""Cells that look at the test images, after everything is decided."""

from __future__ import annotations

import numpy as np

from taskspace.components import Call, Result
from taskspace.learning.examples import examples_of
from taskspace.learning.shown import seen, whole
from taskspace.learning.splits import indices_of
from taskspace.learning.statistics import mean_interval
from taskspace.studies.taxonomy.cells.measuring import PREVIEW, shown_on_test
from taskspace.studies.taxonomy.maths.tournament import beats
from taskspace.studies.taxonomy.plan.repeated import mean_of, values

RIVALS = ("scratch", "supervised", "constant", "probe")


def assess(call: Call) -> Result:
    """Return gain, quality and loss of each competitor, and the sanity of the supervised network.

    Arrays `gain` and `quality` [S, C, N] hold each image's beat (1, 0.5, 0; NaN without a label)
    in each of S repetitions, so that policies can be assessed with intervals over both; `loss` and
    `metric` [S, C, N], `constant` [S, N] (its losses), `scratch_metric` and `constant_metric`
    [S, N] what was measured.
    """
    names, seed, inputs = call.parameters["competitors"], call.parameters["seed"], call.inputs
    slots = [f"competitor{i}" for i in range(len(names))]
    loss, metric = (
        np.stack([values(inputs, slot, name) for slot in slots], axis=1)
        for name in ("loss", "metric")
    )
    rivals = {rival: values(inputs, rival, "loss") for rival in RIVALS if rival in inputs}
    gain, quality = (
        np.stack([beats(*pair) for pair in zip(loss, rivals[rival], strict=True)])
        if rival in rivals
        else np.full_like(loss, np.nan)
        for rival in ("scratch", "supervised")
    )
    supervised = rivals.get("supervised")
    return Result(
        {
            "competitors": names,
            "gain": [mean_interval(gain[:, [row]], seed) for row in range(len(names))],
            "quality": [mean_interval(quality[:, [row]], seed) for row in range(len(names))],
            "loss": [mean_of(inputs, slot, "loss") for slot in slots],
            "metric": [mean_of(inputs, slot, "metric") for slot in slots],
            "sanity": {
                rival: mean_interval(
                    np.stack([beats(*p) for p in zip(supervised, found, strict=True)])[:, None],
                    seed,
                )
                for rival, found in rivals.items()
                if supervised is not None and rival != "supervised"
            },
            "losses": {rival: mean_of(inputs, rival, "loss") for rival in rivals},
            "metrics": {rival: mean_of(inputs, rival, "metric") for rival in rivals},
        },
        {"gain": gain, "quality": quality, "loss": loss, "metric": metric}
        | ({"constant": rivals["constant"]} if "constant" in rivals else {})
        | {
            f"{rival}_metric": values(inputs, rival, "metric")
            for rival in ("scratch", "constant")
            if rival in rivals
        },
    )


def preview(call: Call) -> Result:
    """Return a sample of test images as the task shows them, and their truth."""
    sample = examples_of(call, indices_of(call, "test", PREVIEW))
    truth = shown_on_test(call, whole(sample.targets))
    return Result(truth.record, {"input": seen(whole(sample.inputs)), **truth.arrays})


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
                    call.inputs[target].array(statistic)[:, rows[target][competitor]]
                    for target, competitor in policy.items()
                ],
                axis=1,
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

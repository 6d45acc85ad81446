"""Cells that compare pretrained sources with labelled ones on the test images."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Call, Result
from taskspace.learning.statistics import mean_interval
from taskspace.studies.taxonomy.maths.paired import difference_interval, paired_beats


def compare_sources(call: Call) -> Result:
    """Return how often each pretrained source beats the best labelled one, image by image.

    The parameter `pairs` lists {source: {target: labelled source}}; the inputs are the targets'
    assessments. Win rates are pairs of losses of one image and seed, ties half.
    """
    seed = call.parameters["seed"]
    sources = []
    for source, pairs in call.parameters["pairs"].items():
        beats = {
            target: paired_beats(*_losses(call, target, (source, labelled)))
            for target, labelled in pairs.items()
        }
        targets = [
            {
                "target": target,
                "labelled": labelled,
                "wins": mean_interval(beats[target][:, None], seed),
                "metric": _metric(call, target, source),
                "labelled_metric": _metric(call, target, labelled),
            }
            for target, labelled in pairs.items()
        ]
        mean = mean_interval(np.stack([*beats.values()], axis=1), seed)
        sources.append({"source": source, "targets": targets, "mean_wins": mean})
    return Result({"sources": sources})


def compare_policies(call: Call) -> Result:
    """Return the mean test gain and quality of policies, and their paired differences.

    The parameter `policies` lists, a budget, {kind: {target: competitor}} for the kinds `both`,
    `labels` and `pretrained`; the inputs are the targets' assessments.
    """
    seed = call.parameters["seed"]
    return Result(
        {
            "budgets": [
                {
                    statistic: _differences(
                        {kind: _served(call, policy, statistic) for kind, policy in row.items()},
                        seed,
                    )
                    for statistic in ("gain", "quality")
                }
                for row in call.parameters["policies"]
            ]
        }
    )


def _differences(
    rates: Mapping[str, NDArray[np.float32]], seed: int
) -> dict[str, list[float] | None]:
    """Return means of win rates [S, T, N] by kind, and what each sort of source adds."""
    means = {kind: mean_interval(found, seed) for kind, found in rates.items()}
    return means | {
        "added_by_pretrained": difference_interval(rates["both"], rates["labels"], seed),
        "added_by_labels": difference_interval(rates["both"], rates["pretrained"], seed),
    }


def _served(call: Call, policy: Mapping[str, str], statistic: str) -> NDArray[np.float32]:
    """Return the win rates [S, T, N] of what serves each target, targets by name."""
    return np.stack(
        [_row(call, target, policy[target], statistic) for target in sorted(policy)], axis=1
    )


def _losses(
    call: Call, target: str, names: tuple[str, str]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return _row(call, target, names[0], "loss"), _row(call, target, names[1], "loss")


def _row(call: Call, target: str, competitor: str, array: str) -> NDArray[np.float32]:
    """Return what an assessment holds of a competitor: [S, N]."""
    assessed = call.inputs[target]
    row = assessed.record["competitors"].index(competitor)
    found: NDArray[np.float32] = np.asarray(assessed.array(array))[:, row]
    return found


def _metric(call: Call, target: str, competitor: str) -> float | None:
    record = call.inputs[target].record
    value: float | None = record["metric"][record["competitors"].index(competitor)]
    return value

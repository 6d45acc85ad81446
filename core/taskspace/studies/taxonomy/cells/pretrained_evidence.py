"""Cells that compare pretrained sources with labelled ones on the test images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Call, Result
from taskspace.learning.statistics import mean_interval
from taskspace.studies.taxonomy.maths.paired import difference_interval, paired_beats

WINS = {"wins": "labelled", "own_wins": "own"}
"""What holds the win rates over each rival."""


def compare_sources(call: Call) -> Result:
    """Return how often each pretrained source beats what labels bring, image by image.

    The parameter `pairs` lists {source: {target: {rival: competitor}}} for the rivals `labelled`,
    the best labelled source, and `own`, the target's own network; the inputs are the targets'
    assessments. Win rates are pairs of losses of one image and seed, ties half.
    """
    seed = call.parameters["seed"]
    sources = []
    for source, pairs in call.parameters["pairs"].items():
        beats = {
            (target, rival): paired_beats(*_losses(call, target, (source, name)))
            for target, rivals in pairs.items()
            for rival, name in rivals.items()
        }
        targets = [
            {
                "target": target,
                "labelled": rivals.get("labelled"),
                "metric": _metric(call, target, source),
                **{
                    field: mean_interval(beats[target, rival][:, None], seed)
                    if rival in rivals
                    else None
                    for field, rival in WINS.items()
                },
                **{
                    f"{rival}_metric": _metric(call, target, rivals[rival])
                    if rival in rivals
                    else None
                    for rival in WINS.values()
                },
            }
            for target, rivals in pairs.items()
        ]
        means = {
            f"mean_{field}": _mean_wins([b for (_, of), b in beats.items() if of == rival], seed)
            for field, rival in WINS.items()
        }
        sources.append({"source": source, "targets": targets, **means})
    return Result({"sources": sources})


def _mean_wins(beats: Sequence[NDArray[np.float32]], seed: int) -> list[float] | None:
    """Return the mean of win rates [S, N] over targets with its interval; None without any."""
    return mean_interval(np.stack(beats, axis=1), seed) if beats else None


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

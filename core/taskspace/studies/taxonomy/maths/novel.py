"""A new task with few labels: what all other tasks do for it (Zamir et al. 2018, Fig. 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taskspace.learning.statistics import mean_interval
from taskspace.studies.taxonomy.maths.paired import paired_beats

TRANSFER = "(transfer)"
"""The novel task's best transfer, beside its rivals' names."""

SINGLE_SOURCES = (
    "random_projection",
    "autoencoding",
    "colorization",
    "inpainting",
    "jigsaw",
    "rotation",
    "egomotion",
    "pose_fixated",
    "scene_class",
    "object_class",
)
"""Encoders that users start from without asking: an untrained one, the self-supervised ones, and
classifiers of images. Fig. 10 has ImageNet's classifier and five self-supervised ones."""

COMPETITORS = (TRANSFER, "scratch", *SINGLE_SOURCES, "supervised")
"""In the order in which they are shown."""


def single_source_rivals(target: str, sources: Iterable[str]) -> list[str]:
    """Return the usual single sources that are there, but not the target itself."""
    present = set(sources) - {target}
    return [name for name in SINGLE_SOURCES if name in present]


def novel_task(losses: Mapping[str, NDArray[np.float32]], seed: int) -> dict[str, Any]:
    """Return how often one task's transfer beats its rivals on `test`, and everybody's mean loss.

    Args:
        losses: competitor to losses [S, N] in S repetitions, NaN without a label; `TRANSFER` is the
            one that is judged.
        seed: of the bootstrap over images.

    Returns:
        `wins`: rival to [win rate, low, high]; `losses`: competitor to its mean loss; None where no
        image has a label.
    """
    return {
        "wins": {
            rival: mean_interval(paired_beats(losses[TRANSFER], found)[:, None], seed)
            for rival, found in losses.items()
            if rival != TRANSFER
        },
        "losses": {name: _mean(found) for name, found in losses.items()},
    }


def mean_wins(
    tasks: Sequence[Mapping[str, NDArray[np.float32]]], seed: int
) -> dict[str, list[float] | None]:
    """Return each rival's [win rate, low, high]: the mean over the tasks that have this rival.

    Args:
        tasks: for each task, competitor to losses [S, N] on the same images.
        seed: of the bootstrap over images, which all tasks share.
    """
    rivals = dict.fromkeys(name for losses in tasks for name in losses if name != TRANSFER)
    return {
        rival: mean_interval(
            np.stack([paired_beats(t[TRANSFER], t[rival]) for t in tasks if rival in t], axis=1),
            seed,
        )
        for rival in rivals
    }


def _mean(losses: NDArray[np.float32]) -> float | None:
    present = losses[~np.isnan(losses)]
    return float(present.mean(dtype=np.float64)) if len(present) else None

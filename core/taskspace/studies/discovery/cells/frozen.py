"""Classes on frozen codes, and how alike they are to known ones."""

from __future__ import annotations

import numpy as np
import torch

from taskspace.components import JSON, Call, Result
from taskspace.learning.frozen.codes import stored_codes
from taskspace.learning.networks import generator, settled
from taskspace.studies.discovery.cells.labels import target_ids
from taskspace.studies.discovery.cells.rows import all_rows
from taskspace.studies.discovery.frozen.kmeans import kmeans_labelling
from taskspace.studies.discovery.frozen.labelling import FrozenOptions, frozen_labelling
from taskspace.studies.discovery.frozen.scaling import column_scales
from taskspace.studies.discovery.maths.similarity import similarity

KMEANS_STARTS = 5


def search_frozen(call: Call) -> Result:
    """Find classes that linear heads on frozen codes learn best; all images get one.

    The record compares them with the labels of known tasks, as k-means on the same standardised
    codes is.

    Raises:
        InputError: if the codes tell no images apart, or there are fewer than classes.
    """
    with settled(call.cpus):
        used = all_rows(call)
        classes = call.parameters["classes"]
        every = np.arange(call.parameters["count"])
        spaces = [
            torch.from_numpy(stored_codes(call, f"codes{number}_", every))
            for number in range(call.parameters["encoders"])
        ]
        learnt = [space[torch.from_numpy(used)] for space in spaces]
        draws = generator(call.parameters["seed"], "frozen")
        options = FrozenOptions(**call.parameters["search"])
        labelling = frozen_labelling(learnt, classes, options, draws)
        logits = labelling.logits_of(spaces)
        labels = logits.argmax(1).numpy()
        record: dict[str, JSON] = {
            "names": ["1"],
            "used": len(np.unique(labels[used])),
            "loss": labelling.loss,
            "entropy": labelling.entropy,
            "matches": _matches(call, used, labels, learnt),
        }
        others = logits[:, :-1].logsumexp(1)
        arrays = {
            "labels": labels[:, None].astype(np.int16),
            "logits": logits[:, None].numpy(),
            "scores": (logits[:, -1] - others)[:, None].numpy(),
        }
        return Result(record, arrays)


def _matches(
    call: Call, used: np.ndarray, labels: np.ndarray, spaces: list[torch.Tensor]
) -> list[JSON]:
    """Return how alike the classes are to known ones, beside k-means on the same codes."""
    against = call.parameters["against"]
    if not against:
        return []
    standard = []
    for space in spaces:
        mean, deviation = column_scales(space)
        standard.append(torch.nn.functional.normalize((space - mean) / deviation, dim=1))
    clusters = kmeans_labelling(
        torch.cat(standard, dim=1).numpy(),
        call.parameters["classes"],
        starts=KMEANS_STARTS,
        seed=call.parameters["seed"],
    )
    matches: list[JSON] = []
    for number, name in enumerate(against):
        known = target_ids(call, f"target{number}_")[used]
        if (known >= 0).any():
            matches.append(
                {
                    "task": name,
                    "accuracy": similarity(labels[used].astype(np.int64), known),
                    "kmeans": similarity(clusters, known),
                }
            )
    return matches

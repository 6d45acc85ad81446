"""Labels that discovered tasks are compared with: people's, and those of chance."""

from __future__ import annotations

import numpy as np
import torch

from taskspace.components import Call, Dataset, Result, Task
from taskspace.learning.examples import blocks, stored_parts, stored_rows
from taskspace.learning.networks import settled
from taskspace.studies.discovery.cells.networks import labelling_network, outputs_of
from taskspace.studies.discovery.cells.rows import call_rows
from taskspace.studies.discovery.maths.controls import (
    balanced_labels,
    grouped_labels,
    linear_scores,
    random_scores,
)

PIXELS = 512
"""Images that are projected at once."""


def human_labels(call: Call) -> Result:
    """Return the labels of the job's tasks with K classes: as they are, or groups of them [N, T].

    The record names each column. Tasks with fewer classes have none.
    """
    wanted, groupings = call.parameters["classes"], call.parameters["groupings"]
    fields = call.component("dataset", Dataset).fields()
    columns, names = [], []
    for number, name in enumerate(call.parameters["tasks"]):
        head = call.component(f"task{number}", Task).head(fields)
        ids, present = target_ids(call, f"target{number}_"), head.size  # type: ignore[union-attr]
        if present < wanted:
            continue
        random = np.random.default_rng([call.parameters["seed"], number])
        own = grouped_labels(ids, present, wanted, groupings, random)
        columns.append(own)
        of_groups = own.shape[1] > 1 or present > wanted
        names += [f"{name}, groups {i + 1}" if of_groups else name for i in range(own.shape[1])]
    labels = np.concatenate(columns, axis=1) if columns else np.empty((0, 0), dtype=np.int64)
    return Result({"names": names, "classes": wanted}, {"labels": labels.astype(np.int16)})


def target_ids(call: Call, slot: str) -> np.ndarray:
    """Return the class ids [N] of a task; -1 is missing."""
    return np.concatenate([part.values for part in stored_parts(call, slot, "target")]).astype(
        np.int64
    )


def random_labels(call: Call) -> Result:
    """Return labels that follow from no annotation, and the scores that they are cut from [N, T].

    The parameter `rule` is `random_labels`, `random_linear` (projections of the pixels) or
    `random_network` (outputs of networks that have learnt nothing); all are balanced.
    """
    tasks, classes = call.parameters["tasks"], call.parameters["classes"]
    random = np.random.default_rng(call.parameters["seed"])
    count = call.component("dataset", Dataset).length()
    every = np.arange(count)
    rule = call.parameters["rule"]
    with settled(call.cpus):
        if rule == "random_labels":
            scores = random_scores(count, tasks, random)
        elif rule == "random_linear":
            images = stored_rows(call, "image", "image", every)
            arrays = (block.cpu().numpy() for block in blocks(images, PIXELS))
            scores = linear_scores(arrays, tasks, random)
        else:
            images = stored_rows(call, "image", "image", every)
            seed = call.parameters["seed"]
            columns = [
                outputs_of(labelling_network(call, 1, seed, "random", number), images)[:, 0]
                for number in range(tasks)
            ]
            scores = torch.stack(columns, dim=1).double().numpy()
    labels = balanced_labels(scores, classes, call_rows(call).train)
    return Result(
        {"classes": classes, "names": [str(i + 1) for i in range(tasks)]},
        {"labels": labels.astype(np.int16), "scores": scores.astype(np.float32)},
    )

"""Tasks as vectors by a probe network, and how far they are from each other."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import torch

from taskspace.components import (
    Call,
    Dataset,
    Embedding,
    Encoder,
    LabelledImages,
    Result,
    TaskEmbedding,
)
from taskspace.learning.examples import image_shape, stored_cells
from taskspace.learning.networks import generator, seeded, settled
from taskspace.studies.recommend.cells.samples import classes_of, drawn_rows, labels_of


def embed_task(call: Call) -> Result:
    """Return the embedding of the call's task by the network `encoder`, from the images drawn.

    The arrays are `vector` [F] and, where there is one, `base` [F].
    """
    with settled(call.cpus):
        rows = drawn_rows(call, call.parameters["images"], call.parameters["seed"])
        with seeded("published"):
            probe = call.component("encoder", Encoder).build(image_shape(call))
        dataset = call.component("dataset", Dataset)
        images = dataset.read(rows, {"image"})["image"].to(call.device)
        labels = torch.from_numpy(labels_of(call, rows)).to(call.device)
        embedding = call.component("embedding", Embedding)
        begun = perf_counter()
        found = embedding.embed(
            probe.to(call.device).eval(),
            LabelledImages(images, labels, classes_of(call)),
            generator(call.parameters["seed"], "embedding"),
        )
        seconds = perf_counter() - begun
        arrays = {"vector": found.vector}
        if found.base is not None:
            arrays["base"] = found.base
        difficulty = embedding.difficulty(found)
        return Result(
            {
                "record": dict(found.record),
                "based": found.base is not None,
                "difficulty": difficulty,
                "seconds": seconds,
            },
            arrays,
        )


def compare_tasks(call: Call) -> Result:
    """Return distances from experts' tasks to targets [E, T], and between targets [T, T]."""
    embedding = call.component("embedding", Embedding)
    experts, targets = _stored(call, "expert"), _stored(call, "target")
    between = embedding.distances(targets, targets)
    towards = embedding.distances(experts, targets) if experts else np.empty((0, len(targets)))
    return Result({}, {"experts": towards, "targets": between})


def _stored(call: Call, slot: str) -> list[TaskEmbedding]:
    return [
        TaskEmbedding(
            np.array(cell.array("vector")),
            np.array(cell.array("base")) if cell.record.get("based") else None,
            cell.record["record"],
        )
        for cell in stored_cells(call, slot)
    ]

"""Networks that learn one half of a task's images and are tested on the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log

import numpy as np
import torch

from taskspace.components import Call, Result
from taskspace.learning.examples import stored_rows
from taskspace.learning.fitting.fit import fit
from taskspace.learning.fitting.progress import Learner, shuffles
from taskspace.learning.networks import settled
from taskspace.learning.training import Training
from taskspace.studies.discovery.cells.class_ids import ClassIds
from taskspace.studies.discovery.cells.labels import target_ids
from taskspace.studies.discovery.cells.networks import labelling_network, outputs_of
from taskspace.studies.discovery.cells.rows import all_rows
from taskspace.studies.discovery.maths.splits import (
    Halves,
    split_at_random,
    split_by_loss,
    split_by_scores,
)

FOLDS = 5
"""Parts of the images, each judged by a network that has learnt the others."""


def measure_losses(call: Call) -> Result:
    """Return the loss of each image [N] under a network that has not learnt from it, NaN if unused.

    Images are dealt to five parts at random; each part is judged by a network of the others.
    """
    with settled(call.cpus):
        rows, ids = _labelled(call)
        seed = call.parameters["seed"]
        deal = np.random.default_rng(seed).permutation(len(rows)) % FOLDS
        losses = np.full(len(ids), np.nan, dtype=np.float32)
        for fold in range(FOLDS):
            learnt, judged = rows[deal != fold], rows[deal == fold]
            learner = _learner(call, learnt, ids, seed, f"fold{fold}")
            fit([learner], Training(**call.parameters["train"]))
            if learner.error:
                raise learner.error
            logits = outputs_of(learner.network, stored_rows(call, "image", "image", judged))
            target = torch.from_numpy(ids[judged])
            losses[judged] = ClassIds(classes=logits.shape[1]).loss(logits, target).value.numpy()
        return Result({"chance": log(call.parameters["classes"])}, {"losses": losses})


def train_halves(calls: Sequence[Call]) -> Iterator[tuple[int, Result | Exception]]:
    """Train a network on one half of a task's images; the record has its accuracy on the other."""
    with settled(calls[0].cpus):
        for index, call in enumerate(calls):
            rows, ids = _labelled(call)
            halves = _halves(call, rows, ids[rows])
            learner = _learner(call, rows[halves.train], ids, call.parameters["seed"], "network")
            learner.checkpoint = call.checkpoint
            fit([learner], Training(**call.parameters["train"]))
            if learner.error:
                yield index, learner.error
                continue
            accuracy = {}
            for part, own in (("learnt", halves.train), ("accuracy", halves.test)):
                images = stored_rows(call, "image", "image", rows[own])
                right = outputs_of(learner.network, images).argmax(1).numpy() == ids[rows[own]]
                accuracy[part] = float(right.mean())
            yield index, Result(accuracy)


def _labelled(call: Call) -> tuple[np.ndarray, np.ndarray]:
    """Return the used images that have the target's label [n], and all class ids [N]."""
    ids = target_ids(call, "target")
    rows = all_rows(call)
    return rows[ids[rows] >= 0], ids


def _halves(call: Call, used: np.ndarray, ids: np.ndarray) -> Halves:
    """Return the halves of the labelled images, as places among them."""
    share, rule = call.parameters["share"], call.parameters["rule"]
    if rule == "random":
        return split_at_random(ids, share, np.random.default_rng(call.parameters["seed"]))
    if rule == "highest_loss":
        losses = call.inputs["scores"].array("losses")[used].astype(np.float64)
        return split_by_loss(ids, losses, share)
    scores = call.inputs["scores"].array("scores")[used, call.parameters["task"]]
    return split_by_scores(ids, scores.astype(np.float64), share)


def _learner(call: Call, rows: np.ndarray, ids: np.ndarray, seed: int, name: str) -> Learner:
    classes = call.parameters["classes"]
    return Learner(
        call.name,
        labelling_network(call, classes, seed, name),
        stored_rows(call, "image", "image", rows),
        torch.from_numpy(ids[rows]).to(call.device),
        ClassIds(classes=classes),
        shuffles(seed),
    )

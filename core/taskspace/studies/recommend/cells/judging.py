"""How well a model serves a task: measured with a head or by training it whole, or estimated."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import torch
from torch import nn

from taskspace.components import (
    Call,
    Encoder,
    LabelledFeatures,
    Result,
    Score,
)
from taskspace.errors import InputError
from taskspace.learning.examples import Examples, inputs_of, targets_of
from taskspace.learning.fitting.fit import fit_alone
from taskspace.learning.frozen.codes import Vectors, vector_size
from taskspace.learning.frozen.linear_head import fit_linear_head
from taskspace.learning.networks import TaskNetwork, apply, seeded, settled
from taskspace.learning.training import Training
from taskspace.studies.recommend.cells.codes import features_of, probabilities_of
from taskspace.studies.recommend.cells.experts import fitted_images, started_encoder
from taskspace.studies.recommend.cells.samples import (
    classes_of,
    drawn_rows,
    labels_of,
    tested_rows,
)


def measure_head(call: Call) -> Result:
    """Return the error of a linear head on a frozen model: `wrong` [tests] and their share."""
    with settled(call.cpus):
        rows = drawn_rows(call, call.parameters["images"], call.parameters["seed"])
        tests = tested_rows(call)
        labels = labels_of(call, rows)
        learned, judged = features_of(call, rows), features_of(call, tests)
        head = fit_linear_head(learned, labels, classes_of(call), call.parameters["seed"])
        return _tested(call, head.logits(judged).argmax(axis=1), tests)


def _tested(call: Call, predicted: np.ndarray, tests: np.ndarray) -> Result:
    labels = labels_of(call, tests)
    wrong = predicted != labels
    common = np.bincount(labels).max() / len(labels)
    record = {"error": float(wrong.mean()), "tests": len(tests), "common": float(common)}
    return Result(record, {"wrong": wrong})


def finetune(call: Call) -> Result:
    """Return the error of a model that is trained whole, with a linear head: as `measure_head`."""
    with settled(call.cpus):
        rows = drawn_rows(call, call.parameters["images"], call.parameters["seed"])
        tests = tested_rows(call)
        network, shape = started_encoder(call)
        code = call.component("encoder", Encoder).code_shape(shape)
        with seeded(call.parameters["seed"], "head"):
            head = nn.Sequential(Vectors(), nn.Linear(vector_size(code), classes_of(call)))
        whole = nn.Sequential(_Fitted(shape), TaskNetwork(network, head)).to(call.device)
        data = Examples(inputs_of(call, rows), targets_of(call, rows))
        fit_alone(call, whole.train(), data, Training(**call.parameters["train"]))
        logits = apply(whole.eval(), inputs_of(call, tests))
        return _tested(call, logits.argmax(dim=1).cpu().numpy(), tests)


class _Fitted(nn.Module):
    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return fitted_images(images, self.shape)


def estimate(call: Call) -> Result:
    """Return a score's estimate for a model on a task, one value a draw of the images.

    The record has `values`, None where a score cannot be had, `reasons`, and `seconds` of all.
    """
    score = call.component("score", Score)
    values: list[float | None] = []
    reasons: list[str] = []
    seconds = 0.0
    with settled(call.cpus):
        for seed in call.parameters["seeds"]:
            rows = drawn_rows(call, call.parameters["images"], seed)
            present, labels = np.unique(labels_of(call, rows), return_inverse=True)
            probabilities = probabilities_of(call, rows)
            if score.reads == "probabilities" and probabilities is None:
                values.append(None)
                reasons.append("the model has no classifier")
                continue
            features = features_of(call, rows)
            data = LabelledFeatures(features, labels, len(present), probabilities, seed)
            begun = perf_counter()
            try:
                values.append(score.score(data))
            except InputError as error:
                values.append(None)
                reasons.append(error.what)
            seconds += perf_counter() - begun
    return Result({"values": values, "reasons": sorted(set(reasons)), "seconds": seconds})

"""Features of images: what a frozen encoder makes of them, pooled to one vector an image."""

from __future__ import annotations

from math import sqrt
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import Call, Dataset, Encoder, Loss, Result, Task, VectorHead
from taskspace.learning.examples import image_shape, stored_rows
from taskspace.learning.fitting.fit import fit
from taskspace.learning.fitting.progress import Learner, shuffles
from taskspace.learning.frozen.codes import Pooled, check_finite, pooled, stored_codes
from taskspace.learning.networks import TaskNetwork, seeded, settled, stored_encoder
from taskspace.learning.training import Training
from taskspace.studies.zeroshot.cells.compositions import CompositionTable

BLOCK = 64
"""Images that are decoded and encoded at once."""


def encode_images(call: Call) -> Result:
    """Return the features of the samples from `start` to `stop`: the array `features` [n, F].

    The encoder is the one in the input `network`, or else starts as it was published.

    Raises:
        CellError: if a feature is not finite.
    """
    dataset = call.component("dataset", Dataset)
    start, stop = call.parameters["start"], call.parameters["stop"]
    with settled(call.cpus), torch.inference_mode():
        encoder = stored_encoder(call) if "network" in call.inputs else published_encoder(call)
        found = torch.cat(
            [
                pooled(encoder(dataset.read(rows, {"image"})["image"].to(call.device))).cpu()
                for first in range(start, stop, BLOCK)
                for rows in [np.arange(first, min(first + BLOCK, stop))]
            ]
        )
    check_finite(found.numpy(), start, call.name)
    return Result({}, {"features": found.numpy()})


def published_encoder(call: Call) -> nn.Module:
    """Return the call's encoder as it starts, in evaluation mode."""
    with seeded("published"):
        encoder = call.component("encoder", Encoder).build(image_shape(call))
    return encoder.to(call.device).eval()


def train_encoder(call: Call) -> Result:
    """Train an encoder to tell the words of seen compositions on their training images."""
    with settled(call.cpus):
        pairs = CompositionTable.of(call.inputs["compositions"])
        rows = pairs.samples("train")
        images = stored_rows(call, "image", "image", rows)
        words = torch.from_numpy(pairs.words[pairs.pair[rows]]).to(call.device)
        task = WordsTask(sizes=[int(size) + 1 for size in pairs.words.max(axis=0)])
        network = _network(call, sum(task.sizes))
        training = Training(**call.parameters["train"])
        order = shuffles(call.parameters["seed"])
        learner = Learner(
            call.name, network, images, words, task, order, checkpoint=call.checkpoint
        )
        fit([learner], training)
        if learner.error:
            raise learner.error
        return Result({"samples": len(rows)}, {}, network.state_dict())


class WordsTask(Task):
    """Each word of a composition: logits of all fields one after the other."""

    name: ClassVar[str] = "words"

    sizes: list[int]

    def head(self, fields: object) -> VectorHead:
        """Return room for the classes of all fields."""
        return VectorHead(sum(self.sizes))

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the sum of the cross-entropies of the words [B]; target [B, W]."""
        logits = torch.split(prediction, self.sizes, dim=1)
        value = sum(
            functional.cross_entropy(own, target[:, i], reduction="none")
            for i, own in enumerate(logits)
        )
        return Loss(torch.as_tensor(value), torch.ones_like(target[:, 0], dtype=torch.bool))


def _network(call: Call, outputs: int) -> TaskNetwork:
    shape = image_shape(call)
    encoder = call.component("encoder", Encoder)
    with seeded(call.parameters["seed"], "encoder"):
        front = encoder.build(shape)
    with seeded(call.parameters["seed"], "head"):
        head = nn.Sequential(Pooled(), nn.Linear(encoder.code_shape(shape)[0], outputs))
    return TaskNetwork(front, head).to(call.device)


def features_of(call: Call, rows: np.ndarray) -> Tensor:
    """Return the features of some samples [n, F], as they were stored, on the CPU."""
    return torch.from_numpy(stored_codes(call, "features", rows))


def scale_of(features: Tensor) -> float:
    """Return the root mean square of features [n, F] that are learnt from; 1 where they are 0."""
    total = torch.linalg.vector_norm(features, dtype=torch.float64)
    return float(total) / sqrt(features.numel()) or 1.0

"""Codes of images by a frozen model, and what its classifier says of them: one pass a dataset."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from taskspace.components import Call, Dataset, Encoder, Readout, Result, Shape, Task
from taskspace.components.multiply_adds import multiply_adds
from taskspace.learning.examples import stored_cells
from taskspace.learning.frozen.codes import check_finite, stored_codes, vector_size, vectors
from taskspace.learning.networks import part_of, seeded, settled
from taskspace.studies.recommend.cells.experts import fitted_images, started_encoder

BLOCK = 64
"""Images that are decoded and encoded at once."""

TIMED = 16
"""Images of the batch whose time is measured."""
ROUNDS = 5


def encode_images(call: Call) -> Result:
    """Return codes of the samples from `start` to `stop` as vectors: `features` [n, D].

    With a classifier there is `probabilities` [n, Z] of the classes that the model was trained on.

    Raises:
        CellError: if a code is not finite.
    """
    dataset = call.component("dataset", Dataset)
    start, stop = call.parameters["start"], call.parameters["stop"]
    features: list[Tensor] = []
    probabilities: list[Tensor] = []
    with settled(call.cpus), torch.inference_mode():
        network, shape = started_encoder(call)
        classifier = _classifier(call, shape)
        for first in range(start, stop, BLOCK):
            rows = np.arange(first, min(first + BLOCK, stop))
            images = dataset.read(rows, {"image"})["image"].to(call.device)
            codes = network(fitted_images(images, shape))
            features.append(vectors(codes).cpu())
            if classifier is not None:
                probabilities.append(classifier(codes).softmax(dim=1).cpu())
    found = torch.cat(features)
    check_finite(found.numpy(), start, call.name)
    arrays = {"features": found.numpy()}
    if probabilities:
        arrays["probabilities"] = torch.cat(probabilities).numpy()
    return Result({"classifier": bool(probabilities)}, arrays)


def _classifier(call: Call, shape: Shape) -> nn.Module | None:
    """Return what tells the model's own classes apart from its codes; None where there is none."""
    if "network" not in call.inputs:
        with seeded("published"):
            own = call.component("encoder", Encoder).classifier(shape)
        return None if own is None else own.to(call.device).eval()
    if not call.parameters["classes"]:
        return None
    head = call.component("task", Task).head(call.component("trained_on", Dataset).fields())
    with seeded("published"):
        code = call.component("encoder", Encoder).code_shape(shape)
        decoder = call.component("decoder", Readout).build(code, head, shape)
    decoder.load_state_dict(part_of(call.inputs["network"].weights(), "decoder"))
    return decoder.to(call.device).eval()


def measure_cost(call: Call) -> Result:
    """Return weights, multiplications and additions, and seconds of a model for one image.

    Seconds are those of an image in a batch of 16, the median of five: what this machine needs.
    """
    with settled(call.cpus), torch.inference_mode():
        network, shape = started_encoder(call)
        batch = torch.rand(TIMED, *shape, generator=torch.Generator().manual_seed(0))
        batch = batch.to(call.device, memory_format=torch.channels_last)
        network(batch)
        seconds = []
        for _ in range(ROUNDS):
            begun = perf_counter()
            network(batch).flatten()[0].item()
            seconds.append((perf_counter() - begun) / TIMED)
        code = call.component("encoder", Encoder).code_shape(shape)
        return Result(
            {
                "parameters": sum(weight.numel() for weight in network.parameters()),
                "multiply_adds": multiply_adds(network, shape),
                "seconds": float(np.median(seconds)),
                "code": vector_size(code),
            }
        )


def features_of(call: Call, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the codes of some samples [n, D]."""
    return stored_codes(call, "codes", rows)


def probabilities_of(call: Call, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
    """Return what the model's classifier says of some samples [n, Z]; None where it has none."""
    if not stored_cells(call, "codes")[0].record["classifier"]:
        return None
    return stored_codes(call, "codes", rows, "probabilities")

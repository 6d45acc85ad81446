"""Transfers whose encoder learns on with the readout, and their comparison with frozen ones."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Call, Encoder, Result, Task
from taskspace.learning.examples import examples_of, image_shape, labelled
from taskspace.learning.fitting.fit import fit_alone
from taskspace.learning.networks import (
    build_readout,
    encode,
    measured,
    seeded,
    settled,
    stored_encoder,
)
from taskspace.learning.splits import indices_of
from taskspace.learning.statistics import mean_interval
from taskspace.learning.training import HeldOutTraining
from taskspace.studies.taxonomy.cells.held_out import divide
from taskspace.studies.taxonomy.cells.measuring import previewed
from taskspace.studies.taxonomy.cells.representations import CLIP
from taskspace.studies.taxonomy.maths.paired import paired_beats
from taskspace.studies.taxonomy.plan.repeated import mean_of, values


class FineTuned(nn.Module):
    """An encoder and a readout; codes between them are scaled as those of frozen encoders are.

    Args:
        scale: mean and deviation of each channel of the codes before training, [2, c].
    """

    scale: Tensor

    def __init__(self, encoder: nn.Module, readout: nn.Module, scale: Tensor) -> None:
        super().__init__()
        self.encoder = encoder
        self.readout = readout
        self.register_buffer("scale", scale)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return predictions for images [B, C, H, W] or views [B, V, C, H, W]."""
        mean, deviation = self.scale[:, :, None, None]
        codes = (encode(self.encoder, inputs) - mean) / deviation
        prediction: Tensor = self.readout(codes.clamp(-CLIP, CLIP))
        return prediction


def finetune(call: Call) -> Result:
    """Train a source's encoder and a readout on the transfer images; return losses on `select`.

    The record has the `seconds` of the training, of the process that finished it.
    """
    with settled(call.cpus):
        if "network" in call.inputs:
            encoder = stored_encoder(call)
        else:
            with seeded(call.parameters["start"], "encoder"):
                encoder = call.component("encoder", Encoder).build(image_shape(call))
        network = _network(call, encoder, np.array(call.inputs["scale"].array("scale")))
        training = HeldOutTraining(**call.parameters["schedule"])
        chosen, share = indices_of(call, "transfer"), training.held_out
        division = divide(call, "transfer", labelled(call)[chosen], share) if share else None
        started = perf_counter()
        learner = fit_alone(call, network, examples_of(call, chosen), training, division)
        seconds = perf_counter() - started
        result = measured(network, call, examples_of(call, indices_of(call, "select")))
        kept = learner.best.record() if learner.best else {}
        record = {**result.record, **kept, "seconds": seconds}
        return Result(record, result.arrays, network.state_dict())


def measure_finetuned(call: Call) -> Result:
    """Return per-image losses [N] on `test` of the network in the input `finetuned`."""
    with settled(call.cpus):
        weights = call.inputs["finetuned"].weights()
        encoder = call.component("encoder", Encoder).build(image_shape(call))
        network = _network(call, encoder, weights["scale"].numpy())
        network.load_state_dict(weights)
        return previewed(network.eval(), call, examples_of(call, indices_of(call, "test")))


def _network(call: Call, encoder: nn.Module, scale: np.ndarray) -> FineTuned:
    channels, height, width = call.component("encoder", Encoder).code_shape(image_shape(call))
    code = (channels * call.component("task", Task).views, height, width)
    readout = build_readout(call, "readout", code)
    return FineTuned(encoder, readout, torch.from_numpy(scale)).to(call.device)


def compare_adapt(call: Call) -> Result:
    """Return how often each fine-tuned transfer beats the frozen one, image by image on `test`.

    The parameter `transfers` lists {source, target}; the inputs `finetuned0`, `frozen0`, ... hold
    the losses in every repetition.
    """
    seed, inputs = call.parameters["seed"], call.inputs
    beats, rows = [], []
    for index, pair in enumerate(call.parameters["transfers"]):
        names = f"finetuned{index}", f"frozen{index}"
        beats.append(paired_beats(*(values(inputs, name, "loss") for name in names)))
        means = {
            f"{way}_{key}": mean_of(inputs, name, key)
            for way, name in zip(("finetuned", "frozen"), names, strict=True)
            for key in ("loss", "metric")
        }
        rows.append({**pair, "wins": mean_interval(beats[-1][:, None], seed), **means})
    return Result({"transfers": rows, "mean_wins": mean_interval(np.stack(beats, axis=1), seed)})

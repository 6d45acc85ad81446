"""Task networks, and what they are measured against: scratch, a random encoder, a constant."""

from __future__ import annotations

from math import ceil, prod

import torch
from torch import Tensor, nn

from taskspace.components import Call, Result, Task
from taskspace.learning.examples import (
    Examples,
    Rows,
    blocks,
    examples_of,
    head_of,
    image_shape,
    labelled,
    targets_of,
)
from taskspace.learning.fitting.fit import fit_alone
from taskspace.learning.fitting.held_out import BestEpoch
from taskspace.learning.networks import MOST_IMAGES, apply, build_network, measured, settled
from taskspace.learning.splits import indices_of
from taskspace.learning.training import HeldOutTraining, Training
from taskspace.studies.taxonomy.cells.held_out import divide
from taskspace.studies.taxonomy.cells.measuring import previewed

CONSTANT_STEPS = 400
CONSTANT_NUMBERS = 1 << 19
"""How many predicted numbers a step of fitting a constant compares with their targets."""


def train_network(call: Call) -> Result:
    """Train an encoder and a decoder on a split; `frozen` leaves the encoder at random weights.

    The supervised network learns from `train`, scratch from `transfer`; the random-encoder
    baseline of Table 1 (Zamir et al. 2018) is the frozen one. A task that is not trained keeps
    all its weights. With held-out images the record has `best_epoch` and `held_out_loss`; the
    ends of `loss` are those of the training, whichever epoch is kept.
    """
    with settled(call.cpus):
        task = call.component("task", Task)
        network = build_network(call)
        history: list[Tensor] = []
        best: BestEpoch | None = None
        if task.trained:
            training = HeldOutTraining(**call.parameters["schedule"])
            split = call.parameters["split"]
            chosen = indices_of(call, split)
            data = examples_of(call, chosen)
            share, there = training.held_out, labelled(call)[chosen]
            division = divide(call, split, there, share) if share else None
            learned: nn.Module = network
            if call.parameters["frozen"]:
                codes = apply(network.eval().encode, data.inputs)
                data, learned = Examples(codes, data.targets), network.decoder
            learner = fit_alone(call, learned, data, training, division)
            history, best = learner.history, learner.best
        ends = [float(torch.stack(part).mean()) for part in (history[:5], history[-5:]) if part]
        kept = {} if best is None else best.record()
        return Result({"loss": ends, "steps": len(history), **kept}, weights=network.state_dict())


def measure_network(call: Call) -> Result:
    """Return per-image losses [N] of the network in the input `network` on a split."""
    with settled(call.cpus):
        network = build_network(call)
        network.load_state_dict(call.inputs["network"].weights())
        split = call.parameters["split"]
        measure = previewed if split == "test" else measured
        return measure(network, call, examples_of(call, indices_of(call, split)))


def fit_constant(call: Call) -> Result:
    """Find the one prediction that does best for all images of `train`, by Adam from their mean."""
    with settled(call.cpus):
        data = _unseen(call, "train")
        shape = head_of(call).shape(image_shape(call))
        constant = _Constant(shape, _mean_target(data.targets, shape)).to(call.device)
        batch = min(len(data.inputs), max(8, CONSTANT_NUMBERS // prod(shape)))
        epochs = ceil(CONSTANT_STEPS / ceil(len(data.inputs) / batch))
        training = Training(epochs=epochs, batch=batch, learning_rate=0.05)
        learner = fit_alone(call, constant, data, training)
        return Result({"loss": float(learner.history[-1])}, weights=constant.state_dict())


def measure_constant(call: Call) -> Result:
    """Return per-image losses [N] of the constant in the input `network` on a split."""
    with settled(call.cpus):
        constant = _Constant(head_of(call).shape(image_shape(call)))
        constant.load_state_dict(call.inputs["network"].weights())
        return measured(constant.to(call.device), call, _unseen(call, call.parameters["split"]))


def _unseen(call: Call, split: str) -> Examples:
    """Return the targets of a split, with inputs [N, 0]: a constant looks at no image."""
    targets = targets_of(call, indices_of(call, split))
    return Examples(torch.empty(len(targets), 0, device=call.device), targets)


def _mean_target(targets: Rows, shape: tuple[int, ...]) -> Tensor | None:
    """Return the mean of targets that are numbers in the shape of a prediction, else None.

    From there the best constant is near, whatever the unit: from 0, a price of 500 is not reached.
    """
    if tuple(targets.shape[1:]) != shape or not targets[torch.arange(1)].is_floating_point():
        return None
    total, count = torch.zeros(shape, dtype=torch.float64), torch.zeros(shape, dtype=torch.float64)
    for block in blocks(targets, MOST_IMAGES):
        total += block.nan_to_num(0.0).double().sum(dim=0).cpu()
        count += (~block.isnan()).sum(dim=0).cpu()
    return (total / count.clamp(min=1)).float()


class _Constant(nn.Module):
    """The same prediction for every image."""

    def __init__(self, shape: tuple[int, ...], start: Tensor | None = None) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.zeros(shape) if start is None else start)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.value.expand(len(inputs), *self.value.shape)

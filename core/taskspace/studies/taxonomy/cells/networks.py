"""Task networks, and what they are measured against: scratch, a random encoder, a constant."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import (
    Call,
    DenseHead,
    Encoder,
    Head,
    Loss,
    Readout,
    Result,
    Shape,
    Task,
)
from taskspace.errors import CellError
from taskspace.studies.taxonomy.cells.data import Examples, examples, head_of, image_shape
from taskspace.studies.taxonomy.cells.numerics import seeded, settled
from taskspace.studies.taxonomy.cells.training import Learner, Schedule, fit, shuffles

EVALUATION_BATCH = 512
PREVIEW = 6
"""Images whose predictions are kept for the report."""


def train_network(call: Call) -> Result:
    """Train an encoder and a decoder on a split; `frozen` leaves the encoder at random weights.

    The supervised network learns from `train`, scratch from `transfer`; the random-encoder
    baseline of Table 1 (Zamir et al. 2018) is the frozen one. A task that is not trained keeps
    all its weights.
    """
    with settled(call.cpus):
        task = call.component("task", Task)
        network = build_network(call)
        history: list[Tensor] = []
        if task.trained:
            data = examples(call, call.parameters["split"])
            learned: nn.Module = network
            if call.parameters["frozen"]:
                codes = apply(network[0], data.inputs)
                data, learned = Examples(codes, data.targets), network[1]
            learner = Learner(call.name, learned, *data, task, shuffles(call.parameters["seed"]))
            fit([learner], Schedule.of(call.parameters["schedule"]))
            if learner.error:
                raise learner.error
            history = learner.history
        ends = [float(torch.stack(part).mean()) for part in (history[:5], history[-5:]) if part]
        return Result({"loss": ends, "steps": len(history)}, weights=network.state_dict())


def measure_network(call: Call) -> Result:
    """Return per-image losses [N] of the network in the input `network` on a split."""
    with settled(call.cpus):
        network = build_network(call)
        network.load_state_dict(call.inputs["network"].weights())
        data = examples(call, call.parameters["split"])
        return measured(network.to(call.device).eval(), data, call.component("task", Task))


def fit_constant(call: Call) -> Result:
    """Find the one prediction that does best for all images of `train`, by full-batch Adam."""
    with settled(call.cpus):
        data = examples(call, "train")
        constant = _Constant(_shape(head_of(call), image_shape(call))).to(call.device)
        task = call.component("task", Task)
        learner = Learner(call.name, constant, *data, task, shuffles(call.parameters["seed"]))
        fit([learner], Schedule(epochs=400, batch=len(data.inputs), learning_rate=0.05))
        if learner.error:
            raise learner.error
        return Result({"loss": float(learner.history[-1])}, weights=constant.state_dict())


def measure_constant(call: Call) -> Result:
    """Return per-image losses [N] of the constant in the input `network` on a split."""
    with settled(call.cpus):
        constant = _Constant(_shape(head_of(call), image_shape(call)))
        constant.load_state_dict(call.inputs["network"].weights())
        data = examples(call, call.parameters["split"])
        return measured(constant.to(call.device), data, call.component("task", Task))


def build_network(call: Call) -> nn.Sequential:
    """Return encoder and decoder with the weights that the cell's seed decides."""
    shape = image_shape(call)
    encoder = call.component("encoder", Encoder)
    with seeded(call.parameters["seed"], "encoder"):
        front = encoder.build(shape)
    with seeded(call.parameters["seed"], "decoder"):
        back = call.component("decoder", Readout).build(
            encoder.code_shape(shape), head_of(call), shape
        )
    return nn.Sequential(front, back).to(call.device)


@torch.inference_mode()
def apply(network: nn.Module, inputs: Tensor) -> Tensor:
    """Return the network's outputs on all inputs, block by block."""
    network.eval()
    return torch.cat([network(block) for block in torch.split(inputs, EVALUATION_BATCH)])


@torch.inference_mode()
def measured(network: nn.Module, data: Examples, task: Task) -> Result:
    """Return losses and metric [N], NaN where a label is missing, and the first predictions."""
    predictions = apply(network, data.inputs)
    loss, metric = (
        _present(values, task)
        for values in (
            task.loss(predictions, data.targets),
            task.measure(predictions, data.targets),
        )
    )
    preview = predictions[:PREVIEW].float().cpu().numpy()
    return Result(
        {"loss": _mean(loss), "metric": _mean(metric)},
        {"loss": loss, "metric": metric, "preview": preview},
    )


def _present(values: Loss, task: Task) -> np.ndarray:
    """Return values [N], NaN where a label is missing.

    Raises:
        CellError: if one is not finite although its label is there.
    """
    wrong = values.valid & ~torch.isfinite(values.value)
    if wrong.any():
        raise CellError(
            f"The loss of the task {task.name!r} is not finite on {int(wrong.sum())} images.",
            advice="Look for infinite or enormous labels.",
        )
    present: np.ndarray = torch.where(values.valid, values.value.float(), torch.nan).cpu().numpy()
    return present


def _mean(values: np.ndarray) -> float | None:
    present = values[~np.isnan(values)]
    return float(present.mean()) if len(present) else None


class _Constant(nn.Module):
    """The same prediction for every image."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.zeros(shape))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.value.expand(len(inputs), *self.value.shape)


def _shape(head: Head, image: Shape) -> tuple[int, ...]:
    return (head.channels, *image[1:]) if isinstance(head, DenseHead) else (head.size,)

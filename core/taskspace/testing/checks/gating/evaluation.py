"""What holds for a gating scheme."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import get_args

import torch
from torch import Tensor, nn

from taskspace.components import Choice
from taskspace.components.gated import GatedNetwork
from taskspace.testing.checks.gating.trial import (
    BATCHES,
    HEADS,
    ROWS,
    GatingTrial,
    asked_by,
    trials,
)
from taskspace.testing.checks.network import Build, network_checks
from taskspace.testing.subject import Subject, require, returned


def answers_what_is_asked(subject: Subject) -> None:
    """A batch gets a prediction for each row and task that it asks for, and no others."""
    for trial in trials(subject):
        for training in (True, False):
            network = trial.network().train(training)
            for name, rows in BATCHES.items():
                asked = asked_by(rows)
                output = network(trial.images(len(rows)), asked)
                task, row = asked.T.nonzero(as_tuple=True)
                same = torch.equal(output.pairs.row, row) and torch.equal(output.pairs.task, task)
                require(same, f"{name}: the pairs are not those that are asked, by task and row.")
                for number, (head, said) in enumerate(zip(HEADS, output.predictions, strict=True)):
                    wanted = (int(asked[:, number].sum()), *head.shape(trial.image))
                    found = tuple(said.shape)
                    require(
                        found == wanted, f"{name}: of task {number} found {found}, not {wanted}."
                    )
                    require(bool(said.isfinite().all()), f"{name}: a prediction is not finite.")


def answer_is_the_same_whatever_else_is_asked(subject: Subject) -> None:
    """In evaluation, what a row is told of a task depends on neither other rows nor other tasks."""
    for trial in trials(subject):
        network, images = trial.network().eval(), trial.images(ROWS)
        with torch.no_grad():
            whole = network(images, asked_by(BATCHES["several tasks a row"])).predictions
            for name, rows in BATCHES.items():
                asked = asked_by(rows)
                some = network(images[: len(rows)], asked).predictions
                for number, said in enumerate(some):
                    wanted = whole[number][: len(rows)][asked[:, number]]
                    close = torch.allclose(said, wanted, rtol=1e-4, atol=1e-5)
                    require(close, f"{name}: task {number} is told something else.")


def experts_are_declared(subject: Subject) -> None:
    """Probabilities, choices, weights and costs say one thing of the same experts."""
    for trial in trials(subject):
        network = trial.network()
        probabilities, costs = network.probabilities(), network.costs()
        require(len(probabilities) == len(costs), "probabilities() and costs() differ in layers.")
        for p, cost in zip(probabilities, costs, strict=True):
            shape = (len(HEADS), len(cost))
            require(tuple(p.shape) == shape, f"probabilities() are {tuple(p.shape)}, not {shape}.")
            within = bool(((p >= 0) & (p <= 1)).all()) and not p.requires_grad
            require(within, "probabilities() are not all from 0 to 1, or carry gradients.")
            require(bool((cost > 0).all()), "costs() has an expert that costs nothing.")
        for rule in get_args(Choice):
            for number, chosen in enumerate(network.choose(rule)):
                right = chosen.shape == probabilities[number].shape and chosen.dtype == torch.bool
                require(right, f"choose({rule!r}) is not bool [N, M].")
                some = bool(chosen.any(dim=1).all())
                require(some, f"choose({rule!r}) leaves a task without an expert.")


def only_chosen_experts_run(subject: Subject) -> None:
    """In evaluation an expert is applied to the inputs that a task reads that chose it, only."""
    for trial in trials(subject):
        network = trial.network().eval()
        chosen = network.choose()
        for name, rows in BATCHES.items():
            asked = asked_by(rows)
            output = network(trial.images(len(rows)), asked)
            for number, (gates, applied) in enumerate(zip(chosen, output.applied, strict=True)):
                wanted = (asked[:, :, None] & gates).any(dim=1).sum(dim=0)
                # Behind the first layer, what an expert sees may differ from task to task.
                most = (asked[:, :, None] & gates).sum(dim=(0, 1))
                bounded = bool(((applied >= wanted) & (applied <= most)).all())
                require(
                    bool((applied == wanted).all()) if number == 0 else bounded,
                    f"{name}: in layer {number} the experts ran {applied.tolist()} times; their "
                    f"tasks have {wanted.tolist()} rows.",
                )


def export_gives_the_same(subject: Subject) -> None:
    """The exported network of a task says what the whole one says, and is no part of it."""
    for trial in trials(subject):
        network, images = trial.network().eval(), trial.images(ROWS)
        with torch.no_grad():
            whole = network(images, asked_by(BATCHES["several tasks a row"])).predictions
        kept = {p.data_ptr() for p in network.parameters()}
        size = sum(p.numel() for p in network.parameters())
        for number, wanted in enumerate(whole):
            alone = returned("export()", network.export(number), nn.Module, "a torch.nn.Module")
            with torch.no_grad():
                said = alone(images)
            close = said.shape == wanted.shape and torch.allclose(said, wanted, rtol=0, atol=1e-6)
            require(close, f"Exported, task {number} is told something else.")
            require(
                not kept & {p.data_ptr() for p in alone.parameters()},
                f"Exported, task {number} shares weights with the whole network.",
            )
            require(
                sum(p.numel() for p in alone.parameters()) < size,
                f"Exported, task {number} is as large as the whole network.",
            )


class Whole(nn.Module):
    """A gated network from images to all predictions as one vector, for the checks of networks."""

    def __init__(self, network: GatedNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, the sum of the sizes of all predictions]."""
        asked = torch.ones(len(images), len(HEADS), dtype=torch.bool, device=images.device)
        output = self.network(images, asked)
        return torch.cat([said.flatten(1) for said in output.predictions], dim=1)


def _builds(subject: Subject) -> Iterator[Build]:
    for trial in trials(subject):
        outputs = sum(math.prod(head.shape(trial.image)) for head in HEADS)
        yield Build(f"image {trial.image}", partial(_whole, trial), trial.image, (outputs,))


def _whole(trial: GatingTrial) -> nn.Module:
    return Whole(trial.built())


globals().update(network_checks(_builds))

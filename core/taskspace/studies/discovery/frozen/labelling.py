"""Labels of K classes that linear probes on frozen codes learn best: a task of the encoder alone.

A linear task model on each space of codes gives every image a probability of each class, and the
labels are the mean over spaces. Probes learn these labels; the task model moves so that the probes'
cross-entropy falls and every class keeps its share of the images (HUME, Gadetsky and Brbic 2023;
TURTLE, Gadetsky, Jiang and Brbic 2024, Eq. 12). The derivative is of first order: probes stay as
they are while the labels move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from taskspace.errors import InputError
from taskspace.learning.fitting.fit import Adam
from taskspace.learning.frozen.linear_head import LinearHead
from taskspace.studies.discovery.frozen.probes import (
    LEAST,
    DescentProbe,
    LabelProbe,
    RidgeProbe,
    linear_start,
)
from taskspace.studies.discovery.frozen.scaling import check_codes, column_scales


@dataclass(frozen=True)
class FrozenOptions:
    """How labels are sought.

    Attributes:
        probe: `ridge`, in closed form on all images, each predicted from the others; or `descent`,
            some steps of Adam on a batch (the authors').
        gamma: weight of the entropy of the mean label; too little loses classes (of ten
            on codes of CIFAR-10, 1 loses two or three and 3 none).
        rounds: steps of the task model (authors: 6,000).
        rate: of its Adam (authors: 1e-3).
        starts: how often all begins anew; the lowest loss with the regulariser is kept.
        dimensions: principal directions of each space that are kept; None keeps its columns as they
            are, for `descent` alone, as the authors do.
        penalty: of the ridge, beside codes of mean square 1 in the directions kept.
        batch: images a round of `descent`; None takes all (authors: 10,000).
        steps: of `descent` a round (authors: 10).
        probe_rate: of their Adam (authors: 1e-3).
        warm: whether `descent` goes on from the round before.
    """

    probe: Literal["ridge", "descent"] = "ridge"
    gamma: float = 10.0
    rounds: int = 300
    rate: float = 1e-2
    starts: int = 3
    dimensions: int | None = 64
    penalty: float = 1.0
    batch: int | None = None
    steps: int = 10
    probe_rate: float = 1e-3
    warm: bool = False


@dataclass(frozen=True)
class FrozenLabelling:
    """Labels, and the task model that gives them to further images.

    Attributes:
        logits: logarithms of the labels' probabilities, [N, K].
        loss: mean over spaces of the probes' cross-entropy with the labels, in the last round.
        entropy: mean over spaces of the entropy of the mean label; log K where classes are equal.
        heads: the task model on the codes of each space.
    """

    logits: Tensor
    loss: float
    entropy: float
    heads: tuple[LinearHead, ...]

    def logits_of(self, codes: Sequence[Tensor]) -> Tensor:
        """Return log-probabilities [M, K] of images by their codes [M, D_i] in each space."""
        parts = [
            torch.from_numpy(head.logits(space.numpy())).softmax(1)
            for head, space in zip(self.heads, codes, strict=True)
        ]
        return torch.stack(parts).mean(0).log()


@dataclass(frozen=True)
class _Space:
    """Codes as the task model and the probes read them: (codes - mean) / deviation @ rotation."""

    codes: Tensor
    mean: Tensor
    deviation: Tensor
    rotation: Tensor | None

    def head(self, weight: Tensor, bias: Tensor) -> LinearHead:
        """Return a linear function of these codes as one of the codes that were given."""
        rotated = weight if self.rotation is None else self.rotation @ weight
        values = (self.mean, self.deviation, rotated, bias)
        return LinearHead(*(value.double().numpy().copy() for value in values))


def frozen_labelling(
    codes: Sequence[Tensor],
    classes: int,
    options: FrozenOptions,
    generator: torch.Generator,
) -> FrozenLabelling:
    """Return labels that linear probes on frozen codes learn best, none of them by annotations.

    Args:
        codes: of the same images in one or more spaces, [N, D_i] on the CPU; standardised here.
        classes: K, how many labels there are.
        options: how they are sought.
        generator: of all starts and batches.

    Raises:
        InputError: if there are fewer than two classes, fewer images than classes, spaces of
            different images, codes that are not finite or all equal, or a setting out of its range.
    """
    _check(codes, classes, options)
    spaces = [_space(each, options.dimensions) for each in codes]
    runs = [_run(spaces, classes, options, generator) for _ in range(options.starts)]
    return min(runs, key=lambda run: run.loss - options.gamma * run.entropy)


def label_objective(
    logits: Sequence[Tensor], logs: Sequence[Tensor], gamma: float
) -> tuple[float, float, list[Tensor]]:
    """Return what the task model lowers, by parts, and its gradients by hand.

    The value is S times (the loss - gamma times the entropy) of S spaces (Gadetsky et al. 2024,
    Eq. 12, sums over spaces).

    Args:
        logits: of the task model in each space, [B, K].
        logs: log-probabilities of the probe in each space [B, K], which stay as they are.
        gamma: weight of the entropy.

    Returns:
        The loss, the entropy, and the gradient of the value by the logits of each space [B, K].
    """
    parts = [each.softmax(1) for each in logits]
    count, spaces = len(parts[0]), len(parts)
    labels = torch.stack(parts).mean(0)
    total = torch.stack(list(logs)).sum(0)
    loss = -float((labels * total).sum()) / count / spaces
    entropy, gradients = 0.0, []
    for part in parts:
        shares = part.mean(0)
        safe = shares.clamp_min(LEAST).log()
        entropy -= float(shares @ safe) / spaces
        slope = (gamma * (safe + 1) - total / spaces) / count
        gradients.append(part * (slope - (part * slope).sum(1, keepdim=True)))
    return loss, entropy, gradients


def _run(
    spaces: Sequence[_Space], classes: int, options: FrozenOptions, generator: torch.Generator
) -> FrozenLabelling:
    count = len(spaces[0].codes)
    weights = [linear_start(space.codes, classes, generator) for space in spaces]
    adam = Adam([tensor for pair in weights for tensor in pair])
    probes = [_probe(space, classes, options, generator) for space in spaces]
    loss = entropy = 0.0
    for _ in range(options.rounds):
        rows: Tensor | slice = slice(None)
        if options.probe == "descent" and options.batch and options.batch < count:
            rows = torch.randperm(count, generator=generator)[: options.batch]
        read = [space.codes[rows] for space in spaces]
        logits = [
            torch.addmm(bias, part, weight)
            for part, (weight, bias) in zip(read, weights, strict=True)
        ]
        labels = torch.stack([each.softmax(1) for each in logits]).mean(0)
        logs = [probe(rows, labels) for probe in probes]
        loss, entropy, slopes = label_objective(logits, logs, options.gamma)
        for part, slope, (weight, bias) in zip(read, slopes, weights, strict=True):
            weight.grad, bias.grad = part.T @ slope, slope.sum(0)
        adam.step(options.rate)
    heads = tuple(space.head(*pair) for space, pair in zip(spaces, weights, strict=True))
    parts = [
        torch.addmm(bias, space.codes, weight).softmax(1)
        for space, (weight, bias) in zip(spaces, weights, strict=True)
    ]
    return FrozenLabelling(torch.stack(parts).mean(0).log(), loss, entropy, heads)


def _probe(
    space: _Space, classes: int, options: FrozenOptions, generator: torch.Generator
) -> LabelProbe:
    if options.probe == "ridge":
        return RidgeProbe(space.codes, options.penalty)
    return DescentProbe(
        space.codes,
        classes,
        steps=options.steps,
        rate=options.probe_rate,
        warm=options.warm,
        generator=generator,
    )


def _space(codes: Tensor, dimensions: int | None) -> _Space:
    """Return codes standardised, on their principal directions with the mean square 1 in all."""
    mean, deviation = column_scales(codes)
    standard = (codes - mean) / deviation
    if dimensions is None:
        return _Space(standard, mean, deviation, None)
    gram = standard.T.double() @ standard.double() / len(standard)
    values, vectors = torch.linalg.eigh(gram)
    values, vectors = values.flip(0)[:dimensions], vectors.flip(1)[:, :dimensions]
    rotation = (vectors / values.clamp_min(0).mean().sqrt()).to(codes.dtype)
    return _Space(standard @ rotation, mean, deviation, rotation)


def _check(codes: Sequence[Tensor], classes: int, options: FrozenOptions) -> None:
    if not codes:
        raise InputError("There are no codes.", advice="Give one space of codes or more.")
    for number, space in enumerate(codes):
        check_codes(space, f"codes {number}")
    counts = sorted({len(space) for space in codes})
    if len(counts) > 1:
        raise InputError(
            f"The spaces have codes of {' and '.join(map(str, counts))} images.",
            advice="Give every space a row an image, in one order.",
        )
    if classes < 2 or counts[0] < classes:
        raise InputError(
            f"{classes} classes of {counts[0]} images make no labels.",
            advice="Ask for 2 classes or more, and for no more than there are images.",
        )
    _check_options(options)


def _check_options(options: FrozenOptions) -> None:
    for name in ("rounds", "rate", "starts", "penalty", "steps", "probe_rate"):
        if not getattr(options, name) > 0:
            raise InputError(f"{name} is {getattr(options, name)}; it must be above 0.")
    if not options.gamma >= 0:
        raise InputError(f"gamma is {options.gamma}; it must be 0 or more.")
    if options.probe == "ridge" and options.dimensions is None:
        raise InputError(
            "The probe `ridge` works on principal directions, and dimensions is None.",
            advice="Give a number of dimensions, or set probe to `descent`.",
        )
    if any(value is not None and value < 1 for value in (options.dimensions, options.batch)):
        raise InputError(
            f"dimensions is {options.dimensions} and batch {options.batch}; both are None or 1 and "
            "more."
        )

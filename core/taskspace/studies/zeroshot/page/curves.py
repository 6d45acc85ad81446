"""Curves: accuracy on seen and unseen compositions over a bias, and losses by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from taskspace.components.page import Block, Curve, Plot
from taskspace.studies.zeroshot.maths.generalised import LARGEST_BIAS
from taskspace.studies.zeroshot.result.findings import best
from taskspace.studies.zeroshot.result.model import BiasCurve, ZeroshotResult, ZeroshotTrial

POINTS = 21
"""Values of unseen accuracy at which curves of repetitions are averaged."""

LOSSES = {
    "critic": ("critic's loss", "with its penalty"),
    "slope": ("critic's slope", "which the penalty holds near 1"),
    "adversarial": ("adversarial loss", "minus the critic's score of generated features"),
    "classification": ("cross-entropy", "of generated features, before its weight"),
    "clustering": ("mean squared distance", "to real features of the same pair, before its weight"),
}
"""Of each part of a loss, its name and what it is."""


def seen_unseen_curves(result: ZeroshotResult) -> list[Block]:
    """Return seen over unseen accuracy of each method, and both over the bias for the best."""
    curves = {each.name: _curves(_trials(result, each.name)) for each in result.methods}
    drawn = [_averaged(name, own) for name, own in curves.items() if own]
    if not drawn:
        return []
    caption = (
        "Accuracy on test images of seen over that of unseen compositions, as a bias towards the "
        "unseen ones grows from left to right; the mean of the repetitions' curves, which ends "
        "where the shortest of them does. The table has the mean AUC."
    )
    blocks: list[Block] = [
        Plot("seen-unseen", drawn, "unseen top-1, %", "seen top-1, %", caption=caption)
    ]
    name = best(result, "generator") or best(result, "classifier")
    if name is not None and curves[name]:
        own = curves[name][0]
        # The last bias is the evaluator's 1000, which would flatten all the others.
        kept = [place for place, bias in enumerate(own.bias) if bias < LARGEST_BIAS]
        sides = [
            Curve(label, [own.bias[k] for k in kept], [100 * values[k] for k in kept])
            for label, values in (("seen", own.seen), ("unseen", own.unseen))
        ]
        caption = f"{name}, first repetition: both accuracies over the bias."
        if kept:
            title = "bias added to scores of unseen compositions"
            blocks.append(Plot("by-bias", sides, title, "top-1, %", caption=caption))
    return blocks


def loss_curves(result: ZeroshotResult) -> list[Block]:
    """Return the losses of generators and critics by step."""
    blocks: list[Block] = []
    for part, (title, meaning) in LOSSES.items():
        curves = [
            curve
            for each in result.methods
            if (curve := _loss_curve(each.name, part, _trials(result, each.name))) is not None
        ]
        if curves:
            caption = f"{title.capitalize()} by step, {meaning}; mean over repetitions."
            blocks.append(Plot(f"loss-{part}", curves, "step", title, caption=caption))
    return blocks


def _trials(result: ZeroshotResult, method: str) -> list[ZeroshotTrial]:
    return [trial for trial in result.trials if (trial.method, trial.vectors) == (method, "own")]


def _curves(trials: Sequence[ZeroshotTrial]) -> list[BiasCurve]:
    phases = (trial.evaluation.get("test") for trial in trials)
    return [own.curve for own in phases if own is not None and own.curve is not None]


def _averaged(name: str, curves: Sequence[BiasCurve]) -> Curve:
    """Return the mean seen accuracy at values of unseen accuracy that all repetitions have."""
    last = min(max(own.unseen) for own in curves)
    first = min(last, max(min(own.unseen) for own in curves))
    grid = np.linspace(first, last, POINTS)
    seen = np.mean([np.interp(grid, own.unseen, own.seen) for own in curves], axis=0)
    return Curve(name, (100 * grid).tolist(), (100 * seen).tolist())


def _loss_curve(name: str, part: str, trials: Sequence[ZeroshotTrial]) -> Curve | None:
    losses = [trial.losses for trial in trials if trial.losses is not None]
    if not losses:
        return None
    # Repetitions with fewer images of seen compositions take fewer steps.
    steps = min((own.step for own in losses), key=len)
    values = [np.interp(steps, own.step, getattr(own, part)) for own in losses]
    return Curve(name, steps, np.mean(values, axis=0).tolist())

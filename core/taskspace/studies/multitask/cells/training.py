"""Training one gated network on the labels that its samples have."""

from __future__ import annotations

from time import perf_counter

import torch
from torch import Tensor

from taskspace.errors import CellError
from taskspace.learning.fitting.fit import Pace
from taskspace.studies.multitask.cells.learner import Course, GatedLearner, Test
from taskspace.studies.multitask.cells.progress import GatedProgress
from taskspace.studies.multitask.job import MultitaskTraining


def train(learner: GatedLearner, training: MultitaskTraining, test: Test) -> Course:
    """Train the network in place with Adam; test it after each window.

    Within a window the device is waited for only where a scheme has to know which rows each expert
    gets (`Experts`, the layers of gated mixtures) and where a checkpoint is written; losses are
    looked at after it. A learner with a checkpoint goes on from there, to the same numbers.

    Raises:
        CellError: naming the tasks whose loss stopped being finite, and the step.
    """
    progress = GatedProgress(learner, training)
    progress.resume()
    pace = Pace(progress.size() if learner.checkpoint else 0)
    costs = tuple(cost.to(progress.device) for cost in learner.network.costs())
    started = perf_counter()
    while progress.done < progress.steps:
        progress.step(costs)
        if progress.ends_window():
            window = torch.stack(progress.window).cpu()
            progress.busy += perf_counter() - started
            _require_finite(window, learner, progress.done - len(window))
            progress.close_window(_means(window), test)
            started = perf_counter()
        if pace.is_due():
            progress.busy += perf_counter() - started
            with pace.measured():
                progress.save()
            started = perf_counter()
    learner.network.eval()
    course = progress.course
    course.multiply_adds = float(progress.work) / progress.samples
    course.seconds = progress.busy / progress.steps
    return course


def _means(window: Tensor) -> list[float | None]:
    """Return the mean loss of each task over the steps [steps, 2, N] that have it."""
    value, present = window[:, 0].nan_to_num(), window[:, 1]
    totals, counts = (value * present).sum(dim=0).tolist(), present.sum(dim=0).tolist()
    return [total / count if count else None for total, count in zip(totals, counts, strict=True)]


def _require_finite(window: Tensor, learner: GatedLearner, before: int) -> None:
    wrong = ~torch.isfinite(window[:, 0]) & (window[:, 1] > 0)
    steps = wrong.any(dim=1).nonzero()[:, 0]
    if not len(steps):
        return
    first = int(steps[0])
    named = [name for name, bad in zip(learner.names, wrong[first].tolist(), strict=True) if bad]
    value = float(window[first, 0][wrong[first]][0])
    said = f"the task {named[0]!r}" if len(named) == 1 else f"the tasks {', '.join(named)}"
    raise CellError(
        f"The loss of {said} became {value} at step {before + first + 1}.",
        where=learner.where,
        advice="Look for infinite or enormous labels or for a `scale` of the task that makes them "
        "so, or lower `train.learning_rate`. It stops no other training.",
    )

"""Training the network of an arm."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import torch
from torch import Tensor

from taskspace.errors import CellError
from taskspace.learning.fitting.fit import Pace
from taskspace.studies.cotraining.cells.progress import ArmProgress


def train(progress: ArmProgress, test: Callable[[], float | None] | None, where: str) -> None:
    """Train the network in place; look at its losses after each window.

    Where there is a checkpoint it goes on from there, to the same numbers.

    Args:
        test: returns the central metric on test images, asked after each window if given.
        where: the name of the cell, for errors.

    Raises:
        CellError: naming the task whose loss stopped being finite, and the step.
    """
    progress.resume()
    pace = Pace(progress.size())
    started = perf_counter()
    while progress.done < progress.steps:
        progress.step()
        if progress.ends_window():
            window = torch.stack(progress.window).cpu()
            progress.busy += perf_counter() - started
            _require_finite(window, progress, where)
            progress.window = []
            progress.curve.step.append(progress.done)
            progress.curve.loss.append(_means(window))
            if test is not None:
                progress.curve.metric.append(test())
            started = perf_counter()
        if pace.is_due():
            progress.busy += perf_counter() - started
            with pace.measured():
                progress.save()
            started = perf_counter()
    progress.network.eval()


def _means(window: Tensor) -> list[float | None]:
    """Return the mean loss of each task over the steps [steps, T] in which it learnt."""
    there = ~window.isnan()
    totals, counts = window.nansum(dim=0).tolist(), there.sum(dim=0).tolist()
    return [total / count if count else None for total, count in zip(totals, counts, strict=True)]


def _require_finite(window: Tensor, progress: ArmProgress, where: str) -> None:
    first = progress.done - len(window)
    for place, losses in enumerate(window.tolist()):
        for learner, loss in zip(progress.learners, losses, strict=True):
            step = first + place
            if learner.learns_in(step) and not -1e308 < loss < 1e308:
                raise CellError(
                    f"The loss of the task {learner.name!r} became {loss} at step {step + 1}.",
                    where=where,
                    advice="Look for infinite or enormous labels, or lower "
                    "`train.learning_rate`. It stops no other training.",
                )

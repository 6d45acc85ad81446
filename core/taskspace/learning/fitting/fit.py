"""Training several small networks in step: each on its own data, losses and shuffles.

Networks share nothing but the moment of their steps, so a result never depends on company: each
one's parameters are one flat tensor, one fused Adam call moves all of them, and one backward pass
runs through all of their separate graphs. What is saved is the overhead, which is most of the time
of a step at these sizes. Each has a checkpoint of its own, so that company may change after a kill.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import torch
from torch import nn

from taskspace.components import Call
from taskspace.learning.examples import Examples
from taskspace.learning.fitting.adam import Adam
from taskspace.learning.fitting.checkpoints import Pace
from taskspace.learning.fitting.held_out import Division
from taskspace.learning.fitting.learner import Learner
from taskspace.learning.fitting.progress import Progress, unlabelled
from taskspace.learning.training import Training


def fit(learners: Sequence[Learner], training: Training) -> None:
    """Train the networks in place, in step, with Adam.

    A learner whose loss stops being finite gets an `error` that names its task and the step, and
    is taken out at the end of that epoch; the others go on as if it had never been there. One with
    a checkpoint goes on from there, to the same numbers.

    Args:
        learners: all with equally many samples to learn from.
        training: epochs or steps, samples a step, learning rate.
    """
    samples = learners[0].samples()
    if not samples:
        for learner in learners:
            learner.error = unlabelled(learner)
        return
    steps = training.total(samples)
    under_way = [Progress(learner, training.batch, steps) for learner in learners]
    adam = Adam([progress.flat for progress in under_way])
    for progress in under_way:
        progress.resume(adam)
    pace = Pace(sum(progress.size(adam) for progress in under_way))
    # After a kill some may be behind: they go first, until they have caught up with the next.
    for start, stop in pairwise([*sorted({progress.step for progress in under_way}), steps]):
        active = _active(progress for progress in under_way if progress.step == start)
        adam.keep([progress.flat for progress in active])
        for step in range(start, stop):
            if not active:
                break
            _do_step(active, adam, training.rate(step, steps))
            if any(progress.learner.error for progress in active):
                active = _active(active)
                adam.keep([progress.flat for progress in active])
            if pace.is_due():
                with pace.measured():
                    for progress in active:
                        progress.save(adam)
    for progress in _active(under_way):
        progress.finish()


def fit_alone(
    call: Call,
    network: nn.Module,
    data: Examples,
    training: Training,
    division: Division | None = None,
) -> Learner:
    """Train a network on the call's task in place, and return what became of it.

    Shuffles follow from the parameter `seed`; after a kill the call's checkpoint is gone on from.

    Args:
        division: which rows of the data are held out to pick the epoch; all are learned from where
            None.

    Raises:
        CellError: naming the task whose loss stopped being finite, and the step.
    """
    learner = Learner.of(call, network, data, division)
    fit([learner], training)
    if learner.error:
        raise learner.error
    return learner


def _active(progress: Iterable[Progress]) -> list[Progress]:
    return [each for each in progress if each.learner.error is None]


def _do_step(active: Sequence[Progress], adam: Adam, rate: float) -> None:
    for progress in active:
        progress.flat.grad.zero_()  # type: ignore[union-attr]
    losses = [progress.loss() for progress in active]
    torch.autograd.backward(losses)
    adam.step(rate)
    for progress, loss in zip(active, losses, strict=True):
        progress.advance(loss)

"""Training several small networks in step: each on its own data, losses and shuffles.

Networks share nothing but the moment of their steps, so a result never depends on company: each
one's parameters are one flat tensor, one fused Adam call moves all of them, and one backward pass
runs through all of their separate graphs. What is saved is the overhead, which is most of the time
of a step at these sizes. Each has a checkpoint of its own, so that company may change after a kill.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from time import perf_counter

import torch
from torch import Tensor, nn

from taskspace.components import Call
from taskspace.learning.examples import Examples
from taskspace.learning.fitting.held_out import Division
from taskspace.learning.fitting.progress import Learner, Progress, unlabelled
from taskspace.learning.training import Training

SHARE = 0.02
"""Checkpoints take at most this share of the time of a training."""
SHORTEST = 5.0
"""Seconds between two checkpoints at least: a kill loses as much, shorter trainings write none."""
WRITTEN = 50e6
"""Bytes a second that are expected of a disk until one checkpoint was measured; most are faster."""


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
        progress.resume(adam.averages([progress.flat]))
    pace = Pace(sum(each.size(adam.averages([each.flat])) for each in under_way))
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
                        progress.save(adam.averages([progress.flat]))
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


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1), without weight decay.

    It makes the fused call that `torch.optim.Adam(fused=True)` makes, to the same bits. That class
    imports PyTorch's compiler when it is made, which takes every worker longer than its first
    dozens of cells, and does more around each step than a small network's step takes.

    Args:
        tensors: what is learned. One without a `grad` at a step (an expert that nobody read) stays
            where it is, and so do its averages.
    """

    BETAS = (0.9, 0.999)
    EPSILON = 1e-8

    def __init__(self, tensors: Sequence[nn.Parameter], betas: tuple[float, float] = BETAS) -> None:
        self._betas = betas
        self._all = [
            (tensor, torch.zeros_like(tensor), torch.zeros_like(tensor), _zero(tensor))
            for tensor in tensors
        ]
        self._learned = self._all

    def keep(self, tensors: Collection[nn.Parameter]) -> None:
        """Move these from now on, and leave the others as they are."""
        kept = {id(tensor) for tensor in tensors}
        self._learned = [learned for learned in self._all if id(learned[0]) in kept]

    def averages(self, tensors: Collection[nn.Parameter]) -> dict[str, Tensor]:
        """Return what is remembered of these: means, squares and steps, by place and name."""
        wanted = {id(tensor) for tensor in tensors}
        chosen = [averages for tensor, *averages in self._all if id(tensor) in wanted]
        return {
            f"adam.{place}.{name}": average
            for place, averages in enumerate(chosen)
            for name, average in zip(("mean", "square", "steps"), averages, strict=True)
        }

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move every tensor by its gradient, at this learning rate."""
        moved = [learned for learned in self._learned if learned[0].grad is not None]
        if not moved:
            return
        tensors, means, squares, steps = (list(column) for column in zip(*moved, strict=True))
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            tensors,
            [tensor.grad for tensor in tensors if tensor.grad is not None],
            means,
            squares,
            [],
            steps,
            lr=rate,
            beta1=self._betas[0],
            beta2=self._betas[1],
            weight_decay=0.0,
            eps=self.EPSILON,
            amsgrad=False,
            maximize=False,
        )


def _zero(like: Tensor) -> Tensor:
    return torch.zeros((), device=like.device)


def is_due(since: float, cost: float) -> bool:
    """Return whether to write a checkpoint.

    Args:
        since: seconds of training after the last checkpoint, or from the start.
        cost: seconds that the last one took, or that the first one is expected to take.
    """
    return since >= SHORTEST and since * SHARE >= cost


class Pace:
    """When a training writes checkpoints, by the time that it measures.

    Args:
        size: bytes that a checkpoint has.
    """

    def __init__(self, size: int) -> None:
        self._cost = size / WRITTEN
        self._since = perf_counter()

    def is_due(self) -> bool:
        """Return whether to write a checkpoint now."""
        return is_due(perf_counter() - self._since, self._cost)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure what is done within as the cost of a checkpoint."""
        started = perf_counter()
        yield
        self._since = perf_counter()
        self._cost = self._since - started

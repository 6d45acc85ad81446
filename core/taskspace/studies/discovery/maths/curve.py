"""What a search notes of its meta-steps, and whether the networks in it learn their task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import inf, isinf, isnan, nan

import numpy as np
from torch import Tensor

LATE = 4
"""Learning is judged on the last of as many parts of a search."""
SKILL = 0.2
"""Of the way from the commonest label's share to 1, what networks that learn must have gone."""
CONSTANT = 0.95
"""Share of the commonest label from which a task is constant: nothing is left to learn."""


@dataclass(frozen=True)
class Point:
    """What a meta-step saw; NaN where no networks were trained.

    Attributes:
        disagreement: mean symmetric cross-entropy between the two networks; infinite where one
            of them diverged, and the meta-step ended there.
        agreed: share of images on which they predict the same class.
        learnt: share of images of the last batches, before they were learnt, whose larger label
            they predict.
        commonest: share of the commonest label.
        uniformity: of the points; 0 where its coefficient is.
        loss: everything that is minimised but the disagreement, with its coefficients.
    """

    disagreement: float
    agreed: float
    learnt: float
    commonest: float
    uniformity: float
    loss: float


COLUMNS = tuple(field.name for field in fields(Point))


class Means:
    """The means over a meta-step that make its `Point`."""

    def __init__(self) -> None:
        self._losses: list[tuple[float, float, float]] = []
        self._agreed: list[float] = []
        self._learnt: list[float] = []
        self._counts: Tensor | None = None

    def add_loss(self, uniformity: float, loss: float, disagreement: float = nan) -> None:
        """Note a step of the task model."""
        self._losses.append((uniformity, loss, disagreement))

    def add_labels(self, labels: Tensor) -> None:
        """Note labels of the task that is learnt [B, K]."""
        counts = labels.argmax(1).bincount(minlength=labels.shape[1])
        self._counts = counts if self._counts is None else self._counts + counts

    def add_predictions(
        self, before: Sequence[Tensor], labels: Tensor, after: Sequence[Tensor]
    ) -> None:
        """Note what the networks predict for a batch before it is learnt, and for the next."""
        sides = labels.argmax(1)
        self._learnt += [_share(logs, sides) for logs in before]
        self._agreed.append(_share(after[0], after[1].argmax(1)))

    def lost(self) -> Point:
        """Return the point of a meta-step whose networks left the finite: its rest is not made."""
        return Point(inf, nan, nan, nan, nan, nan)

    def point(self, agreed: float | None = None, learnt: float | None = None) -> Point:
        """Return the means; `agreed` and `learnt` are those given, where they are."""
        uniformity, loss, disagreement = np.mean(self._losses, axis=0).tolist()
        return Point(
            disagreement,
            _mean(self._agreed) if agreed is None else agreed,
            _mean(self._learnt) if learnt is None else learnt,
            nan if self._counts is None else float(self._counts.max() / self._counts.sum()),
            uniformity,
            loss,
        )


def diverged(curve: Sequence[Point]) -> int:
    """Return in how many meta-steps a network diverged."""
    return sum(isinf(point.disagreement) for point in curve)


def learning_skill(curve: Sequence[Point]) -> float | None:
    """Return how much better than by the commonest label alone the networks predict their task.

    0 is not at all and 1 is perfect, over the last quarter of the meta-steps with networks. None
    where there are none, or where the task is constant.
    """
    late = [point for point in curve if not isnan(point.learnt)]
    late = late[len(late) - -(-len(late) // LATE) :]
    learnt = _mean([point.learnt for point in late])
    commonest = _mean([point.commonest for point in late])
    if not late or commonest >= CONSTANT:
        return None
    return (learnt - commonest) / (1 - commonest)


def not_learning(curve: Sequence[Point], least: float = SKILL) -> bool:
    """Return whether the networks do not learn their task: what they agree on then says nothing."""
    skill = learning_skill(curve)
    return skill is not None and skill < least


def _share(logs: Tensor, sides: Tensor) -> float:
    return float((logs.argmax(1) == sides).float().mean())


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else nan

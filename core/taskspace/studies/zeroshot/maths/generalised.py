"""Seen and unseen compositions judged together, over all biases towards the unseen ones.

The evaluation of Purushwalkam et al. 2019 (after Chao et al. 2016): classifiers that never saw a
pair underrate it, so a bias is added to the scores of all unseen pairs, and accuracy on seen and on
unseen images is a curve over it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROOM = 1e-4
"""How far a bias is from the one at which a sample changes sides."""

LARGEST_BIAS = 1e3
"""At this one every unseen pair stands before every seen one."""

POINTS = 20
"""About so many points has the curve, beside the one of the largest bias."""

BLOCK = 512
"""Samples whose scores are looked at together."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class GeneralisedCurve:
    """Accuracy on samples of seen and of unseen pairs [B], by bias [B] in ascending order."""

    biases: NDArray[np.float64]
    seen: NDArray[np.float64]
    unseen: NDArray[np.float64]

    @property
    def auc(self) -> float:
        """Return the area under the curve of seen over unseen accuracy, by trapezoids."""
        return float(np.trapezoid(self.seen, self.unseen))

    @property
    def best_seen(self) -> float:
        """Return the best accuracy on seen pairs, at any bias."""
        return float(self.seen.max())

    @property
    def best_unseen(self) -> float:
        """Return the best accuracy on unseen pairs, at any bias."""
        return float(self.unseen.max())

    @property
    def harmonic_mean(self) -> float:
        """Return the best harmonic mean of both accuracies."""
        total = self.seen + self.unseen
        means = np.divide(
            2 * self.seen * self.unseen, total, out=np.zeros_like(total), where=total > 0
        )
        return float(means.max())

    @property
    def geometric_mean(self) -> float:
        """Return the best geometric mean of both, which published code calls harmonic."""
        return float(np.sqrt(self.seen * self.unseen).max())


@dataclass(frozen=True)
class _Sides:
    """What decides each sample, at any bias.

    Attributes:
        own: the score of the true pair. [N]
        ahead: how many pairs of its own side have a larger score. [N]
        rivals: the `k` largest scores of the other side, descending. [N, k]
        level: the k-th largest score of the seen side. [N]
    """

    own: Floats
    ahead: NDArray[np.int64]
    rivals: Floats
    level: Floats


def generalised_curve(
    scores: Floats,
    truth: NDArray[np.int64],
    seen: NDArray[np.bool_],
    candidates: NDArray[np.bool_],
    k: int = 1,
) -> GeneralisedCurve:
    """Return the curve of top-k accuracies over the bias of unseen pairs.

    Scores are compared after the bias was added in 32 bits, as in the public evaluator. A sample is
    right if fewer than k candidates stand before its true pair. Only the k largest scores of a
    side can decide that, so scores are looked at once, whatever the number of biases.

    Args:
        scores: of each sample for each pair [N, P], finite.
        truth: the pair of each sample [N].
        seen: which pairs were trained on [P].
        candidates: which pairs may be predicted [P]; those of the samples are among them.
        k: how many predictions a sample has.

    Raises:
        ValueError: if shapes do not fit together, a score is not finite, a true pair is no
            candidate, there is no sample of a seen or of an unseen pair, or there are fewer than k
            candidates on a side.
    """
    if scores.shape != (len(truth), len(seen)) or candidates.shape != seen.shape:
        raise ValueError(
            f"Found scores of shape {scores.shape} for {len(truth)} samples, {len(seen)} pairs in "
            f"`seen` and {len(candidates)} in `candidates`."
        )
    if len(truth) and not (truth.min() >= 0 and truth.max() < len(seen)):
        raise ValueError(f"True pairs must be from 0 to {len(seen) - 1}.")
    if not candidates[truth].all():
        raise ValueError("The true pair of each sample must be among the candidates.")
    if not np.isfinite(scores).all():
        raise ValueError("Scores must be finite.")
    of_seen = seen[truth]
    if of_seen.all() or not of_seen.any():
        raise ValueError("Samples of seen and of unseen pairs are needed.")
    groups = np.flatnonzero(candidates & seen), np.flatnonzero(candidates & ~seen)
    if min(map(len, groups)) < k:
        raise ValueError(f"There are fewer than {k} candidates on a side.")
    blocks = [
        _sides(scores[rows], truth[rows], of_seen[rows], groups, k)
        for rows in np.array_split(np.arange(len(truth)), -(-len(truth) // BLOCK))
    ]
    sides = _Sides(
        *(np.concatenate([getattr(b, part) for b in blocks]) for part in _Sides.__annotations__)
    )
    biases = _biases(sides, of_seen, k)
    right = np.array([_right(sides, of_seen, bias, k) for bias in biases])
    return GeneralisedCurve(biases, right[:, of_seen].mean(axis=1), right[:, ~of_seen].mean(axis=1))


def _sides(
    scores: Floats,
    truth: NDArray[np.int64],
    of_seen: NDArray[np.bool_],
    groups: tuple[NDArray[np.int64], NDArray[np.int64]],
    k: int,
) -> _Sides:
    own = scores[np.arange(len(truth)), truth]
    seen, unseen = (scores[:, group] for group in groups)
    best_seen, best_unseen = (
        -np.sort(-np.partition(side, side.shape[1] - k, axis=1)[:, -k:], axis=1)
        for side in (seen, unseen)
    )
    larger_seen, larger_unseen = ((side > own[:, None]).sum(axis=1) for side in (seen, unseen))
    ahead = np.where(of_seen, larger_seen, larger_unseen)
    rivals = np.where(of_seen[:, None], best_unseen, best_seen)
    return _Sides(own, ahead, rivals, best_seen[:, -1])


def _biases(sides: _Sides, of_seen: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """Return biases at which unseen samples that can be right become so, and the largest one."""
    possible = ~of_seen & (sides.ahead < k)
    turns = np.sort((sides.level - sides.own)[possible] - np.float32(ROOM))
    step = max(len(turns) // POINTS, 1)
    return np.append(turns[::step].astype(np.float64), LARGEST_BIAS)


def _right(sides: _Sides, of_seen: NDArray[np.bool_], bias: float, k: int) -> NDArray[np.bool_]:
    """Return which samples have fewer than k candidates before their true pair, at a bias, [N]."""
    added = np.float32(bias)
    own = np.where(of_seen, sides.own, sides.own + added)
    rivals = np.where(of_seen[:, None], sides.rivals + added, sides.rivals)
    right: NDArray[np.bool_] = sides.ahead + (rivals > own[:, None]).sum(axis=1) < k
    return right

"""What scores of compositions are worth on test images, of unseen ones alone and of all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from taskspace.components import JSON, Call, Result
from taskspace.errors import CellError
from taskspace.studies.zeroshot.cells.compositions import CompositionTable
from taskspace.studies.zeroshot.cells.features import features_of
from taskspace.studies.zeroshot.maths.generalised import generalised_curve

TOP = (1, 2, 3)
MOST_ROWS = 4096
"""Images that are scored at once."""


def evaluated(
    call: Call, pairs: CompositionTable, score: Callable[[NDArray[np.int64], Tensor], Tensor]
) -> Result:
    """Return what a method is worth on each part that tests.

    The arrays `tests` and `predicted` hold the test images of unseen compositions, and which of
    the unseen ones is predicted.

    Args:
        score: from numbers of samples [n] and their features [n, F], as stored, to scores [n, P].

    Raises:
        CellError: if a score is not finite.
    """
    record: dict[str, JSON] = {}
    arrays = {}
    for phase in pairs.phases:
        rows = pairs.samples(phase)
        scores = scored(call, rows, score)
        unseen = ~pairs.seen[pairs.pair[rows]]
        closed = _closed(scores[unseen], pairs.candidates[phase] & ~pairs.seen)
        truth = pairs.pair[rows]
        record[phase] = {
            "images": {"seen": int((~unseen).sum()), "unseen": int(unseen.sum())},
            **_of_unseen(closed, truth[unseen], pairs),
            **_of_all(scores, truth, pairs, phase),
        }
        if phase == "test":
            arrays = {"tests": rows[unseen], "predicted": closed[:, 0]}
    return Result(record, arrays)


def scored(
    call: Call,
    rows: NDArray[np.int64],
    score: Callable[[NDArray[np.int64], Tensor], Tensor],
) -> NDArray[np.float32]:
    """Return the scores [n, P] of samples, some at a time."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(rows), MOST_ROWS):
            own = rows[start : start + MOST_ROWS]
            found.append(score(own, features_of(call, own).to(call.device)).float().cpu().numpy())
    scores: NDArray[np.float32] = np.concatenate(found)
    if not np.isfinite(scores).all():
        raise CellError(
            "A score of a composition is not finite.",
            where=call.name,
            advice="Lower `learning_rate`, or look for infinite or enormous features.",
        )
    return scores


def _closed(scores: NDArray[np.float32], unseen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the unseen pairs with the largest scores, best first, [n, up to 3]."""
    own = np.flatnonzero(unseen)
    order = np.argsort(-scores[:, own], axis=1, kind="stable")[:, : max(TOP)]
    return own[order]


def _of_unseen(
    closed: NDArray[np.int64], truth: NDArray[np.int64], pairs: CompositionTable
) -> dict[str, JSON]:
    """Return accuracies where only unseen compositions may be predicted, and of each word."""
    right = closed == truth[:, None]
    words = pairs.words[closed[:, 0]] == pairs.words[truth]
    of_pair = [right[truth == pair, 0].mean() for pair in np.unique(truth)]
    return {
        "unseen": [float(right[:, :k].any(axis=1).mean()) for k in TOP],
        "unseen_by_pair": float(np.mean(of_pair)),
        "words": words.mean(axis=0).tolist(),
    }


def _of_all(
    scores: NDArray[np.float32], truth: NDArray[np.int64], pairs: CompositionTable, phase: str
) -> dict[str, JSON]:
    """Return the generalised evaluation; nothing where no image of a side tests."""
    candidates = pairs.candidates[phase]
    side = pairs.seen[truth]
    fewest = min((candidates & pairs.seen).sum(), (candidates & ~pairs.seen).sum())
    if side.all() or not side.any():
        return {"auc": [None] * len(TOP), "curve": None}
    curves = [
        generalised_curve(scores, truth, pairs.seen, candidates, k) if k <= fewest else None
        for k in TOP
    ]
    first = curves[0]
    if first is None:
        return {"auc": [None] * len(TOP), "curve": None}
    return {
        "auc": [None if curve is None else curve.auc for curve in curves],
        "best_seen": first.best_seen,
        "best_unseen": first.best_unseen,
        "harmonic_mean": first.harmonic_mean,
        "geometric_mean": first.geometric_mean,
        "curve": {
            "bias": first.biases.tolist(),
            "seen": first.seen.tolist(),
            "unseen": first.unseen.tolist(),
        },
    }

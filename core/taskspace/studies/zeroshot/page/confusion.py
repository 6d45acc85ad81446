"""Which words, and which compositions, the best method takes for which others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.components.page import Block, Heatmap, Scalar, Table
from taskspace.studies.zeroshot.result.findings import best
from taskspace.studies.zeroshot.result.model import ZeroshotResult

MOST_WORDS = 20
"""Words of a map; of more, those with the most test images."""

MOST_PAIRS = 12
"""Confusions that are listed."""


def confusion_blocks(result: ZeroshotResult, artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    """Return what the best generator, or else classifier, confuses in the first repetition.

    Args:
        result: whose `pairs` name the compositions.
        artifacts: `prediction/truth` and `prediction/by/<method>`, the numbers of compositions of
            test images [n] of unseen ones.
    """
    name = best(result, "generator") or best(result, "classifier")
    truth = artifacts.get("prediction/truth")
    predicted = artifacts.get(f"prediction/by/{name}")
    if name is None or truth is None or predicted is None or not len(truth):
        return []
    answers = Counter(zip(truth.tolist(), predicted.tolist(), strict=True))
    maps = [
        _words(result, name, place, answers) for place in range(len(result.fields)) if result.pairs
    ]
    pairs = _pairs(result, name, answers)
    return [*maps, pairs] if pairs.rows else [*maps]


def _words(
    result: ZeroshotResult, method: str, place: int, answers: Mapping[tuple[int, int], int]
) -> Heatmap:
    """Return how often images of each word are given each word."""
    counts: Counter[tuple[str, str]] = Counter()
    for (own, other), count in answers.items():
        counts[result.pairs[own][place], result.pairs[other][place]] += count
    totals: Counter[str] = Counter()
    for (word, _), count in counts.items():
        totals[word] += count
    words = sorted({word for pair in counts for word in pair})
    kept = set(sorted(words, key=lambda word: -totals[word])[:MOST_WORDS])
    shown = [word for word in words if word in kept]
    field = result.fields[place]
    cut = (
        f" The {MOST_WORDS} of {len(words)} words with the most images."
        if len(words) > MOST_WORDS
        else ""
    )
    return Heatmap(
        f"confused-{field}",
        shown,
        shown,
        [[_share(counts[row, column], totals[row]) for column in shown] for row in shown],
        f"{method}, first repetition: share of the images of each {field} that are given each "
        f"{field}; right answers on the diagonal.{cut}",
        row_title=f"true {field}",
        column_title=f"predicted {field}",
        low=0.0,
        high=1.0,
    )


def _share(count: int, total: int) -> float | None:
    return count / total if total else None


def _pairs(result: ZeroshotResult, method: str, answers: Mapping[tuple[int, int], int]) -> Table:
    """Return the compositions that are taken for another one most often."""
    totals: Counter[int] = Counter()
    for (own, _), count in answers.items():
        totals[own] += count
    wrong = [(pair, count) for pair, count in answers.items() if pair[0] != pair[1]]
    wrong.sort(key=lambda each: (-each[1], each[0]))
    rows: list[Sequence[Scalar]] = [
        (
            " ".join(result.pairs[own]),
            " ".join(result.pairs[other]),
            count,
            f"{100 * count / totals[own]:.0f}",
            _right(result, own, other),
        )
        for (own, other), count in wrong[:MOST_PAIRS]
    ]
    caption = f"{method}, first repetition: the most frequent wrong answers."
    columns = ("composition", "named", "images", "of its images, %", "right")
    return Table("confused-pairs", columns, rows, caption, keys=2)


def _right(result: ZeroshotResult, own: int, other: int) -> str:
    words = zip(result.fields, result.pairs[own], result.pairs[other], strict=True)
    return ", ".join(field for field, one, two in words if one == two) or "no word"

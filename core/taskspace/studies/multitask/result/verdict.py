"""The verdict in words: which schemes are shown to be better than which."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components import Finding
from taskspace.learning.statistics import LEVEL
from taskspace.studies.multitask.plan.state import SEPARATE
from taskspace.studies.multitask.result.contrasts import (
    ALPHA,
    Contrast,
    baseline_of,
    contrasts,
    one_repetition,
)
from taskspace.studies.multitask.result.model import MultitaskResult
from taskspace.studies.multitask.result.tables import largest_summaries, scaled, score_of

COUNTS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def verdict_finding(result: MultitaskResult) -> Finding | None:
    """Return what the comparison shows; None where nothing says which scheme is better."""
    largest = largest_summaries(result)
    if result.score is None or not largest:
        return None
    compared = contrasts(result)
    if not compared:
        return Finding("verdict", "advice", _nothing_compared(result, largest[0].size))
    if one_repetition(compared):
        text = "One repetition cannot show a difference between schemes; set `seeds` to 3 or more."
        return Finding("verdict", "advice", text)
    baseline = baseline_of(result)
    apart = baseline in (compared[0].first, compared[0].second)
    claims = _against(compared, str(baseline)) if apart else _pairwise(compared)
    text = f"Over {_repetitions(compared)} {claims} {_method(len(compared))}"
    return Finding("verdict", "advice", text, tuple(_details(result, compared, largest[0].size)))


def _nothing_compared(result: MultitaskResult, size: int) -> str:
    if len(result.schemes) == 1:
        return "The job has one scheme, so nothing is compared; add `separate` to `schemes`."
    return (
        f"With {size:,} training samples no two schemes have a result of the same repetition, so "
        "nothing is compared."
    )


def _repetitions(compared: Sequence[Contrast]) -> str:
    counts = sorted({each.difference.repetitions for each in compared})
    fewest, most = count_word(counts[0]), count_word(counts[-1])
    return f"{most} repetitions" if fewest == most else f"{fewest} to {most} repetitions"


def _against(compared: Sequence[Contrast], baseline: str) -> str:
    """Return which schemes are better and worse than separate networks, and which undecided."""
    better = [each.first for each in compared if each.winner == each.first]
    worse = [each.first for each in compared if each.winner == each.second]
    undecided = [each.first for each in compared if each.winner is None]
    networks = "separate networks" + ("" if baseline == SEPARATE else f" (`{baseline}`)")
    verb = "is" if len(better) < 2 else "are"
    subject = listed(better) or "no scheme"
    sentences = [f"{subject} {verb} shown to be better than {networks}."]
    if worse:
        sentences.append(f"Shown to be worse: {listed(worse)}.")
    if undecided:
        sentences.append(f"Undecided: {listed(undecided)}.")
    return " ".join(sentences)


def _pairwise(compared: Sequence[Contrast]) -> str:
    """Return which schemes are better than which others."""
    beaten: dict[str, list[str]] = {}
    for each in compared:
        if each.winner is not None:
            beaten.setdefault(each.winner, []).append(each.loser)
    if not beaten:
        return "no scheme is shown to be better than another."
    claims = [f"{name} is shown to be better than {listed(than)}" for name, than in beaten.items()]
    undecided = sum(each.winner is None for each in compared)
    rest = f" Undecided: {undecided} of {len(compared)} pairs." if undecided else ""
    return f"{'; '.join(claims)}.{rest}"


def _method(comparisons: int) -> str:
    if comparisons == 1:
        return f"(Paired t-test at the {100 * ALPHA:.0f} % level.)"
    return (
        f"(Paired t-tests at the {100 * ALPHA:.0f} % level, corrected for {comparisons} "
        "comparisons by Holm's method.)"
    )


def _details(result: MultitaskResult, compared: Sequence[Contrast], size: int) -> list[str]:
    score = score_of(result)
    better = "higher" if result.rising else "lower"
    heading = (
        f"Differences in {score.title} with {size:,} training samples ({better} is better), their "
        f"pointwise {100 * LEVEL:.0f} % intervals, and p values corrected for all comparisons:"
    )
    lines = [heading, *(_line(result, each) for each in compared)]
    edge = [row for row in result.frontier if row.dominated_by is None]
    if len({row.multiply_adds for row in result.frontier}) > 1:
        names = [row.scheme for row in sorted(edge, key=lambda row: float(row.multiply_adds))]
        lines.append(
            f"By the means alone, not dominated in {score.name} and multiply-adds, cheapest first: "
            f"{listed(names)}."
        )
    return lines


def _line(result: MultitaskResult, contrast: Contrast) -> str:
    score = score_of(result)
    mean, low, high, repetitions = contrast.difference
    pair = f"{contrast.first} - {contrast.second}: {_number(scaled(mean, score), score.digits)}"
    if contrast.p_value is None:
        why = "one repetition" if repetitions == 1 else "equal in every repetition"
        return f"{pair}, no interval ({why}): undecided"
    ends = ", ".join(_number(scaled(end, score), score.digits) for end in (low, high))
    outcome = "undecided" if contrast.winner is None else f"{contrast.winner} better"
    return f"{pair} [{ends}], p = {contrast.p_value:.2g}: {outcome}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def count_word(count: int) -> str:
    """Return `three` for 3, and digits beyond ten."""
    return COUNTS[count] if count < len(COUNTS) else f"{count:,}"


def listed(names: Sequence[str]) -> str:
    """Return `a`, `a and b` or `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"

"""The tables that the terminal and the report share."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components.page import Scalar, Table
from taskspace.learning.records import IntervalRecord
from taskspace.studies.discovery.result.model import (
    DiscoveryResult,
    JudgedTask,
    RungRecord,
    SetRecord,
)


def result_tables(result: DiscoveryResult) -> list[Table]:
    """Return all tables, of which some may have no rows."""
    return [ladder_table(result), gain_table(result), split_table(result), frozen_table(result)]


def shown(found: IntervalRecord | None, digits: int = 3) -> str | None:
    """Return `0.612 ± 0.021`, the mean alone without an interval, None without a value."""
    if found is None:
        return None
    mean = f"{found.mean:.{digits}f}"
    if found.high is None:
        return mean
    return f"{mean}\u00a0±\u00a0{found.high - found.mean:.{digits}f}"


def ladder_table(result: DiscoveryResult) -> Table:
    """Return the rungs, highest agreement first."""
    rows: list[Sequence[Scalar]] = [
        (
            rung.name,
            shown(rung.agreement),
            shown(rung.kappa),
            rung.balance,
            _similarity(rung),
        )
        for rung in result.rungs
    ]
    repetitions = max((rung.agreement.repetitions for rung in result.rungs), default=0)
    sizes = dict.fromkeys(f"{rung.tasks} of {rung.classes} classes" for rung in result.rungs)
    return Table(
        "ladder",
        ("labels", "agreement", "kappa", "balance", "similarity"),
        rows,
        f"Tasks of a repetition: {', '.join(sizes)}. agreement: share of test images on which two "
        "networks that learnt a task say the same, mean over tasks and pairs of "
        f"{result.judges} networks; random_labels is the floor. kappa: beyond what the predicted "
        "shares give by chance. balance: the least share of a class in any task. similarity: equal "
        "labels of two tasks under the best naming, the mean over pairs and the most alike; two "
        f"unrelated halves have 0.5. ±: {result.interval}, at most {repetitions}.",
    )


def _similarity(rung: RungRecord) -> str | None:
    """Return `0.52 (0.61)`: the mean over pairs of tasks, and the most alike."""
    if rung.similarity is None or rung.most_similar is None:
        return None
    return f"{rung.similarity.mean:.2f}\u00a0({rung.most_similar:.2f})"


def gain_table(result: DiscoveryResult) -> Table:
    """Return every search beside every control."""
    rows: list[Sequence[Scalar]] = [
        (
            f"{row.search} - {row.control}",
            row.difference.mean,
            row.difference.low,
            row.difference.high,
            row.p,
            row.difference.repetitions,
        )
        for row in result.gains
    ]
    return Table(
        "gains",
        ("difference", "agreement", "low", "high", "p", "repetitions"),
        rows,
        f"Paired by repetition. low, high: pointwise {result.interval}; p: two-sided, corrected "
        f"for {len(rows)} comparisons by Holm's method.",
    )


def split_table(result: DiscoveryResult) -> Table:
    """Return the splits of each target, lowest accuracy first."""
    rows: list[Sequence[Scalar]] = [
        (row.target, row.rule, shown(row.accuracy), shown(row.least), shown(row.learnt))
        for row in result.splits
    ]
    repetitions = max((row.accuracy.repetitions for row in result.splits), default=0)
    counts = dict.fromkeys(f"{row.splits} by {row.rule}" for row in result.splits)
    return Table(
        "splits",
        ("target", "split by", "accuracy", "least", "learnt"),
        rows,
        "Accuracy on one half of a target's images after learning the other; every class is "
        "halved alike, so that the rules differ in which images are where. Splits of a "
        f"repetition: {', '.join(counts)}. least: of these; learnt: on the half that was learnt. "
        f"±: {result.interval}, at most {repetitions}.",
        keys=2,
    )


def frozen_table(result: DiscoveryResult) -> Table:
    """Return what was found on frozen codes, beside k-means."""
    rows: list[Sequence[Scalar]] = []
    for row in result.frozen:
        start, end = (row.name, row.seed), (row.used, row.loss)
        rows += [(*start, each.task, each.accuracy, each.kmeans, *end) for each in row.matches]
        if not row.matches:
            rows.append((*start, None, None, None, *end))
    return Table(
        "frozen",
        ("search", "repetition", "task", "accuracy", "k-means", "classes used", "loss"),
        rows,
        "Classes found without labels. accuracy: share of equal labels with a task's under the "
        "best naming of classes; k-means: the same of clusters of the same codes; - where there is "
        "no task to compare with.",
        keys=2,
    )


def task_table(own: SetRecord) -> Table:
    """Return the tasks of a set."""
    rows: list[Sequence[Scalar]] = [
        (
            task.name,
            _with_ends(task),
            task.kappa,
            task.balance,
            task.accuracy,
            task.fitted,
            _most_like(task),
        )
        for task in own.tasks
    ]
    return Table(
        f"tasks-{own.name}-{own.seed}",
        ("task", "agreement", "kappa", "balance", "accuracy", "fitted", "most like"),
        rows,
        f"{own.name}, repetition {own.seed}. agreement with its 95 % interval over networks and "
        "images. accuracy: of the networks on test images; fitted: on what they learnt. most like: "
        "the job's task whose labels are most alike, and the share of equal labels.",
    )


def _with_ends(task: JudgedTask) -> str:
    if task.low is None or task.high is None:
        return f"{task.agreement:.3f}"
    return f"{task.agreement:.3f}\u00a0[{task.low:.3f},\u00a0{task.high:.3f}]"


def _most_like(task: JudgedTask) -> str | None:
    if not task.matches:
        return None
    return f"{task.matches[0].task}\u00a0{task.matches[0].similarity:.2f}"

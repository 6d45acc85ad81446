"""The tables that the terminal and the report share."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components.page import Scalar, Table
from taskspace.learning.records import IntervalRecord
from taskspace.studies.discovery.result.model import DiscoveryResult, SetRecord


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
            f"{rung.tasks} x {rung.classes}",
            shown(rung.agreement),
            shown(rung.kappa),
            rung.balance,
            shown(rung.similarity, 2),
            rung.most_similar,
        )
        for rung in result.rungs
    ]
    repetitions = max((rung.agreement.repetitions for rung in result.rungs), default=0)
    return Table(
        "ladder",
        ("labels", "tasks", "agreement", "kappa", "balance", "similarity", "most"),
        rows,
        "tasks: how many, of how many classes. agreement: share of test images on which two "
        "networks that learnt a task say the same, mean over tasks and pairs of "
        f"{result.judges} networks; random_labels is the floor. kappa: beyond what the predicted "
        "shares give by chance. balance: the least share of a class in any task. similarity: equal "
        "labels of two tasks under the best naming, the mean over pairs and the most alike; two "
        f"unrelated halves have 0.5. ±: {result.interval}, at most {repetitions}.",
    )


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
        (
            row.target,
            row.rule,
            row.splits,
            shown(row.accuracy),
            shown(row.least),
            shown(row.learnt),
            row.accuracy.repetitions,
        )
        for row in result.splits
    ]
    return Table(
        "splits",
        ("target", "split by", "splits", "accuracy", "least", "learnt", "repetitions"),
        rows,
        "Accuracy on one half of a target's images after learning the other; every class is "
        "halved alike, so that the rules differ in which images are where. least: of the splits "
        f"of a repetition; learnt: on the half that was learnt. ±: {result.interval}.",
        keys=2,
    )


def frozen_table(result: DiscoveryResult) -> Table:
    """Return what was found on frozen codes, beside k-means."""
    rows: list[Sequence[Scalar]] = [
        (row.name, row.seed, match.task, match.accuracy, match.kmeans, row.used, row.loss)
        for row in result.frozen
        for match in row.matches
    ]
    return Table(
        "frozen",
        ("search", "repetition", "task", "accuracy", "k-means", "classes used", "loss"),
        rows,
        "Classes found without labels, compared with a task's labels under the best naming; "
        "k-means on the same codes.",
        keys=2,
    )


def task_table(own: SetRecord) -> Table:
    """Return the tasks of a set."""
    rows: list[Sequence[Scalar]] = []
    for task in own.tasks:
        match = task.matches[0] if task.matches else None
        rows.append(
            (
                task.name,
                task.agreement,
                task.low,
                task.high,
                task.kappa,
                task.balance,
                task.accuracy,
                task.fitted,
                None if match is None else match.task,
                None if match is None else match.similarity,
            )
        )
    return Table(
        f"tasks-{own.name}-{own.seed}",
        (
            "task",
            "agreement",
            "low",
            "high",
            "kappa",
            "balance",
            "accuracy",
            "fitted",
            "most like",
            "similarity",
        ),
        rows,
        f"{own.name}, repetition {own.seed}. low, high: 95 % interval over networks and images. "
        "accuracy: of the networks on test images; fitted: on what they learnt. most like: the "
        "job's task whose labels are most alike.",
    )

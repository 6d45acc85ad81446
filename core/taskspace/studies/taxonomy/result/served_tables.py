"""Tables of what each target gets under each budget, and of images, labels and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskspace.components.page import Scalar, Table
from taskspace.studies.taxonomy.job import SPLITS
from taskspace.studies.taxonomy.result.advice import amount
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import ServedRecord
from taskspace.studies.taxonomy.result.tables import whole

MOST_CLASSES = 8
"""Classes whose labels are counted one by one; of more, the fewest and the most."""


def served_table(result: TaxonomyResult) -> Table:
    """Return what each target gets under each budget, in its own metric, and from where."""
    policies = [policy for policy in result.policies if policy.served]
    budgets = [f"budget {whole(policy.budget)}" for policy in policies]
    rows: dict[str, list[Scalar]] = {}
    for policy in policies:
        for row in policy.served:
            first = [row.target, row.metric_name, row.own, row.constant, row.scratch]
            rows.setdefault(row.target, first).append(_gets(row))
    return Table(
        "served",
        ("target", "metric", "own network", "constant", "scratch", *budgets),
        list(rows.values()),
        "What each target gets on test images under each budget, in its own metric: from which "
        "sources, by its own network (own), or not served, where scratch or the constant is better "
        "than all that is affordable. *: shown to beat both scratch and the constant in "
        f"this metric (p < 0.05, corrected for {len(result.evidence)} claims tested).",
        digits=2,
    )


def _gets(row: ServedRecord) -> str:
    if not row.sources:
        return f"{amount(row.metric)} not served"
    how = "own" if row.own_is_best else " + ".join(row.sources)
    return f"{amount(row.metric)}{'*' if row.shown else ''} {how}"


def label_table(result: TaxonomyResult) -> Table:
    """Return who pays for which labels, and how many there are in each split and class."""
    rows: list[Sequence[Scalar]] = []
    for task in result.tasks:
        if task.labels:
            rows.append(
                (
                    task.name,
                    "the image itself" if task.labels_itself else "labels that you make",
                    whole(float(task.label_cost)),
                    *(task.labels[split].labels for split in SPLITS),
                    _classes(task.labels["train"].classes),
                )
            )
    images = ", ".join(f"{result.images.get(split, 0)} {split}" for split in SPLITS)
    return Table(
        "labels",
        ("task", "labels come from", "cost", *SPLITS, "classes in train"),
        rows,
        f"Images: {images}. Labels of each split, and what the labels of a task cost in units of "
        "the budget. Each task counts by itself, also where several are made from one field "
        "(depth gives normals, occlusion edges and curvature).",
    )


def _classes(counts: Mapping[str, int]) -> str | None:
    if not counts:
        return None
    if len(counts) <= MOST_CLASSES:
        return ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"{len(counts)} classes, {min(counts.values())} to {max(counts.values())} labels each"

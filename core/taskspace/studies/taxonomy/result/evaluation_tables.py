"""The tables of the evaluation: by order, as novel tasks, under other normalisers."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components.page import Scalar, Table
from taskspace.studies.taxonomy.maths.novel import TRANSFER
from taskspace.studies.taxonomy.result.model import NovelRecord, TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import STATISTICS
from taskspace.studies.taxonomy.result.tables import whole, with_interval


def order_table(result: TaxonomyResult) -> Table:
    """Return mean gain and quality of the best transfers of at most each order."""
    rows: list[Sequence[Scalar]] = [
        (
            row.order,
            len(row.transfers),
            *(with_interval(row.by(statistic)) for statistic in STATISTICS),
        )
        for row in result.orders
    ]
    return Table(
        "orders",
        ("order up to", "targets", "mean gain", "mean quality"),
        rows,
        "The transfer of highest affinity into each target, of at most this order and without its "
        "own encoder; means over targets on test images, with 95 % intervals over images.",
    )


def novel_loss_table(novel: NovelRecord) -> Table:
    """Return the mean losses of each novel task's transfer and its rivals, as Fig. 10."""
    names = list(dict.fromkeys(name for row in novel.targets for name in row.losses))
    shown = ["transfer" if name == TRANSFER else name for name in names]
    rows: list[Sequence[Scalar]] = [
        (row.target, " + ".join(row.sources), *(row.losses.get(name) for name in names))
        for row in novel.targets
    ]
    return Table(
        "novel-losses",
        ("target", "best sources", *shown),
        rows,
        "Mean losses on test images, each on its task's own scale. scratch and the readouts learn "
        "from the transfer images alone, supervised from the training images, of which there are "
        "usually many more.",
    )


def normaliser_table(result: TaxonomyResult) -> Table:
    """Return which tasks each normaliser would supervise, and how others differ from the job's."""
    rows: list[Sequence[Scalar]] = []
    names = list(result.normalisers[0].supervised) if result.normalisers else []
    for row in result.normalisers:
        own, *others = (set(row.supervised[name]) for name in names)
        rows.append(
            (whole(row.budget), ", ".join(sorted(own)), *(_difference(own, o) for o in others))
        )
    return Table(
        "normalisers",
        ("budget", *names),
        rows,
        "Which tasks the policy of each normaliser supervises; beside the job's own, what another "
        "would add (+) and leave out (-).",
    )


def _difference(own: set[str], other: set[str]) -> str:
    parts = [f"+{name}" for name in sorted(other - own)]
    parts += [f"-{name}" for name in sorted(own - other)]
    return " ".join(parts) or "the same"

"""The tables that the terminal and the report share, those of the evaluation among them."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components.page import Scalar, Table
from taskspace.studies.taxonomy.maths.novel import TRANSFER
from taskspace.studies.taxonomy.result.model import NovelRecord, TaxonomyResult, TaxonomyTask
from taskspace.studies.taxonomy.result.policy_model import (
    STATISTICS,
    BudgetPolicy,
    MeanRate,
)


def sanity_table(tasks: Sequence[TaxonomyTask]) -> Table:
    """Return how good the task networks are, as Table 1 of the paper."""
    rows: list[Sequence[Scalar]] = []
    for task in tasks:
        metrics, sanity = task.metrics, task.sanity
        if not metrics or not sanity:
            continue
        rows.append(
            (
                task.name,
                task.metric,
                *(metrics.get(kind) for kind in ("supervised", "probe", "constant", "scratch")),
                *(_percent(sanity.get(rival)) for rival in ("probe", "constant")),
            )
        )
    return Table(
        "sanity",
        (
            "task",
            "metric",
            "supervised",
            "random",
            "constant",
            "scratch",
            "% beat random",
            "% beat constant",
        ),
        rows,
        "Task networks on test images; random: a decoder on a random encoder. % beat: the share of "
        "images on which the supervised network's loss is lower.",
    )


def transfer_table(result: TaxonomyResult) -> Table:
    """Return the best transfer into each target."""
    rows: list[Sequence[Scalar]] = []
    seen = set()
    for row in result.transfers:
        if row.supervised or row.target in row.sources or row.target in seen:
            continue
        seen.add(row.target)
        rows.append(
            (
                row.target,
                " + ".join(row.sources),
                row.affinity,
                *(_percent(row.test.by(statistic)) for statistic in STATISTICS),
            )
        )
    return Table(
        "best-transfers",
        ("target", "best sources", "affinity", "gain, %", "quality, %"),
        rows,
        "The transfer of highest affinity into each target; gain and quality on test images.",
    )


def policy_table(result: TaxonomyResult) -> Table:
    """Return the policies by budget, with the null where it was computed."""
    # p against random sources with their best transfers, the harder null.
    null = {row.budget: row.best for row in result.null}
    measured = [s for s in STATISTICS if any(p.by(s).mean is not None for p in result.policies)]
    compared = [s for s in measured if any(best[s].p is not None for best in null.values())]
    pretrained = any(policy.pretrained for policy in result.policies)
    rows: list[Sequence[Scalar]] = []
    for policy in result.policies:
        chance = null.get(policy.budget)
        rows.append(
            (
                whole(policy.budget),
                status_with_gap(policy),
                ", ".join(policy.supervised) or None,
                *([", ".join(policy.pretrained) or None] if pretrained else []),
                policy.objective,
                *marginal_objective(policy),
                *(with_interval(policy.by(statistic)) for statistic in measured),
                *(chance[statistic].p if chance else None for statistic in compared),
            )
        )
    beside = ["pretrained"] if pretrained else []
    marginal = ["per label"] if any(map(marginal_objective, result.policies)) else []
    meanings = {
        "gain": "gain: win rate against training from scratch.",
        "quality": "quality: win rate against the fully supervised network (0.5 where it is that "
        "network).",
    }
    told = [meanings[statistic] for statistic in measured]
    if measured and result.table is None:
        told.append(f"95 % intervals over {over(result)}.")
    if compared:
        told.append(
            "p: against random labels of the same cost, each target served by its best transfer."
        )
    return Table(
        "policies",
        (
            *("budget", "program", "label", *beside, "objective"),
            *marginal,
            *(f"mean {statistic}" for statistic in measured),
            *(f"p {statistic}" for statistic in compared),
        ),
        rows,
        "Which tasks to label under each budget. program: whether its optimum is proven, which "
        "says nothing about the labels. per label: what the objective gains for each unit of "
        + " ".join(["budget beyond the row before.", *told]),
    )


def status_with_gap(policy: BudgetPolicy) -> str:
    """Return the status, with the gap where the policy may not be the best one."""
    if policy.status == "optimal" or policy.gap is None:
        return policy.status
    return f"{policy.status}, gap {100 * policy.gap:.2g} %"


def marginal_objective(policy: BudgetPolicy) -> tuple[float | None, ...]:
    """Return what the objective gains for each unit of budget; nothing for older results."""
    if "marginal" not in policy.model_fields_set:
        return ()
    return (policy.marginal.per_label["objective"] if policy.marginal else None,)


def whole(number: float) -> int | float:
    """Return a number as people write a budget: 2, not 2.000."""
    return int(number) if float(number).is_integer() and abs(number) < 1e15 else number


def with_interval(rate: MeanRate) -> str | None:
    """Return `0.61 [0.58, 0.64]`, the mean alone where it has no interval, None without either."""
    if rate.mean is None or rate.low is None:
        return None if rate.mean is None else f"{rate.mean:.3f}"
    return f"{rate.mean:.2f} [{rate.low:.2f}, {rate.high:.2f}]"


def _percent(interval: Sequence[float] | None) -> int | None:
    return round(100 * interval[0]) if interval else None


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
        "own encoder; means over targets on test images, with 95 % intervals over "
        f"{over(result)}.",
    )


def over(result: TaxonomyResult) -> str:
    """Return what the intervals of a job are over: images, and seeds where there are several."""
    return f"images and {len(result.seeds)} seeds" if len(result.seeds) > 1 else "images"


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

"""Is a pretrained encoder better than the labels that one would buy? Findings and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskspace.components import Finding
from taskspace.components.page import Scalar, Table
from taskspace.studies.taxonomy.result.advice import amount
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import Interval3
from taskspace.studies.taxonomy.result.pretrained_model import (
    PretrainedSourceRecord,
    PretrainedTarget,
    WithAndWithout,
)
from taskspace.studies.taxonomy.result.tables import whole


def untrained_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Warn of sources that are called pretrained and start at random."""
    for source in result.pretrained.sources if result.pretrained else ():
        if source.trained and source.starts_from is None:
            yield Finding(
                "source-untrained",
                "warning",
                f"The source {source.name} starts from random weights: it shows what an untrained "
                f"{source.encoder} is worth, not a pretrained one.",
            )


def unmeasured_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Warn of sources that compete nowhere, because no transfer from them was measured."""
    measured = _measured(result)
    lost = [s.name for s in result.pretrained.sources] if result.pretrained else []
    lost = [name for name in lost if result.transfers and name not in measured]
    if lost:
        yield Finding(
            "source-unmeasured",
            "warning",
            f"Nothing is known of {' and '.join(lost)}: no transfer from there was measured, and "
            "no policy could use any.",
        )


def _measured(result: TaxonomyResult) -> set[str]:
    """Return the sources of at least one transfer that took part in a tournament."""
    return {source for row in result.transfers for source in row.sources}


def pretrained_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Say whether each pretrained source beats what labels bring, and what labels add to it."""
    if result.pretrained is None:
        return
    metrics = {task.name: task.metric.replace("_", " ") for task in result.tasks}
    for source in result.pretrained.sources:
        if source.mean_wins or source.mean_own_wins:
            yield Finding(
                "pretrained-source",
                "advice",
                _against_labelled(source, len(result.seeds)),
                tuple(
                    _target_line(row, metrics[row.target])
                    for row in source.targets
                    if row.wins or row.own_wins
                ),
            )
    measured = _measured(result)
    names = " and ".join(s.name for s in result.pretrained.sources if s.name in measured)
    if result.pretrained.budgets and names:
        yield Finding(
            "labels-beside-pretrained",
            "advice",
            " ".join(_labels_beside(names, result.pretrained.budgets)),
            tuple(_budget_line(row) for row in result.pretrained.budgets),
        )


def _against_labelled(source: PretrainedSourceRecord, seeds: int) -> str:
    start = f" ({source.starts_from})" if source.starts_from else ""
    over = f"images and {seeds} seeds" if seeds > 1 else "images alone"
    rivals = (
        ("the best labelled source", [row.wins for row in source.targets], source.mean_wins),
        ("the target's own network", [r.own_wins for r in source.targets], source.mean_own_wins),
    )
    told = " It ".join(
        f"beats {rival} on {_counted([rate for rate in rates if rate])}: lower loss on "
        f"{_share(mean)} of the test images, mean over targets."
        for rival, rates, mean in rivals
        if mean
    )
    return (
        f"{source.name}{start} {told} Paired 95 % intervals over {over}; shown where a target's "
        "own interval leaves out 50 %."
    )


def _counted(rates: Sequence[Interval3]) -> str:
    """Return `2 of 3 targets (1 shown) and loses on 1 (0 shown)`."""
    better, worse = [r for r in rates if r[0] > 0.5], [r for r in rates if r[0] < 0.5]
    shown = sum(rate[1] > 0.5 for rate in better), sum(rate[2] < 0.5 for rate in worse)
    return (
        f"{len(better)} of {len(rates)} target{'s' if len(rates) > 1 else ''} ({shown[0]} shown) "
        f"and loses on {len(worse)} ({shown[1]} shown)"
    )


def _target_line(row: PretrainedTarget, metric: str) -> str:
    """Return `a: lower loss than from b on 60% ..., than its own network on 80% ...; ...`."""
    rivals = (
        (f"from {row.labelled}", row.wins, row.labelled_metric),
        ("by its own network", row.own_wins, row.own_metric),
    )
    lower = ", ".join(
        f"than {how.removeprefix('by ')} on {_share(wins)}" for how, wins, _ in rivals if wins
    )
    against = ", ".join(f"{amount(value)} {how}" for how, wins, value in rivals if wins)
    return (
        f"{row.target}: lower loss {lower} of the test images; {metric} {amount(row.metric)} "
        f"against {against}"
    )


def _labels_beside(names: str, budgets: Sequence[WithAndWithout]) -> Iterator[str]:
    kept = _by_label([(row.budget, row.labels) for row in budgets])
    dropped = _by_label(
        [(row.budget, [n for n in row.labels_without if n not in row.labels]) for row in budgets]
    )
    if kept:
        added = [rate for row in budgets if (rate := row.gain.added_by_labels)]
        shown = sum(rate[1] > 0 for rate in added)
        yield (
            f"Labels that policies still buy beside {names}: {kept}. These are shown to raise the "
            f"mean gain over buying none at {shown} of {len(budgets)} budgets."
        )
    else:
        yield f"Beside {names}, policies buy no labels."
    if dropped:
        yield f"Only without {names} would they buy: {dropped}."


def _by_label(bought: Sequence[tuple[float, Sequence[str]]]) -> str:
    """Return `a (budgets 1, 2), b (budget 2)`."""
    budgets: dict[str, list[float]] = {}
    for budget, labels in bought:
        for name in labels:
            budgets.setdefault(name, []).append(budget)
    return ", ".join(f"{name}{_listed(found)}" for name, found in budgets.items())


def _listed(budgets: Sequence[float]) -> str:
    named = ", ".join(f"{budget:g}" for budget in budgets)
    return f" (budget{'s' if len(budgets) > 1 else ''} {named})"


def _budget_line(row: WithAndWithout) -> str:
    gain = row.gain
    labels, without = (", ".join(names) or "none" for names in (row.labels, row.labels_without))
    rates = ", ".join(
        f"{what} {rate[0]:.2f}"
        for what, rate in (
            ("both", gain.both),
            ("labels alone", gain.labels),
            ("pretrained alone", gain.pretrained),
        )
        if rate
    )
    return (
        f"Budget {row.budget:g}: labels {labels}; without pretrained sources {without}. Mean gain: "
        f"{rates}; labels add {_added(gain.added_by_labels)}, pretrained sources add "
        f"{_added(gain.added_by_pretrained)}"
    )


def _share(interval: Interval3 | None) -> str:
    if interval is None:
        return "an unknown share"
    share, low, high = interval
    return f"{share:.0%} [{low:.0%}, {high:.0%}]"


def _added(interval: Interval3 | None) -> str:
    if interval is None:
        return "an unknown amount"
    mean, low, high = interval
    return f"{mean:+.2f} [{low:+.2f}, {high:+.2f}]"


def pretrained_table(result: TaxonomyResult) -> Table:
    """Return each pretrained source beside the best labelled one, by target."""
    rows: list[Sequence[Scalar]] = [
        (
            source.name,
            row.target,
            row.labelled,
            _share(row.wins) if row.wins else None,
            row.metric,
            row.labelled_metric,
            _share(row.own_wins) if row.own_wins else None,
            row.own_metric,
        )
        for source in (result.pretrained.sources if result.pretrained else ())
        for row in source.targets
    ]
    return Table(
        "pretrained-sources",
        (
            "source",
            "target",
            "best labelled",
            "lower loss on",
            "metric",
            "metric, labelled",
            "lower than own on",
            "metric, own",
        ),
        rows,
        "Pretrained sources on test images beside the labelled source of highest affinity, both by "
        "first-order transfers (the target's own encoder is not among them), and beside the "
        "target's own network.",
    )


def with_and_without_table(result: TaxonomyResult) -> Table:
    """Return the labels of each budget with pretrained sources and without, and the mean gain."""
    rows: list[Sequence[Scalar]] = [
        (
            whole(row.budget),
            ", ".join(row.labels) or None,
            ", ".join(row.labels_without) or None,
            *(
                f"{rate[0]:.2f} [{rate[1]:.2f}, {rate[2]:.2f}]" if rate else None
                for rate in (row.gain.both, row.gain.labels, row.gain.pretrained)
            ),
            *(_added(rate) for rate in (row.gain.added_by_labels, row.gain.added_by_pretrained)),
        )
        for row in (result.pretrained.budgets if result.pretrained else ())
    ]
    return Table(
        "with-and-without",
        (
            "budget",
            "label",
            "label, without pretrained",
            "mean gain",
            "labels alone",
            "pretrained alone",
            "labels add",
            "pretrained adds",
        ),
        rows,
        "The labels to buy under each budget, beside pretrained sources and without them, and the "
        "mean test gain of both policies and of one that buys no label. Differences are paired by "
        "image and seed, with 95 % intervals.",
    )

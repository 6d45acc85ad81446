"""The report of a taxonomy: what was asked, what was decided and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.components.page import (
    Block,
    Curve,
    Dendrogram,
    Heatmap,
    Page,
    Plot,
    PolicyGraph,
    Section,
    Table,
    Text,
)
from taskspace.learning.missing import missing_blocks
from taskspace.studies.taxonomy.page.evaluation import gain_and_quality, novel_tasks
from taskspace.studies.taxonomy.page.pictures import picture_blocks
from taskspace.studies.taxonomy.page.policies import policy_view
from taskspace.studies.taxonomy.result.adapt import SECONDS, adapt_table
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import STATISTICS, Statistic
from taskspace.studies.taxonomy.result.pretrained_findings import (
    pretrained_table,
    with_and_without_table,
)
from taskspace.studies.taxonomy.result.served_tables import label_table, served_table
from taskspace.studies.taxonomy.result.tables import (
    normaliser_table,
    policy_table,
    sanity_table,
    transfer_table,
)


def taxonomy_page(result: TaxonomyResult, artifacts: Mapping[str, np.ndarray]) -> Page:
    """Return the page of a result; sections without content are left out."""
    sections = [
        Section("Which tasks to label", _policies(result)),
        Section(
            "Pretrained sources",
            _filled([pretrained_table(result), with_and_without_table(result)]),
        ),
        Section("Images, labels and costs", _filled([label_table(result)])),
        Section("Affinities", _affinities(result)),
        Section("Frozen or fine-tuned", _filled([adapt_table(result, artifacts.get(SECONDS))])),
        Section("Predictions", picture_blocks(result, artifacts)),
        Section("Gain and quality", gain_and_quality(result)),
        Section("A new task with few labels", novel_tasks(result.novel)),
        Section("Are the task networks any good?", _sanity(result)),
        Section("Missing", missing_blocks(result.missing)),
    ]
    return Page(
        title=f"Task taxonomy: {result.name}",
        subtitle="Which tasks to label, and which to get by transfer",
        sections=[section for section in sections if section.blocks],
        data=result.as_json(),
    )


def _policies(result: TaxonomyResult) -> list[Block]:
    found, middle = result.decided, result.middle
    if middle is None:
        return []
    blocks: list[Block] = [
        PolicyGraph(
            "policy",
            [policy_view(result, policy) for policy in found],
            sources=sorted({s for p in found for by in p.transfers.values() for s in by}),
            targets=sorted(middle.transfers),
            caption=f"Sources on the left are labelled{_or_pretrained(result)}; each target on the "
            "right is its own supervised network, reads the sources that it is joined to, or is "
            "not served.",
            first=found.index(middle),
        ),
        *_filled([served_table(result), policy_table(result)]),
    ]
    if result.null:
        blocks += _null_plots(result)
    return [*blocks, *_filled([normaliser_table(result)])]


def _null_plots(result: TaxonomyResult) -> list[Block]:
    """Return the plots of what was measured, and what the random policies are."""
    plots: list[Block] = [
        _null_plot(result, statistic)
        for statistic in STATISTICS
        if any(row.best[statistic].mean is not None for row in result.null)
    ]
    note = Text(
        "The null: sets of sources that cost no more than the policy's, and to which nothing can "
        "be added within that cost, drawn uniformly; all of them where they are few. `random` "
        "serves each target by a random admitted transfer, `best` by the best one.",
        tone="note",
    )
    return [*plots, note] if plots else []


def _or_pretrained(result: TaxonomyResult) -> str:
    return " or pretrained" if result.pretrained else ""


def _filled(tables: Sequence[Table]) -> list[Block]:
    return [table for table in tables if table.rows]


def _null_plot(result: TaxonomyResult, statistic: Statistic) -> Plot:
    null = {row.budget: row for row in result.null}
    found = [policy for policy in result.policies if policy.budget in null]
    budgets = [policy.budget for policy in found]
    rates = [policy.by(statistic) for policy in found]
    random = [null[budget].random[statistic] for budget in budgets]
    best = [null[budget].best[statistic] for budget in budgets]
    curves = [
        Curve(
            name,
            budgets,
            [row.mean for row in rows],
            low=[row.low for row in rows],
            high=[row.high for row in rows],
        )
        for name, rows in (
            ("taxonomy", rates),
            ("random sources, random transfers", random),
            ("random sources, best transfers", best),
        )
    ]
    return Plot(
        f"null-{statistic}", curves, "label budget", f"mean {statistic}",
        caption=f"Mean {statistic} by budget, against random policies of the same cost.",
    )  # fmt: skip


def _affinities(result: TaxonomyResult) -> list[Block]:
    rows = [row for row in result.transfers if row.order == 1]
    if not rows:
        return []
    targets = sorted({row.target for row in rows})
    value = {(row.sources[0], row.target): row.affinity for row in rows if not row.supervised}
    sources = sorted({source for source, _ in value})
    best = {t: max((v for (_, u), v in value.items() if u == t), default=1.0) for t in targets}
    matrix = [
        [value[s, t] / best[t] if (s, t) in value else None for t in targets] for s in sources
    ]
    blocks: list[Block] = [
        transfer_table(result),
        Heatmap(
            "affinity",
            sources,
            targets,
            matrix,
            caption="First-order affinities, each column divided by its best (affinities of "
            "different targets are not on one scale). The diagonal is a readout on the target's "
            "own encoder.",
            row_title="source",
            column_title="target",
            low=0.0,
            high=1.0,
        ),
    ]
    if result.similarity:
        blocks.append(
            Dendrogram(
                "similarity",
                result.similarity.leaves,
                result.similarity.merges,
                caption="Tasks that are good for the same targets stand together.",
            )
        )
    return blocks


def _sanity(result: TaxonomyResult) -> list[Block]:
    ranks = Table(
        "own-encoder-rank",
        ("target", "rank of its own encoder", "of"),
        [
            (task.name, rank.rank, rank.of)
            for task in result.tasks
            if (rank := task.own_encoder_rank)
        ],
        "Where a readout on the target's own encoder stands among first-order readouts "
        "(published data: first or second for 18 of 22 targets).",
    )
    return _filled([sanity_table(result.tasks), ranks])

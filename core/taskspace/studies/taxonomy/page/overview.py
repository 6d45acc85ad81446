"""The report of a taxonomy: what was asked, what was decided and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
from taskspace.studies.taxonomy.page.evaluation import gain_and_quality, novel_tasks
from taskspace.studies.taxonomy.page.pictures import picture_blocks
from taskspace.studies.taxonomy.page.policies import policy_view
from taskspace.studies.taxonomy.result.evaluation_tables import normaliser_table
from taskspace.studies.taxonomy.result.served_tables import label_table, served_table
from taskspace.studies.taxonomy.result.tables import (
    policy_table,
    sanity_table,
    transfer_table,
)


def taxonomy_page(result: Mapping[str, Any], artifacts: Mapping[str, np.ndarray]) -> Page:
    """Return the page of a result; sections without content are left out."""
    sections = [
        Section("Which tasks to label", _policies(result)),
        Section("Images, labels and costs", _labels(result)),
        Section("Affinities", _affinities(result)),
        Section("Predictions", picture_blocks(result, artifacts)),
        Section("Gain and quality", gain_and_quality(result)),
        Section("A new task with few labels", novel_tasks(result)),
        Section("Are the task networks any good?", _sanity(result)),
        Section("Missing", _missing(result)),
    ]
    return Page(
        title=f"Task taxonomy: {result['name']}",
        subtitle="Which tasks to label, and which to get by transfer",
        sections=[section for section in sections if section.blocks],
        data=result,
    )


def _policies(result: Mapping[str, Any]) -> list[Block]:
    found = [policy for policy in result["policies"] if policy["transfers"]]
    if not found:
        return []
    best = found[len(found) // 2]
    blocks: list[Block] = [
        PolicyGraph(
            "policy",
            [policy_view(result, policy) for policy in found],
            sources=sorted({s for p in found for by in p["transfers"].values() for s in by}),
            targets=sorted(best["transfers"]),
            caption="Sources on the left are labelled; each target on the right is its own "
            "supervised network, reads the sources that it is joined to, or is not served.",
            first=found.index(best),
        ),
        *(table for table in (_served(result), policy_table(result)) if table.rows),
    ]
    if result.get("null"):
        blocks += [_null_plot(result, name) for name in ("gain", "quality")]
        blocks.append(
            Text(
                "The null: policies drawn uniformly among maximal affordable source sets. `random` "
                "serves each target by a random admitted transfer, `best` by the best one.",
                tone="note",
            )
        )
    if result.get("normalisers"):
        blocks.append(normaliser_table(result))
    return blocks


def _served(result: Mapping[str, Any]) -> Table:
    """Return what each target gets; empty for a table of transfers, which has no metrics."""
    return served_table(result) if "tasks" in result else Table("served", (), ())


def _labels(result: Mapping[str, Any]) -> list[Block]:
    table = label_table(result) if "tasks" in result else Table("labels", (), ())
    return [table] if table.rows else []


def _null_plot(result: Mapping[str, Any], statistic: str) -> Plot:
    null = {row["budget"]: row for row in result["null"]}
    found = [policy for policy in result["policies"] if policy["budget"] in null]
    budgets = [policy["budget"] for policy in found]
    interval = [policy.get(f"{statistic}_interval") for policy in found]
    curves = [
        Curve(
            "taxonomy",
            budgets,
            [policy[f"mean_{statistic}"] for policy in found],
            low=[i[0] if i else None for i in interval],
            high=[i[1] if i else None for i in interval],
        )
    ]
    for serving in ("random", "best"):
        rows = [null[budget][serving][statistic] for budget in budgets]
        curves.append(
            Curve(
                f"random sources, {serving} transfers",
                budgets,
                [row["mean"] for row in rows],
                low=[row["low"] for row in rows],
                high=[row["high"] for row in rows],
            )
        )
    return Plot(
        f"null-{statistic}", curves, "label budget", f"mean {statistic}",
        caption=f"Mean {statistic} by budget, against random policies of the same budget.",
    )  # fmt: skip


def _affinities(result: Mapping[str, Any]) -> list[Block]:
    rows = [row for row in result.get("transfers", ()) if row["order"] == 1]
    if not rows:
        return []
    targets = sorted({row["target"] for row in rows})
    sources = sorted({row["sources"][0] for row in rows if not row["supervised"]})
    value = {
        (row["sources"][0], row["target"]): row["affinity"] for row in rows if not row["supervised"]
    }
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
    tree = result.get("similarity")
    if tree:
        blocks.append(
            Dendrogram(
                "similarity",
                tree["leaves"],
                [(int(a), int(b), float(height)) for a, b, height in tree["merges"]],
                caption="Tasks that are good for the same targets stand together.",
            )
        )
    return blocks


def _sanity(result: Mapping[str, Any]) -> list[Block]:
    table = sanity_table(result.get("tasks", ()))
    ranks = [
        (task["name"], rank["rank"], rank["of"])
        for task in result.get("tasks", ())
        if (rank := task["own_encoder_rank"])
    ]
    blocks: list[Block] = [table] if table.rows else []
    if ranks:
        blocks.append(
            Table(
                "own-encoder-rank",
                ("target", "rank of its own encoder", "of"),
                ranks,
                "Where a readout on the target's own encoder stands among first-order readouts "
                "(published data: first or second for 18 of 22 targets).",
            )
        )
    return blocks


def _missing(result: Mapping[str, Any]) -> list[Block]:
    rows: Sequence[Sequence[str]] = [
        (row["cell"], row["message"]) for row in result.get("missing", ())
    ]
    if not rows:
        return []
    return [Table("missing", ("cell", "why"), rows, "What has no result, and what waited for it.")]

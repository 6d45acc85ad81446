"""The report of a taxonomy: what was asked, what was decided and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from taskspace.components.page import (
    Block,
    Curve,
    Dendrogram,
    Figures,
    Heatmap,
    ImageGrid,
    Page,
    Plot,
    PolicyGraph,
    PolicyView,
    Section,
    Table,
    Text,
)
from taskspace.studies.taxonomy.competitors import SUPERVISED, label
from taskspace.studies.taxonomy.tables import (
    policy_notes,
    policy_table,
    sanity_table,
    transfer_table,
)

PICTURES = 5


def taxonomy_page(result: Mapping[str, Any], artifacts: Mapping[str, np.ndarray]) -> Page:
    """Return the page of a result; sections without content are left out."""
    sections = [
        Section("Which tasks to label", _policies(result)),
        Section("Affinities", _affinities(result)),
        Section("Predictions", _pictures(result, artifacts)),
        Section("Gain and quality", _grids(result)),
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
    reasons: list[Block] = [Text(note, tone="warning") for note in policy_notes(result["policies"])]
    if not found:
        return reasons
    best = found[len(found) // 2]
    where = {
        "test": "on test images that decided nothing",
        "select": "on the images that chose it (in-sample)",
        "table": "as the table says (in-sample)",
    }[best["measured_on"]]
    blocks: list[Block] = [
        Figures(
            [
                (f"budget {best['budget']:g}", ", ".join(best["supervised"]), "the tasks to label"),
                ("mean gain", _share(best["mean_gain"]), f"win rate against scratch, {where}"),
                (
                    "mean quality",
                    _share(best["mean_quality"]),
                    "win rate against full supervision; 50 % is as good",
                ),
            ]
        ),
        PolicyGraph(
            "policy",
            [_view(policy) for policy in found],
            sources=sorted({s for p in found for by in p["transfers"].values() for s in by}),
            targets=sorted(best["transfers"]),
            caption="Sources on the left are labelled; each target on the right is its own "
            "supervised network or reads the sources that it is joined to.",
            first=found.index(best),
        ),
        policy_table(result),
    ]
    if result.get("null"):
        blocks += [_null_plot(result, name) for name in ("gain", "quality")]
        blocks.append(
            Text(
                "The null: policies drawn uniformly among maximal affordable source sets. `random` "
                "serves each target by a random admissible transfer, `best` by the best one.",
                tone="note",
            )
        )
    return blocks + reasons


def _view(policy: Mapping[str, Any]) -> PolicyView:
    gain, quality = policy["mean_gain"], policy["mean_quality"]
    note = f"{policy['status']}; mean gain {_share(gain)}, mean quality {_share(quality)}"
    return PolicyView(f"{policy['budget']:g}", policy["supervised"], policy["transfers"], note)


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


def _grids(result: Mapping[str, Any]) -> list[Block]:
    """Return, as Fig. 9 of the paper, gain and quality by target and budget."""
    rows = {
        (row["target"], label(row["sources"]) if not row["supervised"] else SUPERVISED): row
        for row in result.get("transfers", ())
        if row["test"]
    }
    found = [policy for policy in result["policies"] if policy["transfers"]]
    if not rows or not found:
        return []
    targets = sorted(found[0]["transfers"])
    blocks: list[Block] = []
    for statistic, middle in (("gain", 0.5), ("quality", 0.5)):
        matrix = []
        for target in targets:
            line: list[float | None] = []
            for policy in found:
                sources = policy["transfers"][target]
                name = SUPERVISED if sources == [target] else label(sources)
                row = rows.get((target, name))
                interval = row["test"][statistic] if row else None
                line.append(interval[0] if interval else None)
            matrix.append(line)
        blocks.append(
            Heatmap(
                f"{statistic}-by-budget",
                targets,
                [f"{policy['budget']:g}" for policy in found],
                matrix,
                caption=f"Test {statistic} of each target under each budget's policy.",
                row_title="target",
                column_title="budget",
                low=0.0,
                high=1.0,
                middle=middle,
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


def _pictures(result: Mapping[str, Any], artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    """Return, for each dense target, images with truth and predictions of the middle policy."""
    found = [policy for policy in result["policies"] if policy["transfers"]]
    if not found:
        return []
    policy = found[len(found) // 2]
    blocks: list[Block] = []
    for target, sources in sorted(policy["transfers"].items()):
        name = SUPERVISED if sources == [target] else label(sources)
        kinds = {"input": "input", "truth": "truth", SUPERVISED: "supervised"}
        kinds.setdefault(name, f"transfer from {name}")
        shown = [(title, artifacts.get(f"{target}/{kind}")) for kind, title in kinds.items()]
        rows = [
            (title, [_picture(array[i]) for i in range(min(PICTURES, len(array)))])
            for title, array in shown
            if array is not None
        ]
        if len(rows) > 2:
            blocks.append(
                ImageGrid(
                    f"pictures-{target}",
                    [f"test image {i + 1}" for i in range(len(rows[0][1]))],
                    rows,
                    caption=f"{target} under the policy of budget {policy['budget']:g}",
                )
            )
    return blocks


def _picture(array: np.ndarray) -> np.ndarray:
    """Return [C, H, W] as [H, W] or [H, W, 3] in [0, 1]; what is not a number is black."""
    image = np.nan_to_num(np.clip(array, 0.0, 1.0)).astype(np.float32)
    return image[0] if len(image) != 3 else np.moveaxis(image, 0, -1)


def _missing(result: Mapping[str, Any]) -> list[Block]:
    rows: Sequence[Sequence[str]] = [
        (row["cell"], row["message"]) for row in result.get("missing", ())
    ]
    if not rows:
        return []
    return [Table("missing", ("cell", "why"), rows, "What has no result, and what waited for it.")]


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{100 * value:.0f} %"
